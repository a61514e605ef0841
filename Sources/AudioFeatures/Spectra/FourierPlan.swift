// FFTW behind a type: a plan is made once for every size and executed from any thread.

import CFFTW
import Synchronization

/// In how many bits a spectrum is computed; samples and energies are single precision always.
///
/// Bands that are 100 dB and more below the loudest differ by whole units otherwise.
public enum TransformPrecision: Sendable, Hashable {
    /// 24 bits, as PyTorch computes it.
    case single
    /// The transform in 53 bits, everything before and after it in 24, as kaldi-native-fbank computes it.
    case double
    /// Everything from the samples to their energies in 53 bits, as librosa and transformers' NumPy code compute it.
    case doubleThroughout
}

/// The real-to-complex Fourier transform of one size, and the power spectra that come of it.
///
/// FFTW's real transforms use little of the processor's SIMD units, its complex ones all of them. So a frame in single
/// precision is transformed as half as many complex numbers, and frames in double precision two at a time; the
/// spectra are then told apart (`SpectrumSeparation.swift`). That takes 0.6 and 0.7 of the time of `r2c` plans. Two
/// frames at a time in single precision would be faster still, but the rounding of a loud frame would show in a quiet
/// one beside it. Batches of transforms (`plan_many`) took as long as single ones at best, with spectra side by side
/// 1.3 to 2.7 times as long.
///
/// Made with FFTW_ESTIMATE: measured plans save a tenth, but they may differ from run to run, which would change the
/// last bits of the features.
///
/// `@unchecked Sendable`: executing a plan on caller's arrays is documented as thread-safe; making plans is not, and
/// happens under a lock. Plans live as long as the program.
final class FourierPlan: @unchecked Sendable {
    /// Frames that are transformed together.
    static let lanes = 8

    /// How real frames become complex transforms.
    enum Packing: Hashable {
        /// A real transform of every frame, in single precision: the plain way.
        case none
        /// A complex transform of half the size of every frame, in single precision.
        case halves
        /// A complex transform of every two frames, in double precision.
        case pairs
    }

    let size: Int
    let packing: Packing
    private let plan: OpaquePointer
    /// e^(-2πik/n), real and imaginary parts, for the separation of halves.
    private let turns: (re: [Float], im: [Float])

    private struct Key: Hashable {
        let size: Int
        let packing: Packing
    }

    private static let plans = Mutex<[Key: FourierPlan]>([:])

    /// The one plan of this size and precision.
    static func of(size: Int, _ precision: TransformPrecision = .single) -> FourierPlan {
        switch precision {
        case .single: of(size: size, size >= 16 && size.isMultiple(of: 2) ? .halves : .none)
        case .double, .doubleThroughout: of(size: size, .pairs)
        }
    }

    /// The one plan of this size and packing.
    static func of(size: Int, _ packing: Packing) -> FourierPlan {
        plans.withLock { plans in
            let key = Key(size: size, packing: packing)
            if let plan = plans[key] { return plan }
            let plan = FourierPlan(size: size, packing)
            plans[key] = plan
            return plan
        }
    }

    /// Called under the lock of `plans`, which also guards FFTW's planner.
    private init(size: Int, _ packing: Packing) {
        precondition(size > 1 && size <= 1 << 20, "a transform of \(size) samples is not of this world")
        precondition(packing != .halves || size >= 16 && size.isMultiple(of: 2), "\(size) samples have no halves")
        self.size = size
        self.packing = packing
        turns = packing == .halves ? turningFactors(size) : ([], [])
        // An estimated plan looks at its arrays' alignment only; they need not outlive the planning.
        let scratch = FourierScratch(size: size, samples: size, packing)
        plan =
            switch scratch.output {
            case .single(let output):
                if packing == .none {
                    fftwf_plan_dft_r2c_1d(Int32(size), scratch.input(of: 0), output, FFTW_ESTIMATE)!
                } else {
                    scratch.input(of: 0).withMemoryRebound(to: fftwf_complex.self, capacity: size / 2) {
                        fftwf_plan_dft_1d(Int32(size / 2), $0, output, FFTW_FORWARD, FFTW_ESTIMATE)!
                    }
                }
            case .double(let input, let output):
                fftw_plan_dft_1d(Int32(size), input, output, FFTW_FORWARD, FFTW_ESTIMATE)!
            }
    }

    /// `scratch.input [lanes, stride] -> power [size / 2 + 1, 8]`: |X|² of some frames side by side, not normalised.
    ///
    /// The input is ``inputScale`` times the samples. Columns without a frame hold anything afterwards.
    func writePower(of scratch: FourierScratch, lanes: Int, into power: UnsafeMutablePointer<SIMD8<Float>>) {
        precondition(scratch.size == size && scratch.packing == packing && lanes <= Self.lanes)
        let target = UnsafeMutableRawPointer(power).assumingMemoryBound(to: Float.self)
        switch scratch.output {
        case .single(let output) where packing == .none:
            for lane in 0..<lanes {
                fftwf_execute_dft_r2c(plan, scratch.input(of: lane), output)
                for bin in 0..<size / 2 + 1 {
                    let (re, im) = output[bin]
                    target[Self.lanes * bin + lane] = re * re + im * im
                }
            }
        case .single(let output):
            let count = scratch.halfStride
            turns.re.withUnsafeBufferPointer { re in
                turns.im.withUnsafeBufferPointer { im in
                    for lane in 0..<lanes {
                        let frame = UnsafeMutableRawPointer(scratch.input(of: lane))
                        fftwf_execute_dft(plan, frame.assumingMemoryBound(to: fftwf_complex.self), output)
                        output[size / 2] = output[0]
                        separate(
                            output, half: size / 2, (re.baseAddress!, im.baseAddress!), count: count,
                            rising: scratch.rising + lane * count, falling: scratch.falling + lane * count)
                    }
                }
            }
            // The numbers in the middle are in both.
            transpose(scratch.rising, count: count, into: target, step: Self.lanes)
            transpose(scratch.falling, count: count, into: target + Self.lanes * (size / 2), step: -Self.lanes)
        case .double(let input, let output):
            for lane in stride(from: 0, to: lanes, by: 2) {
                // A frame without a fellow is its own: what is left from earlier frames would show in its last bits.
                let fellow = lane + 1 < lanes ? lane + 1 : lane
                interleave(
                    scratch.input(of: lane), scratch.input(of: fellow), count: scratch.samples, into: input)
                fftw_execute_dft(plan, input, output)
                output[size] = output[0]
                writePowerOfPair(output, size: size, into: target + lane)
            }
        }
    }

    /// `scratch.pair [size] -> power [size / 2 + 1, 8]`, the columns `lane` and the one after it.
    func writePower(ofPairIn scratch: FourierScratch, lane: Int, into power: UnsafeMutablePointer<SIMD8<Float>>) {
        guard case .double(let input, let output) = scratch.output else {
            preconditionFailure("a plan of pairs")
        }
        fftw_execute_dft(plan, input, output)
        output[size] = output[0]
        let target = UnsafeMutableRawPointer(power).assumingMemoryBound(to: Float.self)
        writeExactPowerOfPair(output, size: size, into: target + lane)
    }

    /// What samples have to be multiplied by before they come here: telling spectra apart doubles them.
    var inputScale: Float { packing == .none ? 1 : 0.5 }
}

/// Inputs of eight transforms and room for their outputs, aligned as FFTW's SIMD code wants them.
///
/// Eight frames are prepared before the first is transformed: one after the other, each transform would wait for
/// samples that are still on their way to memory, and all together take a tenth longer.
final class FourierScratch {
    let size: Int
    let packing: FourierPlan.Packing
    /// Samples of a frame; the rest of a transform's size stays silent.
    let samples: Int
    /// Floats from one frame to the next in `input`.
    private let stride: Int
    /// The samples `[lanes, stride]`.
    private let input: UnsafeMutablePointer<Float>
    /// |2X|² of frames' lower and upper halves `[lanes, halfStride]`, told apart but not yet side by side.
    fileprivate let rising: UnsafeMutablePointer<Float>
    fileprivate let falling: UnsafeMutablePointer<Float>
    fileprivate let halfStride: Int
    /// Where spectra go, with room for one number more each.
    fileprivate let output: Output

    fileprivate enum Output {
        /// A real transform's spectrum, or that of two halves.
        case single(UnsafeMutablePointer<fftwf_complex>)
        /// A pair of frames, and its spectrum.
        case double(input: UnsafeMutablePointer<fftw_complex>, output: UnsafeMutablePointer<fftw_complex>)
    }

    init(size: Int, samples: Int, _ packing: FourierPlan.Packing) {
        precondition(samples <= size, "a frame is no longer than its transform")
        self.size = size
        self.samples = samples
        self.packing = packing
        // Not a power of two, which frames would share few lines of the cache by.
        stride = (size + 16) & ~15
        halfStride = packing == .halves ? (size / 4 + 1 + 3) & ~3 : 0
        rising = fftwf_alloc_real(max(1, FourierPlan.lanes * halfStride))!
        rising.initialize(repeating: 0, count: FourierPlan.lanes * halfStride)
        falling = fftwf_alloc_real(max(1, FourierPlan.lanes * halfStride))!
        falling.initialize(repeating: 0, count: FourierPlan.lanes * halfStride)
        input = fftwf_alloc_real(FourierPlan.lanes * stride)!
        input.initialize(repeating: 0, count: FourierPlan.lanes * stride)
        switch packing {
        case .none, .halves: output = .single(fftwf_alloc_complex(size / 2 + 1)!)
        case .pairs:
            let pair = fftw_alloc_complex(size)!
            pair.initialize(repeating: (0, 0), count: size)
            output = .double(input: pair, output: fftw_alloc_complex(size + 1)!)
        }
    }

    /// Two frames as complex numbers, for those who prepare them in double precision.
    var pair: UnsafeMutablePointer<(Double, Double)> {
        guard case .double(let input, _) = output else { preconditionFailure("a plan of pairs") }
        return input
    }

    /// Where the samples of a frame are to be put.
    func input(of lane: Int) -> UnsafeMutablePointer<Float> { input + lane * stride }

    deinit {
        fftwf_free(input)
        fftwf_free(rising)
        fftwf_free(falling)
        switch output {
        case .single(let output): fftwf_free(output)
        case .double(let input, let output):
            fftw_free(input)
            fftw_free(output)
        }
    }
}

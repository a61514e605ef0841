// FFTW behind a type: a plan is made once for every size and executed from any thread.

import CFFTW
import Synchronization

/// In how many bits a transform is computed; its input and its result are single precision either way.
public enum TransformPrecision: Sendable, Hashable {
    /// 24 bits, as PyTorch and librosa compute it.
    case single
    /// 53 bits, as kaldi-native-fbank computes it: bands far below the loudest differ by whole units otherwise.
    case double
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
        case .double: of(size: size, .pairs)
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
        let scratch = FourierScratch(size: size, packing)
        plan =
            switch scratch.output {
            case .single(let output):
                if packing == .none {
                    fftwf_plan_dft_r2c_1d(Int32(size), scratch.input, output, FFTW_ESTIMATE)!
                } else {
                    scratch.input.withMemoryRebound(to: fftwf_complex.self, capacity: size / 2) {
                        fftwf_plan_dft_1d(Int32(size / 2), $0, output, FFTW_FORWARD, FFTW_ESTIMATE)!
                    }
                }
            case .double(let input, let output):
                fftw_plan_dft_1d(Int32(size), input, output, FFTW_FORWARD, FFTW_ESTIMATE)!
            }
    }

    /// `input [lanes, stride] -> power [size / 2 + 1, 8]`: |X|² of some frames side by side, not normalised.
    ///
    /// The input is what ``inputScale`` times the samples are.
    func writePower(of scratch: FourierScratch, lanes: Int, into power: UnsafeMutablePointer<SIMD8<Float>>) {
        precondition(scratch.size == size && scratch.packing == packing && lanes <= Self.lanes)
        let target = UnsafeMutableRawPointer(power).assumingMemoryBound(to: Float.self)
        switch scratch.output {
        case .single(let output) where packing == .none:
            let bins = size / 2 + 1
            for lane in 0..<lanes {
                fftwf_execute_dft_r2c(plan, scratch.input + lane * scratch.stride, output)
                let spectrum = UnsafeRawPointer(output).assumingMemoryBound(to: Float.self)
                let column = target + lane
                for bin in 0..<bins {
                    let (re, im) = (spectrum[2 * bin], spectrum[2 * bin + 1])
                    column[Self.lanes * bin] = re * re + im * im
                }
            }
        case .single(let output):
            let half = size / 2
            let count = scratch.halfStride
            turns.re.withUnsafeBufferPointer { re in
                turns.im.withUnsafeBufferPointer { im in
                    for lane in 0..<lanes {
                        let frame = UnsafeMutableRawPointer(scratch.input + lane * scratch.stride)
                        fftwf_execute_dft(plan, frame.assumingMemoryBound(to: fftwf_complex.self), output)
                        output[half] = output[0]
                        separate(
                            output, half: half, (re.baseAddress!, im.baseAddress!), count: count,
                            rising: scratch.rising + lane * count, falling: scratch.falling + lane * count)
                    }
                }
            }
            // The numbers in the middle are in both; lanes that are not there hold what was there before.
            transpose(scratch.rising, count: count, into: target, step: Self.lanes)
            transpose(scratch.falling, count: count, into: target + Self.lanes * half, step: -Self.lanes)
        case .double(let input, let output):
            for lane in stride(from: 0, to: lanes, by: 2) {
                let first = scratch.input + lane * scratch.stride
                // A frame without a fellow is its own: what is left from earlier frames would show in its last bits.
                let second = lane + 1 < lanes ? first + scratch.stride : first
                interleave(first, second, count: size, into: input)
                fftw_execute_dft(plan, input, output)
                output[size] = output[0]
                writePowerOfPair(output, size: size, into: target + lane)
            }
        }
    }

    /// What samples have to be multiplied by before they come here: telling spectra apart doubles them.
    var inputScale: Float { packing == .none ? 1 : 0.5 }
}

/// Inputs of eight transforms and room for their outputs, aligned as FFTW's SIMD code wants them.
final class FourierScratch {
    let size: Int
    let packing: FourierPlan.Packing
    /// Floats from one frame to the next in `input`; a multiple of sixteen bytes.
    let stride: Int
    /// The samples `[lanes, stride]`.
    let input: UnsafeMutablePointer<Float>
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

    init(size: Int, _ packing: FourierPlan.Packing) {
        self.size = size
        self.packing = packing
        stride = (size + 15) & ~15
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

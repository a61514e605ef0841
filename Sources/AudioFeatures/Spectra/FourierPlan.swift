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
/// Made with FFTW_ESTIMATE: measured plans are no faster at Whisper's 400 samples, and they may differ from run to run,
/// which would change the last bits of the features. Frames are transformed one by one: FFTW's batches took 1.1 times
/// as long with spectra one after the other, and 2.7 times with them side by side.
///
/// `@unchecked Sendable`: executing a plan on caller's arrays is documented as thread-safe; making plans is not, and
/// happens under a lock. Plans live as long as the program.
final class FourierPlan: @unchecked Sendable {
    /// Frames that are transformed together.
    static let lanes = 8

    let size: Int
    let precision: TransformPrecision
    private let plan: OpaquePointer

    private struct Key: Hashable {
        let size: Int
        let precision: TransformPrecision
    }

    private static let plans = Mutex<[Key: FourierPlan]>([:])

    /// The one plan of this size and precision.
    static func of(size: Int, _ precision: TransformPrecision = .single) -> FourierPlan {
        plans.withLock { plans in
            let key = Key(size: size, precision: precision)
            if let plan = plans[key] { return plan }
            let plan = FourierPlan(size: size, precision)
            plans[key] = plan
            return plan
        }
    }

    /// Called under the lock of `plans`, which also guards FFTW's planner.
    private init(size: Int, _ precision: TransformPrecision) {
        precondition(size > 1 && size <= 1 << 20, "a transform of \(size) samples is not of this world")
        self.size = size
        self.precision = precision
        // An estimated plan looks at its arrays' alignment only; they need not outlive the planning.
        let scratch = FourierScratch(size: size, precision)
        plan =
            switch scratch.output {
            case .single(let output): fftwf_plan_dft_r2c_1d(Int32(size), scratch.input, output, FFTW_ESTIMATE)!
            case .double(let input, let output): fftw_plan_dft_r2c_1d(Int32(size), input, output, FFTW_ESTIMATE)!
            }
    }

    /// `input [lanes, stride] -> power [size / 2 + 1, 8]`: |X|² of some frames side by side, not normalised.
    func writePower(of scratch: FourierScratch, lanes: Int, into power: UnsafeMutablePointer<SIMD8<Float>>) {
        precondition(scratch.size == size && scratch.precision == precision && lanes <= Self.lanes)
        let bins = size / 2 + 1
        let target = UnsafeMutableRawPointer(power).assumingMemoryBound(to: Float.self)
        for lane in 0..<lanes {
            let frame = scratch.input + lane * scratch.stride
            let column = target + lane
            switch scratch.output {
            case .single(let output):
                fftwf_execute_dft_r2c(plan, frame, output)
                let spectrum = UnsafeRawPointer(output).assumingMemoryBound(to: Float.self)
                for bin in 0..<bins {
                    let (re, im) = (spectrum[2 * bin], spectrum[2 * bin + 1])
                    column[Self.lanes * bin] = re * re + im * im
                }
            case .double(let input, let output):
                for i in 0..<size { input[i] = Double(frame[i]) }
                fftw_execute_dft_r2c(plan, input, output)
                let spectrum = UnsafeRawPointer(output).assumingMemoryBound(to: Double.self)
                for bin in 0..<bins {
                    // Kaldi rounds the spectrum before it squares it.
                    let (re, im) = (Float(spectrum[2 * bin]), Float(spectrum[2 * bin + 1]))
                    column[Self.lanes * bin] = re * re + im * im
                }
            }
        }
    }
}

/// Inputs of eight transforms and the output of one, aligned as FFTW's SIMD code wants them.
final class FourierScratch {
    let size: Int
    let precision: TransformPrecision
    /// Floats from one frame to the next in `input`.
    let stride: Int
    /// The samples `[lanes, stride]`.
    let input: UnsafeMutablePointer<Float>
    /// Where a spectrum goes, `[size / 2 + 1]`, by way of a wider input where precision asks for it.
    fileprivate let output: Output

    fileprivate enum Output {
        case single(UnsafeMutablePointer<fftwf_complex>)
        case double(input: UnsafeMutablePointer<Double>, output: UnsafeMutablePointer<fftw_complex>)
    }

    init(size: Int, _ precision: TransformPrecision = .single) {
        self.size = size
        self.precision = precision
        stride = (size + 7) & ~7
        let (inputs, bins) = (FourierPlan.lanes * stride, size / 2 + 1)
        input = fftwf_alloc_real(inputs)!
        input.initialize(repeating: 0, count: inputs)
        switch precision {
        case .single: output = .single(fftwf_alloc_complex(bins)!)
        case .double:
            let wide = fftw_alloc_real(size)!
            wide.initialize(repeating: 0, count: size)
            output = .double(input: wide, output: fftw_alloc_complex(bins)!)
        }
    }

    deinit {
        fftwf_free(input)
        switch output {
        case .single(let output): fftwf_free(output)
        case .double(let input, let output):
            fftw_free(input)
            fftw_free(output)
        }
    }
}

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

/// The real-to-complex Fourier transform of eight frames of one size.
///
/// Made with FFTW_ESTIMATE: measured plans are no faster at Whisper's 400 samples, and they may differ from run to run,
/// which would change the last bits of the features.
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
        let (lanes, n, stride) = (Int32(Self.lanes), Int32(size), Int32(scratch.stride))
        if let wide = scratch.wide {
            var length = fftw_iodim(n: n, is: 1, os: lanes)
            var batch = fftw_iodim(n: lanes, is: stride, os: 1)
            plan = fftw_plan_guru_split_dft_r2c(
                1, &length, 1, &batch, wide.input, wide.real, wide.imaginary, FFTW_ESTIMATE)!
        } else {
            var length = fftwf_iodim(n: n, is: 1, os: lanes)
            var batch = fftwf_iodim(n: lanes, is: stride, os: 1)
            plan = fftwf_plan_guru_split_dft_r2c(
                1, &length, 1, &batch, scratch.input, scratch.real, scratch.imaginary, FFTW_ESTIMATE)!
        }
    }

    /// `input [lanes, stride] -> real, imaginary [size / 2 + 1, lanes]`, not normalised.
    func execute(on scratch: FourierScratch) {
        precondition(scratch.size == size && (scratch.wide != nil) == (precision == .double))
        guard let wide = scratch.wide else {
            fftwf_execute_split_dft_r2c(plan, scratch.input, scratch.real, scratch.imaginary)
            return
        }
        for i in 0..<Self.lanes * scratch.stride { wide.input[i] = Double(scratch.input[i]) }
        fftw_execute_split_dft_r2c(plan, wide.input, wide.real, wide.imaginary)
        // Both parts lie in one block.
        for i in 0..<2 * Self.lanes * scratch.bins { scratch.real[i] = Float(wide.real[i]) }
    }
}

/// Inputs and outputs of eight transforms, aligned as FFTW's SIMD code wants them.
///
/// The spectra lie bin by bin with the eight frames side by side, so that what follows works on whole vectors.
final class FourierScratch {
    let size: Int
    /// Floats from one frame to the next in `input`.
    let stride: Int
    /// Bins of a spectrum.
    let bins: Int
    /// The samples `[lanes, stride]`.
    let input: UnsafeMutablePointer<Float>
    /// The real parts `[bins, lanes]`, the imaginary ones right after them.
    let real: UnsafeMutablePointer<Float>
    /// The imaginary parts `[bins, lanes]`.
    let imaginary: UnsafeMutablePointer<Float>
    /// The same in double precision, where the transform needs it.
    let wide: Wide?

    /// Arrays of a transform in double precision.
    struct Wide {
        let input, real, imaginary: UnsafeMutablePointer<Double>
    }

    init(size: Int, _ precision: TransformPrecision = .single) {
        self.size = size
        stride = (size + 7) & ~7
        bins = size / 2 + 1
        let (inputs, outputs) = (FourierPlan.lanes * stride, FourierPlan.lanes * bins)
        input = fftwf_alloc_real(inputs)!
        input.initialize(repeating: 0, count: inputs)
        // In one block: a plan of split arrays counts on the distance between them.
        real = fftwf_alloc_real(2 * outputs)!
        real.initialize(repeating: 0, count: 2 * outputs)
        imaginary = real + outputs
        if precision == .double {
            let (input, output) = (fftw_alloc_real(inputs)!, fftw_alloc_real(2 * outputs)!)
            input.initialize(repeating: 0, count: inputs)
            output.initialize(repeating: 0, count: 2 * outputs)
            wide = Wide(input: input, real: output, imaginary: output + outputs)
        } else {
            wide = nil
        }
    }

    deinit {
        fftwf_free(input)
        fftwf_free(real)
        if let wide {
            fftw_free(wide.input)
            fftw_free(wide.real)
        }
    }
}

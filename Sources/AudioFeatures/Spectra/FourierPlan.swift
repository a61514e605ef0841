// FFTW behind a type: a plan is made once for every size and executed from any thread.

import CFFTW
import Synchronization

/// The real-to-complex Fourier transform of eight frames of one size, in single precision.
///
/// Made with FFTW_ESTIMATE: measured plans are no faster at Whisper's 400 samples, and they may differ from run to run,
/// which would change the last bits of the features.
///
/// `@unchecked Sendable`: executing a plan on caller's arrays is documented as thread-safe; making and destroying
/// plans is not, and happens under a lock.
final class FourierPlan: @unchecked Sendable {
    /// Frames that are transformed together.
    static let lanes = 8

    let size: Int
    private let plan: fftwf_plan

    private static let plans = Mutex<[Int: FourierPlan]>([:])

    /// The one plan of this size.
    static func of(size: Int) -> FourierPlan {
        plans.withLock { plans in
            if let plan = plans[size] { return plan }
            let plan = FourierPlan(size: size)
            plans[size] = plan
            return plan
        }
    }

    /// Called under the lock of `plans`, which also guards FFTW's planner.
    private init(size: Int) {
        precondition(size > 1 && size <= 1 << 20, "a transform of \(size) samples is not of this world")
        self.size = size
        // An estimated plan looks at its arrays' alignment only; they need not outlive the planning.
        let scratch = FourierScratch(size: size)
        var length = fftwf_iodim(n: Int32(size), is: 1, os: Int32(Self.lanes))
        var batch = fftwf_iodim(n: Int32(Self.lanes), is: Int32(scratch.stride), os: 1)
        plan = fftwf_plan_guru_split_dft_r2c(
            1, &length, 1, &batch, scratch.input, scratch.real, scratch.imaginary, FFTW_ESTIMATE)!
    }

    deinit {
        Self.plans.withLock { _ in fftwf_destroy_plan(plan) }
    }

    /// `input [lanes, stride] -> real, imaginary [size / 2 + 1, lanes]`, not normalised.
    func execute(on scratch: FourierScratch) {
        precondition(scratch.size == size)
        fftwf_execute_split_dft_r2c(plan, scratch.input, scratch.real, scratch.imaginary)
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
    /// The real parts `[bins, lanes]`.
    let real: UnsafeMutablePointer<Float>
    /// The imaginary parts `[bins, lanes]`.
    let imaginary: UnsafeMutablePointer<Float>

    init(size: Int) {
        self.size = size
        stride = (size + 7) & ~7
        bins = size / 2 + 1
        input = Self.zeros(FourierPlan.lanes * stride)
        // In one block: a plan of split arrays counts on the distance between them.
        real = Self.zeros(2 * FourierPlan.lanes * bins)
        imaginary = real + FourierPlan.lanes * bins
    }

    deinit {
        fftwf_free(input)
        fftwf_free(real)
    }

    private static func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
        let pointer = fftwf_alloc_real(count)!
        pointer.initialize(repeating: 0, count: count)
        return pointer
    }
}

// FFTW behind a type: a plan is made once and executed from any thread.

import CFFTW
import Synchronization

/// The real-to-complex Fourier transform of one size, in single precision.
///
/// Made with FFTW_ESTIMATE: measured plans are no faster at Whisper's 400 samples (0.64 ms for 3,000 transforms either
/// way), and they may differ from run to run, which would change the last bits of the features.
///
/// `@unchecked Sendable`: executing a plan on caller's arrays is documented as thread-safe; making and destroying
/// plans is not, and happens under a lock.
final class FourierPlan: @unchecked Sendable {
    let size: Int
    private let plan: fftwf_plan

    private static let planning = Mutex(())

    init(size: Int) {
        precondition(size > 0 && size <= 1 << 20, "a transform of \(size) samples is not of this world")
        self.size = size
        plan = Self.planning.withLock { _ in
            // An estimated plan looks at its arrays' alignment only; they need not outlive the planning.
            let scratch = FourierScratch(size: size)
            return fftwf_plan_dft_r2c_1d(Int32(size), scratch.input, scratch.complexOutput, FFTW_ESTIMATE)!
        }
    }

    deinit {
        Self.planning.withLock { _ in fftwf_destroy_plan(plan) }
    }

    /// `input [size] -> output [size / 2 + 1, 2]` (real, imaginary), not normalised.
    func execute(on scratch: FourierScratch) {
        precondition(scratch.size == size)
        fftwf_execute_dft_r2c(plan, scratch.input, scratch.complexOutput)
    }
}

/// Input and output of a transform, aligned as FFTW's SIMD code wants them.
final class FourierScratch {
    let size: Int
    /// The samples `[size]`.
    let input: UnsafeMutablePointer<Float>
    /// The spectrum `[size / 2 + 1, 2]`: real and imaginary parts alternate.
    let output: UnsafeMutablePointer<Float>

    fileprivate var complexOutput: UnsafeMutablePointer<fftwf_complex> {
        UnsafeMutableRawPointer(output).assumingMemoryBound(to: fftwf_complex.self)
    }

    init(size: Int) {
        self.size = size
        input = fftwf_alloc_real(size)!
        output = fftwf_alloc_real(2 * (size / 2 + 1))!
        input.initialize(repeating: 0, count: size)
        output.initialize(repeating: 0, count: 2 * (size / 2 + 1))
    }

    deinit {
        fftwf_free(input)
        fftwf_free(output)
    }
}

// What happens to a frame between the signal and its Fourier transform.

/// Scaling, removal of the mean, pre-emphasis and window, in Kaldi's order.
public struct FramePreparation: Sendable, Equatable {
    /// What samples in -1…1 are multiplied by; Kaldi reads 16-bit files as integers, so 2^15 there.
    public let scale: Float

    /// Whether the frame's mean is taken away.
    public let removesMean: Bool

    /// x[i] - p · x[i - 1], the sample before the frame being equal to its first; 0 for none.
    public let preemphasis: Float

    /// The window.
    public let window: WindowFunction

    /// Nothing but the window, unless told.
    public init(scale: Float = 1, removesMean: Bool = false, preemphasis: Float = 0, window: WindowFunction) {
        self.scale = scale
        self.removesMean = removesMean
        self.preemphasis = preemphasis
        self.window = window
    }

    /// Whether the frame is more than weighed by its window.
    var isMoreThanWindow: Bool { scale != 1 || removesMean || preemphasis != 0 }

    /// Prepares `frame [size]` into `output [size]` by the window's values; `frame` is overwritten.
    ///
    /// Gives the frame's energy before pre-emphasis (Kaldi's raw energy) where `needsEnergy`.
    @inline(__always)
    func apply(
        _ frame: UnsafeMutablePointer<Float>, window: UnsafePointer<Float>, size: Int, needsEnergy: Bool,
        into output: UnsafeMutablePointer<Float>
    ) -> Float {
        var energy: Float = 0
        if isMoreThanWindow {
            if scale != 1 { for i in 0..<size { frame[i] *= scale } }
            if removesMean {
                let mean = sum(frame, size) / Float(size)
                for i in 0..<size { frame[i] -= mean }
            }
        }
        if needsEnergy { energy = sumOfSquares(frame, size) }
        if preemphasis != 0 {
            output[0] = (frame[0] - preemphasis * frame[0]) * window[0]
            for i in 1..<size { output[i] = (frame[i] - preemphasis * frame[i - 1]) * window[i] }
        } else {
            for i in 0..<size { output[i] = frame[i] * window[i] }
        }
        return energy
    }
}

/// The sum of `[size]`, in eight lanes.
@inline(__always)
private func sum(_ values: UnsafePointer<Float>, _ size: Int) -> Float {
    var lanes = SIMD8<Float>.zero
    let raw = UnsafeRawPointer(values)
    for i in stride(from: 0, to: size - 7, by: 8) {
        lanes += raw.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self)
    }
    var total = lanes.sum()
    for i in (size & ~7)..<size { total += values[i] }
    return total
}

/// The sum of the squares of `[size]`, in eight lanes.
@inline(__always)
private func sumOfSquares(_ values: UnsafePointer<Float>, _ size: Int) -> Float {
    var lanes = SIMD8<Float>.zero
    let raw = UnsafeRawPointer(values)
    for i in stride(from: 0, to: size - 7, by: 8) {
        let part = raw.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self)
        lanes += part * part
    }
    var total = lanes.sum()
    for i in (size & ~7)..<size { total += values[i] * values[i] }
    return total
}

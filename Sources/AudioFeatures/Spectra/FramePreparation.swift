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
    var isMoreThanWindow: Bool { removesMean || preemphasis != 0 }

    /// The window's values `[size]` times the scale: multiplying by a power of two commutes with every rounding, so
    /// that the scale costs nothing here and gives the same bits.
    func scaledWindow(_ size: Int) -> [Float] { window.values(size).map { $0 * scale } }

    /// Takes the means of `frames [8, stride]` away, of `size` samples each.
    ///
    /// Every sum is made one sample after the other, as Kaldi makes it: where a band is 100 dB below the loudest, the
    /// rounding of a mean shows. Eight of them side by side cost no more than one.
    func centre(_ frames: UnsafeMutablePointer<Float>, stride: Int, size: Int) {
        guard removesMean else { return }
        var sums: (Float, Float, Float, Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0, 0, 0, 0)
        for i in 0..<size {
            let column = frames + i
            sums.0 += column[0]
            sums.1 += column[stride]
            sums.2 += column[2 * stride]
            sums.3 += column[3 * stride]
            sums.4 += column[4 * stride]
            sums.5 += column[5 * stride]
            sums.6 += column[6 * stride]
            sums.7 += column[7 * stride]
        }
        let totals = SIMD8(sums.0, sums.1, sums.2, sums.3, sums.4, sums.5, sums.6, sums.7)
        for lane in 0..<8 {
            let mean = totals[lane] / Float(size)
            let frame = frames + lane * stride
            for i in 0..<size { frame[i] -= mean }
        }
    }

    /// Pre-emphasises and weighs `frame [size]` into `output [size]`.
    @inline(__always)
    func weigh(
        _ frame: UnsafePointer<Float>, window: UnsafePointer<Float>, size: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        if preemphasis != 0 {
            output[0] = (frame[0] - preemphasis * frame[0]) * window[0]
            for i in 1..<size { output[i] = (frame[i] - preemphasis * frame[i - 1]) * window[i] }
        } else {
            for i in 0..<size { output[i] = frame[i] * window[i] }
        }
    }
}

/// The sum of the squares of `[size]`, in eight lanes.
@inline(__always)
func sumOfSquares(_ values: UnsafePointer<Float>, _ size: Int) -> Float {
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

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

    /// Eight frames, wherever they are.
    struct Frames {
        private var frames: (P, P, P, P, P, P, P, P)
        private typealias P = UnsafePointer<Float>

        init(repeating frame: UnsafePointer<Float>) {
            frames = (frame, frame, frame, frame, frame, frame, frame, frame)
        }

        init(_ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>) {
            self.init(repeating: first)
            self[1] = second
        }

        subscript(lane: Int) -> UnsafePointer<Float> {
            get {
                switch lane {
                case 0: frames.0
                case 1: frames.1
                case 2: frames.2
                case 3: frames.3
                case 4: frames.4
                case 5: frames.5
                case 6: frames.6
                default: frames.7
                }
            }
            set {
                switch lane {
                case 0: frames.0 = newValue
                case 1: frames.1 = newValue
                case 2: frames.2 = newValue
                case 3: frames.3 = newValue
                case 4: frames.4 = newValue
                case 5: frames.5 = newValue
                case 6: frames.6 = newValue
                default: frames.7 = newValue
                }
            }
        }
    }

    /// What is to be taken away from `frames`, of `size` samples each.
    ///
    /// Every sum is made one sample after the other, as Kaldi makes it: where a band is 100 dB below the loudest, the
    /// rounding of a mean shows. Eight of them side by side take little longer than one.
    func means(of frames: Frames, size: Int) -> SIMD8<Float> {
        guard removesMean else { return .zero }
        let (a, b, c, d) = (frames[0], frames[1], frames[2], frames[3])
        let (e, f, g, h) = (frames[4], frames[5], frames[6], frames[7])
        var low = SIMD4<Float>.zero
        var high = SIMD4<Float>.zero
        for i in stride(from: 0, to: size - 3, by: 4) {
            let left = transposed(fourSamples(a, i), fourSamples(b, i), fourSamples(c, i), fourSamples(d, i))
            let right = transposed(fourSamples(e, i), fourSamples(f, i), fourSamples(g, i), fourSamples(h, i))
            low += left.0
            high += right.0
            low += left.1
            high += right.1
            low += left.2
            high += right.2
            low += left.3
            high += right.3
        }
        for i in (size & ~3)..<size {
            low += SIMD4(a[i], b[i], c[i], d[i])
            high += SIMD4(e[i], f[i], g[i], h[i])
        }
        return SIMD8(lowHalf: low, highHalf: high) / Float(size)
    }

    @inline(__always)
    private func fourSamples(_ frame: UnsafePointer<Float>, _ first: Int) -> SIMD4<Float> {
        UnsafeRawPointer(frame + first).loadUnaligned(as: SIMD4<Float>.self)
    }

    /// Centres, pre-emphasises and weighs `frame [size]` into `output [size]`.
    @inline(__always)
    func weigh(
        _ frame: UnsafePointer<Float>, mean: Float, window: UnsafePointer<Float>, size: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        let first = frame[0] - mean
        output[0] = (first - preemphasis * first) * window[0]
        for i in 1..<size {
            output[i] = ((frame[i] - mean) - preemphasis * (frame[i - 1] - mean)) * window[i]
        }
    }

    /// Centres, pre-emphasises and weighs two frames `[size]` into complex numbers `[size]`, in double precision.
    func weigh(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, window: UnsafePointer<Double>, size: Int,
        into pair: UnsafeMutablePointer<(Double, Double)>
    ) {
        var (meanA, meanB) = (0.0, 0.0)
        if removesMean {
            for i in 0..<size {
                meanA += Double(a[i])
                meanB += Double(b[i])
            }
            meanA /= Double(size)
            meanB /= Double(size)
        }
        guard preemphasis != 0 else {
            for i in 0..<size { pair[i] = ((Double(a[i]) - meanA) * window[i], (Double(b[i]) - meanB) * window[i]) }
            return
        }
        let factor = Double(preemphasis)
        var (lastA, lastB) = (Double(a[0]) - meanA, Double(b[0]) - meanB)
        for i in 0..<size {
            let (x, y) = (Double(a[i]) - meanA, Double(b[i]) - meanB)
            pair[i] = ((x - factor * lastA) * window[i], (y - factor * lastB) * window[i])
            (lastA, lastB) = (x, y)
        }
    }

    /// The sum of the squares of a centred `frame [size]`, in eight lanes.
    func sumOfSquares(_ frame: UnsafePointer<Float>, mean: Float, size: Int) -> Float {
        var lanes = SIMD8<Float>.zero
        let raw = UnsafeRawPointer(frame)
        for i in stride(from: 0, to: size - 7, by: 8) {
            let part = raw.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self) - mean
            lanes += part * part
        }
        var total = lanes.sum()
        for i in (size & ~7)..<size { total += (frame[i] - mean) * (frame[i] - mean) }
        return total
    }
}

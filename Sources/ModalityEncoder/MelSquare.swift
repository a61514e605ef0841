// A spectrogram folded into a square, as HTS-AT reads it.

import Tensors

#if canImport(Glibc)
    import Glibc
#endif

extension Tensor {
    /// Rows stretched to more of them by bicubic interpolation, the first and the last staying where they are:
    /// `[T, F] -> [rows, F]`; as many or more stay as they are.
    ///
    /// Reference: PyTorch's `interpolate(mode="bicubic", align_corners=True)`, whose places are single precision too.
    func stretched(rows wanted: Int) -> Tensor {
        guard rows < wanted else { return self }
        let step = wanted > 1 ? Float(rows - 1) / Float(wanted - 1) : 0
        let width = columns
        var result = Tensor(zeros: wanted, width)
        for target in 0..<wanted {
            let place = step * Float(target)
            let first = Int(place)
            for (offset, weight) in Self.cubicWeights(place - Float(first)).enumerated() where weight != 0 {
                let source = min(max(first + offset - 1, 0), rows - 1)
                for column in 0..<width {
                    result.values[target * width + column] += weight * values[source * width + column]
                }
            }
        }
        return result
    }

    /// What the four neighbours of a place count for, `t` behind the second (Keys 1981, with a = −0.75).
    private static func cubicWeights(_ t: Float) -> [Float] {
        let a: Float = -0.75
        func near(_ x: Float) -> Float { ((a + 2) * x - (a + 3)) * x * x + 1 }
        func far(_ x: Float) -> Float { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
        return [far(t + 1), near(t), near(1 - t), far(2 - t)]
    }

    /// Runs of frames one above the other, bands from top to bottom, time from left to right:
    /// `[folds · T, F] -> [folds · F, T]`.
    func folded(_ folds: Int) -> Tensor {
        let (length, bands) = (rows / folds, columns)
        var square = Tensor(zeros: folds * bands, length)
        for fold in 0..<folds {
            for time in 0..<length {
                for band in 0..<bands {
                    square.values[(fold * bands + band) * length + time] =
                        values[(fold * length + time) * bands + band]
                }
            }
        }
        return square
    }
}

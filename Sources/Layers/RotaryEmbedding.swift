// Rotary position embeddings.

public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Rotates the halves of each head by angles that grow with the position (Su et al. 2021; the halves as transformers
/// pairs them: element i with i + D/2).
public struct RotaryEmbedding: Sendable {
    private let headSize: Int
    private let frequencies: RotaryFrequencies
    private let magnitude: Double

    /// Frequencies θ^(−2i/D) for heads of size D.
    public init(headSize: Int, theta: Double) {
        self.init(headSize: headSize, frequencies: .fixed(rotaryFrequencies(theta: theta, dimensions: headSize)))
    }

    /// Heads of which the first elements, two for each frequency, are rotated; what was rotated is multiplied by
    /// `magnitude`.
    public init(headSize: Int, frequencies: RotaryFrequencies, magnitude: Double = 1) {
        (self.headSize, self.frequencies, self.magnitude) = (headSize, frequencies, magnitude)
    }

    /// The length of a sequence from which on all of it must be read anew, since the frequencies then change for every
    /// token; nil where none is.
    public var rereadLength: Int? {
        guard case .long(_, _, let limit) = frequencies else { return nil }
        return limit + 1
    }

    /// The rotations of tokens at these positions, which serve all layers.
    public func rotations(_ positions: [Int]) -> Rotations {
        let frequencies = frequencies.values(length: (positions.max() ?? 0) + 1)
        var (cosines, sines): ([Float], [Float]) = ([], [])
        cosines.reserveCapacity(positions.count * frequencies.count)
        sines.reserveCapacity(positions.count * frequencies.count)
        for position in positions {
            for frequency in frequencies {
                let angle = Double(position) * frequency
                cosines.append(Float(cos(angle) * magnitude))
                sines.append(Float(sin(angle) * magnitude))
            }
        }
        return Rotations(headSize: headSize, pairs: frequencies.count, cosines: cosines, sines: sines)
    }

    /// Rotates `[S, heads·D]` in place; row s stands at `positions[s]`.
    public func rotate(_ x: inout Tensor, positions: [Int]) {
        precondition(positions.count == x.rows)
        rotations(positions).rotate(&x)
    }

    /// The rotations of one sequence's rows.
    public struct Rotations: Sendable {
        let headSize: Int
        let pairs: Int
        let cosines: [Float]
        let sines: [Float]

        /// Rotates `[S, heads·D]` in place.
        public func rotate(_ x: inout Tensor) {
            let (rows, width) = (x.rows, x.columns)
            precondition(rows * pairs == cosines.count && width % headSize == 0)
            x.values.withUnsafeMutableBufferPointer { values in
                cosines.withUnsafeBufferPointer { cosines in
                    sines.withUnsafeBufferPointer { sines in
                        for head in stride(from: 0, to: rows * width, by: headSize) {
                            let angle = head / width * pairs
                            for index in 0..<pairs {
                                let (cosine, sine) = (cosines[angle + index], sines[angle + index])
                                let (a, b) = (values[head + index], values[head + index + pairs])
                                values[head + index] = a * cosine - b * sine
                                values[head + index + pairs] = b * cosine + a * sine
                            }
                        }
                    }
                }
            }
        }
    }
}

// Rotary position embeddings.

public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Rotates the halves of each head by angles that grow with the position (Su et al. 2021; the halves as transformers
/// pairs them: element i with i + D/2).
public struct RotaryEmbedding: Sendable {
    private let frequencies: [Double]

    /// Frequencies θ^(−2i/D) for heads of size D.
    public init(headSize: Int, theta: Double) {
        frequencies = (0..<headSize / 2).map { pow(theta, -2 * Double($0) / Double(headSize)) }
    }

    /// Rotates `[S, heads·D]` in place; row s stands at `positions[s]`.
    public func rotate(_ x: inout Tensor, positions: [Int]) {
        precondition(positions.count == x.rows)
        let half = frequencies.count
        let width = x.columns
        x.values.withUnsafeMutableBufferPointer { values in
            for (row, position) in positions.enumerated() {
                for (index, frequency) in frequencies.enumerated() {
                    let angle = Double(position) * frequency
                    let (cosine, sine) = (Float(cos(angle)), Float(sin(angle)))
                    for head in stride(from: row * width + index, to: (row + 1) * width, by: 2 * half) {
                        let (a, b) = (values[head], values[head + half])
                        values[head] = a * cosine - b * sine
                        values[head + half] = b * cosine + a * sine
                    }
                }
            }
        }
    }
}

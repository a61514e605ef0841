// LayerNorm and RMSNorm.

public import Tensors

/// (x − mean) / √(variance + ε), scaled and shifted where the checkpoint has parameters: `[T, W] -> [T, W]`.
public struct LayerNorm: Sendable {
    private let weight: [Float]?
    private let bias: [Float]?
    private let epsilon: Float

    /// Loads "weight" and "bias" of the given width.
    public init(_ scope: WeightScope, width: Int, epsilon: Float = 1e-5) throws(TensorFileError) {
        weight = try scope.vector("weight", count: width)
        bias = try scope.vector("bias", count: width)
        self.epsilon = epsilon
    }

    /// A normalisation without parameters.
    public init(epsilon: Float = 1e-5) {
        (weight, bias, self.epsilon) = (nil, nil, epsilon)
    }

    /// `[T, W] -> [T, W]`
    public func callAsFunction(_ x: Tensor) -> Tensor {
        var y = x
        let width = x.columns
        y.values.withUnsafeMutableBufferPointer { values in
            for row in 0..<x.rows {
                let part = UnsafeMutableBufferPointer(rebasing: values[row * width..<(row + 1) * width])
                let mean = sum(part) / Float(width)
                for index in part.indices { part[index] -= mean }
                let factor = 1 / (sumOfSquares(part) / Float(width) + epsilon).squareRoot()
                if let weight, let bias {
                    weight.withUnsafeBufferPointer { weight in
                        bias.withUnsafeBufferPointer { bias in
                            for index in part.indices {
                                part[index] = part[index] * factor * weight[index] + bias[index]
                            }
                        }
                    }
                } else {
                    for index in part.indices { part[index] *= factor }
                }
            }
        }
        return y
    }
}

/// (x − mean) / √(variance + ε) of every run of `width` numbers, written to other memory of the same size.
public func normalize(
    _ x: UnsafeMutableBufferPointer<Float>, width: Int, epsilon: Float = 1e-5,
    into output: UnsafeMutableBufferPointer<Float>
) {
    precondition(x.count == output.count && x.count % width == 0)
    for start in stride(from: 0, to: x.count, by: width) {
        let part = UnsafeMutableBufferPointer(rebasing: x[start..<start + width])
        let target = UnsafeMutableBufferPointer(rebasing: output[start..<start + width])
        let mean = sum(part) / Float(width)
        for index in part.indices { target[index] = part[index] - mean }
        let factor = 1 / (sumOfSquares(target) / Float(width) + epsilon).squareRoot()
        for index in target.indices { target[index] *= factor }
    }
}

/// x / √(mean of squares + ε) · weight: `[T, W] -> [T, W]` (Zhang and Sennrich 2019, as Llama has it).
public struct RMSNorm: Sendable {
    private let weight: [Float]
    private let epsilon: Float

    /// Loads "weight" of the given width, to which `offset` is added (Gemma's weights are told from 1).
    public init(_ scope: WeightScope, width: Int, epsilon: Float, offset: Float = 0) throws(TensorFileError) {
        weight = try scope.vector("weight", count: width).map { $0 + offset }
        self.epsilon = epsilon
    }

    /// `[…, W] -> […, W]`: every run of W elements is normalised by itself.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        var y = x
        let width = weight.count
        y.values.withUnsafeMutableBufferPointer { values in
            weight.withUnsafeBufferPointer { weight in
                for start in stride(from: 0, to: values.count, by: width) {
                    let part = UnsafeMutableBufferPointer(rebasing: values[start..<start + width])
                    let factor = 1 / (sumOfSquares(part) / Float(width) + epsilon).squareRoot()
                    for index in part.indices { part[index] *= factor * weight[index] }
                }
            }
        }
        return y
    }
}

// Sums on eight accumulators, since the compiler does not reorder floating-point additions by itself.

private func sum(_ values: UnsafeMutableBufferPointer<Float>) -> Float {
    var sums = SIMD8<Float>.zero
    let raw = UnsafeRawPointer(values.baseAddress!)
    let vectors = values.count / 8
    for index in 0..<vectors { sums += raw.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self) }
    var total = sums.sum()
    for index in vectors * 8..<values.count { total += values[index] }
    return total
}

private func sumOfSquares(_ values: UnsafeMutableBufferPointer<Float>) -> Float {
    var sums = SIMD8<Float>.zero
    let raw = UnsafeRawPointer(values.baseAddress!)
    let vectors = values.count / 8
    for index in 0..<vectors {
        let vector = raw.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self)
        sums += vector * vector
    }
    var total = sums.sum()
    for index in vectors * 8..<values.count { total += values[index] * values[index] }
    return total
}

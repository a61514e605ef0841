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
        let width = x.columns
        let values = [Float](unsafeUninitializedCapacity: x.values.count) { buffer, count in
            count = x.values.count
            x.values.withUnsafeBufferPointer { source in
                withOptionalBuffer(weight) { weight in
                    withOptionalBuffer(bias) { bias in
                        for start in stride(from: 0, to: count, by: width) {
                            normalize(
                                source.baseAddress! + start, count: width, epsilon: epsilon, weight: weight, bias: bias,
                                into: buffer.baseAddress! + start)
                        }
                    }
                }
            }
        }
        return Tensor(shape: x.shape, values: values)
    }

    private func withOptionalBuffer(_ values: [Float]?, _ body: (UnsafePointer<Float>?) -> Void) {
        guard let values else { return body(nil) }
        values.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

/// (x − mean) / √(variance + ε) of every run of `width` numbers, written to other memory of the same size.
public func normalize(
    _ x: UnsafeMutableBufferPointer<Float>, width: Int, epsilon: Float = 1e-5,
    into output: UnsafeMutableBufferPointer<Float>
) {
    precondition(x.count == output.count && x.count % width == 0)
    for start in stride(from: 0, to: x.count, by: width) {
        normalize(x.baseAddress! + start, count: width, epsilon: epsilon, into: output.baseAddress! + start)
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
        let width = weight.count
        let values = [Float](unsafeUninitializedCapacity: x.values.count) { buffer, count in
            count = x.values.count
            x.values.withUnsafeBufferPointer { source in
                weight.withUnsafeBufferPointer { weight in
                    for start in stride(from: 0, to: count, by: width) {
                        normalizeByRootMeanSquare(
                            source.baseAddress! + start, count: width, epsilon: epsilon, weight: weight.baseAddress!,
                            into: buffer.baseAddress! + start)
                    }
                }
            }
        }
        return Tensor(shape: x.shape, values: values)
    }
}

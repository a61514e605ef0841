// The affine map, with its nonlinearity.

public import Tensors

/// act(x · Wᵀ + b): `[T, inputs] -> [T, outputs]`; weights are packed at load.
public struct Linear: Sendable {
    private let packed: PackedWeights

    /// Loads "weight" and, if there is to be one, "bias".
    public init(
        _ scope: WeightScope, inputs: Int, outputs: Int, bias: Bool = true, activation: Activation = .none
    ) throws(TensorFileError) {
        packed = PackedWeights(
            try scope.weights("weight", outputs: outputs, inputs: inputs),
            bias: bias ? try scope.vector("bias", count: outputs) : nil,
            activation: activation, precision: scope.precision)
    }

    /// Loads several maps of the same input as one product; their outputs stand side by side. A scope without a bias
    /// counts as one of zeros.
    public init(
        stacking scopes: [WeightScope], inputs: Int, outputs: [Int], biases: [Bool]
    ) throws(TensorFileError) {
        var parts: [StoredWeights] = []
        var bias: [Float] = []
        for (scope, (outputs, hasBias)) in zip(scopes, zip(outputs, biases)) {
            parts.append(try scope.weights("weight", outputs: outputs, inputs: inputs))
            bias += hasBias ? try scope.vector("bias", count: outputs) : [Float](repeating: 0, count: outputs)
        }
        packed = PackedWeights(
            .stacking(parts), bias: biases.contains(true) ? bias : nil, precision: scopes[0].precision)
    }

    /// A map of given weights, for matrices that a checkpoint stores otherwise (a convolution's, say).
    public init(_ weights: StoredWeights, bias: [Float]?, activation: Activation = .none, precision: Precision) {
        packed = PackedWeights(weights, bias: bias, activation: activation, precision: precision)
    }

    /// `[T, inputs] -> [T, outputs]`
    public func callAsFunction(_ x: Tensor) -> Tensor { packed(x) }

    /// `[rows, inputs] -> [rows, outputs]`, written to memory at hand.
    public func callAsFunction(
        _ x: UnsafeBufferPointer<Float>, rows: Int, into output: UnsafeMutableBufferPointer<Float>
    ) {
        packed.multiply(x, rows: rows, into: output)
    }
}

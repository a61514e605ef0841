// The two affine maps of a transformer block, or of a small MLP.

public import Tensors

/// act(x · W₁ᵀ + b₁) · W₂ᵀ + b₂: `[T, inputs] -> [T, hidden] -> [T, outputs]`.
///
/// What lies between the two maps is never held whole, nor converted: in bf16 this saves about a tenth of the time.
public struct FeedForward: Sendable {
    private let up: PackedWeights
    private let down: PackedWeights

    /// Loads "weight" and "bias" of the two maps' scopes.
    public init(
        up upScope: WeightScope, down downScope: WeightScope, inputs: Int, hidden: Int, outputs: Int,
        activation: Activation
    ) throws(TensorFileError) {
        up = PackedWeights(
            try upScope.weights("weight", outputs: hidden, inputs: inputs),
            bias: try upScope.vector("bias", count: hidden), activation: activation, precision: upScope.precision)
        down = PackedWeights(
            try downScope.weights("weight", outputs: outputs, inputs: hidden),
            bias: try downScope.vector("bias", count: outputs), precision: downScope.precision)
    }

    /// Two maps of given weights and biases, for checkpoints that store them otherwise.
    public init(
        up: StoredWeights, bias upBias: [Float]?, down: StoredWeights, bias downBias: [Float]?, activation: Activation,
        precision: Precision
    ) {
        self.up = PackedWeights(up, bias: upBias, activation: activation, precision: precision)
        self.down = PackedWeights(down, bias: downBias, precision: precision)
    }

    /// `[T, inputs] -> [T, outputs]`
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let rows = x.values.count / up.inputs
        let values = [Float](unsafeUninitializedCapacity: rows * down.outputs) { buffer, count in
            x.values.withUnsafeBufferPointer { source in
                self(source, rows: rows, into: UnsafeMutableBufferPointer(rebasing: buffer[..<(rows * down.outputs)]))
            }
            count = rows * down.outputs
        }
        return Tensor(shape: [rows, down.outputs], values: values)
    }

    /// `[rows, inputs] -> [rows, outputs]`, written to memory at hand.
    public func callAsFunction(
        _ x: UnsafeBufferPointer<Float>, rows: Int, into output: UnsafeMutableBufferPointer<Float>
    ) {
        up.multiply(x, rows: rows, then: down, into: output)
    }
}

// Convolutions over time without padding, as matrix products.

import Layers
import Tensors

/// A convolution over time, `nn.Conv1d` without padding: `[T, inputs] -> [(T − kernel)/stride + 1, outputs]`.
///
/// Frames lie one behind the other in memory, so what an output frame sees is one run of numbers; a few hundred runs
/// are copied one below the other and multiplied while they are in the cache.
struct StridedConvolution: Sendable {
    let kernel: Int
    let stride: Int
    private let inputs: Int
    private let outputs: Int
    private let product: Linear
    private static let blockRows = 512

    /// Loads "weight" `[outputs, inputs, kernel]` and, if there is to be one, "bias".
    init(
        _ weights: WeightScope, inputs: Int, outputs: Int, kernel: Int, stride: Int, bias: Bool,
        activation: Activation = .none
    ) throws(TensorFileError) {
        self.init(
            matrix: try weights.convolutionMatrix(outputs: outputs, inputs: inputs, kernel: kernel),
            bias: bias ? try weights.vector("bias", count: outputs) : nil, inputs: inputs, stride: stride,
            activation: activation, precision: weights.precision)
    }

    /// A convolution by a matrix `[outputs, kernel · inputs]`.
    init(
        matrix: Tensor, bias: [Float]?, inputs: Int, stride: Int, activation: Activation = .none, precision: Precision
    ) {
        (self.inputs, self.stride) = (inputs, stride)
        kernel = matrix.columns / inputs
        outputs = matrix.rows
        product = Linear(.f32(matrix), bias: bias, activation: activation, precision: precision)
    }

    /// How many frames come of so many; 0 where there are fewer than the kernel sees.
    func frames(of count: Int) -> Int { count < kernel ? 0 : (count - kernel) / stride + 1 }

    func callAsFunction(_ x: Tensor) -> Tensor {
        precondition(x.columns == inputs)
        let frames = frames(of: x.rows)
        let (seen, step) = (kernel * inputs, stride * inputs)
        let values = [Float](unsafeUninitializedCapacity: frames * outputs) { buffer, count in
            count = frames * outputs
            let blockRows = min(frames, Self.blockRows)
            x.values.withUnsafeBufferPointer { source in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, blockRows * seen)) { runs in
                    for start in Swift.stride(from: 0, to: frames, by: Self.blockRows) {
                        let rows = min(Self.blockRows, frames - start)
                        for row in 0..<rows {
                            (runs.baseAddress! + row * seen).update(
                                from: source.baseAddress! + (start + row) * step, count: seen)
                        }
                        product(
                            UnsafeBufferPointer(rebasing: runs[..<(rows * seen)]), rows: rows,
                            into: UnsafeMutableBufferPointer(
                                start: buffer.baseAddress! + start * outputs, count: rows * outputs))
                    }
                }
            }
        }
        return Tensor(shape: [frames, outputs], values: values)
    }
}

extension WeightScope {
    /// A convolution's "weight" `[outputs, inputs, kernel]` as `[outputs, kernel · inputs]`, in the order in which
    /// frames stand one behind the other.
    func convolutionMatrix(outputs: Int, inputs: Int, kernel: Int) throws(TensorFileError) -> Tensor {
        try tensor("weight", shape: [outputs, inputs, kernel]).kernelLast
    }
}

extension Tensor {
    /// `[outputs, inputs, kernel] -> [outputs, kernel · inputs]`
    var kernelLast: Tensor {
        let (outputs, inputs, kernel) = (shape[0], shape[1], shape[2])
        var matrix = Tensor(zeros: outputs, kernel * inputs)
        for output in 0..<outputs {
            for input in 0..<inputs {
                for tap in 0..<kernel {
                    matrix.values[(output * kernel + tap) * inputs + input] =
                        values[(output * inputs + input) * kernel + tap]
                }
            }
        }
        return matrix
    }
}

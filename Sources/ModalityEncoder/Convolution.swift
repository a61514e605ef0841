// The encoder's two convolutions over time, as matrix products.

import Layers
import Tensors

/// A convolution of kernel 3 and padding 1 over time with GELU: `[T, inputs] -> [⌈T/stride⌉, outputs]`.
///
/// Each output frame is a product with its three input frames side by side.
struct Convolution: Sendable {
    private static let kernel = 3
    private let stride: Int
    private let product: Linear

    init(_ weights: WeightScope, inputs: Int, outputs: Int, stride: Int) throws(TensorFileError) {
        self.stride = stride
        let stored = try weights.tensor("weight", shape: [outputs, inputs, Self.kernel])
        // [outputs, inputs, kernel] -> [outputs, kernel · inputs], in the order in which frames stand side by side.
        var matrix = Tensor(zeros: outputs, Self.kernel * inputs)
        for output in 0..<outputs {
            for input in 0..<inputs {
                for tap in 0..<Self.kernel {
                    matrix.values[(output * Self.kernel + tap) * inputs + input] =
                        stored.values[(output * inputs + input) * Self.kernel + tap]
                }
            }
        }
        product = Linear(
            .f32(matrix), bias: try weights.vector("bias", count: outputs), activation: .gelu,
            precision: weights.precision)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let width = x.columns
        let frames = (x.rows + stride - 1) / stride
        let zeros = [Float](repeating: 0, count: width)
        var neighbours: [Float] = []
        neighbours.reserveCapacity(frames * Self.kernel * width)
        for frame in 0..<frames {
            for place in frame * stride - 1...frame * stride + 1 {
                if x.values.indices.contains(place * width) {
                    neighbours += x.row(place)
                } else {
                    neighbours += zeros
                }
            }
        }
        return product(Tensor(shape: [frames, Self.kernel * width], values: neighbours))
    }
}

// Positions from what stands around a frame: the convolutional positional embedding of wav2vec 2.0 and its followers.

import Layers
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// A grouped convolution over time that keeps the length, with weight normalisation and GELU: `[T, W] -> [T, W]`.
///
/// Source: Baevski et al. 2020, "wav2vec 2.0", section 2; `Wav2Vec2PositionalConvEmbedding` in transformers. An even
/// kernel sees one frame more before than after.
struct PositionalConvolution: Sendable {
    private let kernel: Int
    private let groupWidth: Int
    private let products: [Linear]  // one per group
    private static let blockRows = 128

    /// Loads "bias" and the two parts of the weight, magnitudes `[1, 1, kernel]` and directions `[W, W/groups, kernel]`,
    /// under PyTorch's old names ("weight_g", "weight_v") or its new ones ("parametrizations.weight.original0", "…1").
    init(_ weights: WeightScope, width: Int, kernel: Int, groups: Int) throws(TensorFileError) {
        self.kernel = kernel
        groupWidth = width / groups
        let isNew = weights["parametrizations", "weight"].has("original0")
        let (scope, magnitudeName, directionName) =
            isNew
            ? (weights["parametrizations", "weight"], "original0", "original1") : (weights, "weight_g", "weight_v")
        let magnitude = try scope.tensor(magnitudeName, shape: [1, 1, kernel]).values
        var weight = try scope.tensor(directionName, shape: [width, groupWidth, kernel])
        var squares = [Double](repeating: 0, count: kernel)
        for index in weight.values.indices {
            squares[index % kernel] += Double(weight.values[index]) * Double(weight.values[index])
        }
        let factors = zip(magnitude, squares).map { Float(Double($0) / $1.squareRoot()) }
        for index in weight.values.indices { weight.values[index] *= factors[index % kernel] }
        let bias = try weights.vector("bias", count: width)
        var products: [Linear] = []
        for group in 0..<groups {
            let rows = group * groupWidth..<(group + 1) * groupWidth
            products.append(
                Linear(
                    .f32(weight.rows(rows).kernelLast), bias: Array(bias[rows]), activation: .gelu,
                    precision: weights.precision))
        }
        self.products = products
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let (frames, width) = (x.rows, x.columns)
        let values = [Float](unsafeUninitializedCapacity: frames * width) { buffer, count in
            count = frames * width
            x.values.withUnsafeBufferPointer { source in
                // Every group writes columns of its own.
                nonisolated(unsafe) let output = buffer
                nonisolated(unsafe) let input = source
                forEachConcurrently(products.count) { convolve(group: $0, input, width: width, into: output) }
            }
        }
        return Tensor(shape: [frames, width], values: values)
    }

    private func convolve(
        group: Int, _ x: UnsafeBufferPointer<Float>, width: Int, into output: UnsafeMutableBufferPointer<Float>
    ) {
        let frames = x.count / width
        let seen = kernel * groupWidth
        // The group's columns with silence around them: what a frame sees is then one run of numbers.
        var padded = [Float](repeating: 0, count: (frames + kernel - 1) * groupWidth)
        for frame in 0..<frames {
            for column in 0..<groupWidth {
                padded[(frame + kernel / 2) * groupWidth + column] = x[frame * width + group * groupWidth + column]
            }
        }
        let room = max(1, min(frames, Self.blockRows) * (seen + groupWidth))
        padded.withUnsafeBufferPointer { padded in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: room) { scratch in
                for start in stride(from: 0, to: frames, by: Self.blockRows) {
                    let rows = min(Self.blockRows, frames - start)
                    let runs = UnsafeMutableBufferPointer(rebasing: scratch[..<(rows * seen)])
                    let results = UnsafeMutableBufferPointer(
                        rebasing: scratch[(rows * seen)...].prefix(rows * groupWidth))
                    for row in 0..<rows {
                        (runs.baseAddress! + row * seen).update(
                            from: padded.baseAddress! + (start + row) * groupWidth, count: seen)
                    }
                    products[group](UnsafeBufferPointer(runs), rows: rows, into: results)
                    for row in 0..<rows {
                        (output.baseAddress! + (start + row) * width + group * groupWidth).update(
                            from: results.baseAddress! + row * groupWidth, count: groupWidth)
                    }
                }
            }
        }
    }
}

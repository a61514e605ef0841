// Hidden states to scores of every token: the largest product of a step, shared between threads.

import Layers
import Tensors

/// x · Wᵀ over a vocabulary: `[S, W] -> [S, V]`.
///
/// A step multiplies one row with as many weights as all blocks have together, which takes as long as reading them; one
/// thread does not read as fast as memory gives. So the vocabulary is parted, and every part's product is a thread's.
struct OutputLayer: Sendable {
    private let parts: [Linear]
    /// Where each part's tokens begin, and where the last one's end.
    private let bounds: [Int]

    private static let partTokens = 8_192

    /// Packs the weights `[V, W]`.
    init(_ weights: StoredWeights, precision: Precision) {
        var bounds = Array(stride(from: 0, to: weights.outputs, by: Self.partTokens))
        bounds.append(weights.outputs)
        parts = zip(bounds, bounds.dropFirst()).map { start, end in
            Linear(weights.rows(start..<end), bias: nil, precision: precision)
        }
        self.bounds = bounds
    }

    /// `[S, W] -> [S, V]`
    func callAsFunction(_ x: Tensor) -> Tensor {
        let (rows, tokens) = (x.rows, bounds[bounds.count - 1])
        let scores = [Float](unsafeUninitializedCapacity: rows * tokens) { output, count in
            count = rows * tokens
            x.values.withUnsafeBufferPointer { input in
                // Each part writes its own columns.
                nonisolated(unsafe) let (input, output) = (input, output)
                forEachConcurrently(parts.count) { part in
                    let columns = bounds[part]..<bounds[part + 1]
                    guard rows > 1 else {
                        return parts[part](input, rows: 1, into: UnsafeMutableBufferPointer(rebasing: output[columns]))
                    }
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * columns.count) { scratch in
                        parts[part](input, rows: rows, into: scratch)
                        for row in 0..<rows {
                            (output.baseAddress! + row * tokens + columns.lowerBound)
                                .update(from: scratch.baseAddress! + row * columns.count, count: columns.count)
                        }
                    }
                }
            }
        }
        return Tensor(shape: [rows, tokens], values: scores)
    }
}

extension StoredWeights {
    /// Some rows of the matrix.
    fileprivate func rows(_ range: Range<Int>) -> StoredWeights {
        switch self {
        case .f32(let tensor): .f32(tensor.rows(range))
        case .bf16(_, let inputs, let bits):
            .bf16(
                outputs: range.count, inputs: inputs,
                bits: Array(bits[range.lowerBound * inputs..<range.upperBound * inputs]))
        }
    }
}

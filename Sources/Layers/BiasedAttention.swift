// Attention to whose scores something is added: relative positions, or the mask of windows.

public import Tensors

/// softmax(Q·Kᵀ/√D + B)·V for every head, Q, K and V standing side by side: `[N·T, 3·W] -> [N·T, W]`.
///
/// Scores are made for a few queries of a head at a time, so that they stay in the cache.
///
/// - Parameters:
///   - stacked: queries, keys and values in one row.
///   - heads: H, the number of heads.
///   - sequences: N; sequences of the same length lie one below the other and do not see each other.
///   - bias: adds B to the scores `[T]` of one query and one head; `query` counts the rows of all sequences. It is
///     called from several threads.
public func attention(
    stacked: Tensor, heads: Int, sequences: Int = 1,
    adding bias: @Sendable (_ head: Int, _ query: Int, _ scores: UnsafeMutablePointer<Float>) -> Void
) -> Tensor {
    let width = stacked.columns / 3
    precondition(width % heads == 0 && stacked.columns == 3 * width && stacked.rows % sequences == 0)
    let headSize = width / heads
    let length = stacked.rows / sequences
    let scale = 1 / Float(headSize).squareRoot()
    let blockRows = min(length, 128)
    guard length > 0 else { return Tensor(zeros: 0, width) }

    let mixed = [Float](unsafeUninitializedCapacity: stacked.rows * width) { buffer, count in
        count = stacked.rows * width
        stacked.values.withUnsafeBufferPointer { source in
            // Every part writes columns and rows of its own.
            nonisolated(unsafe) let output = buffer.baseAddress!
            nonisolated(unsafe) let input = source.baseAddress!
            forEachConcurrently(sequences * heads) { part in
                let (sequence, head) = (part / heads, part % heads)
                let first = input + sequence * length * 3 * width + head * headSize
                withUnsafeTemporaryAllocation(of: Float.self, capacity: blockRows * length) { allocation in
                    let scores = allocation.baseAddress!
                    for start in stride(from: 0, to: length, by: blockRows) {
                        let rows = min(blockRows, length - start)
                        generalProduct(
                            rows: rows, inner: headSize, columns: length, scale: scale,
                            first + start * 3 * width, stride: 3 * width, first + width, stride: 3 * width,
                            transposingB: true, into: scores, stride: length)
                        for row in 0..<rows {
                            bias(head, sequence * length + start + row, scores + row * length)
                            softmax(scores + row * length, count: length)
                        }
                        generalProduct(
                            rows: rows, inner: length, columns: headSize,
                            scores, stride: length, first + 2 * width, stride: 3 * width, transposingB: false,
                            into: output + (sequence * length + start) * width + head * headSize, stride: width)
                    }
                }
            }
        }
    }
    return Tensor(shape: [stacked.rows, width], values: mixed)
}

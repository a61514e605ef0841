// Scaled dot-product attention, for every component the same.

public import Tensors

/// softmax(Q·Kᵀ/√D)·V for every head: `[S, H·D]`, `[T, G·D]`, `[T, G·D] -> [S, H·D]`.
///
/// Scores are made for a block of queries at a time and never held whole, so that they stay in the cache and memory does not
/// grow with S·T. Blocks of long sequences are spread over the threads that a product would use.
///
/// - Parameters:
///   - heads: H, the number of query heads.
///   - keyValueHeads: G, the number of key and value heads; each serves H/G query heads (grouped-query attention).
///   - visible: for each query the number of keys, from the first, that it may see; nil when all see all. A causal
///     mask and a prefix read in both directions are both such counts.
///   - precision: the number format of the two products. In bf16 the softmax is still taken of f32 scores, and short
///     sequences, for which that would gain nothing, are worked out in f32.
public func attention(
    queries: Tensor, keys: Tensor, values: Tensor, heads: Int, keyValueHeads: Int? = nil, visible: [Int]? = nil,
    precision: Precision = .f32
) -> Tensor {
    let groups = keyValueHeads ?? heads
    let width = queries.columns
    let headSize = width / heads
    let (queryCount, keyCount) = (queries.rows, keys.rows)
    precondition(keys.columns == groups * headSize && values.columns == groups * headSize && values.rows == keyCount)
    precondition(visible == nil || visible?.count == queryCount)
    guard queryCount > 0, keyCount > 0 else { return Tensor(zeros: queryCount, width) }
    let layout = AttentionLayout(
        queries: queryCount, keys: keyCount, heads: heads, groups: groups, headSize: headSize, visible: visible,
        queryStride: width, keyStride: groups * headSize)
    let mixed = [Float](unsafeUninitializedCapacity: queryCount * width) { output, count in
        count = queryCount * width
        queries.values.withUnsafeBufferPointer { q in
            keys.values.withUnsafeBufferPointer { k in
                values.values.withUnsafeBufferPointer { v in
                    let operands = AttentionOperands(
                        queries: q.baseAddress!, keys: k.baseAddress!, values: v.baseAddress!,
                        output: output.baseAddress!)
                    attend(layout, operands, precision: precision)
                }
            }
        }
    }
    return Tensor(shape: [queryCount, width], values: mixed)
}

/// The same of queries, keys and values that stand side by side, of which all see all: `[S, 3·H·D] -> [S, H·D]`.
public func selfAttention(_ projected: Tensor, heads: Int, precision: Precision = .f32) -> Tensor {
    let (rows, width) = (projected.rows, projected.columns / 3)
    precondition(projected.columns % 3 == 0 && width % heads == 0)
    guard rows > 0 else { return Tensor(zeros: rows, width) }
    let layout = AttentionLayout(
        queries: rows, keys: rows, heads: heads, groups: heads, headSize: width / heads, visible: nil,
        queryStride: 3 * width, keyStride: 3 * width)
    let mixed = [Float](unsafeUninitializedCapacity: rows * width) { output, count in
        count = rows * width
        projected.values.withUnsafeBufferPointer { source in
            let first = source.baseAddress!
            let operands = AttentionOperands(
                queries: first, keys: first + width, values: first + 2 * width, output: output.baseAddress!)
            attend(layout, operands, precision: precision)
        }
    }
    return Tensor(shape: [rows, width], values: mixed)
}

/// One query row against a cache of keys and values, by plain loops: a decoder's step is too small for a product.
///
/// `query` is `[H·D]`, the caches `[T, G·D]`; the result `[H·D]` is appended to `output`.
///
/// - Parameters:
///   - scale: what scores are multiplied with; 1/√D where nil.
///   - softCap: c, where scores are pressed below c as c·tanh(score/c).
///   - firstKey: the first row of the caches that the query sees.
public func attendOne(
    query: ArraySlice<Float>, keys: [Float], values: [Float], heads: Int, keyValueHeads: Int,
    scale: Float? = nil, softCap: Float? = nil, firstKey: Int = 0, appendingTo output: inout [Float]
) {
    let headSize = query.count / heads
    let stride = keyValueHeads * headSize
    let count = keys.count / stride - firstKey
    let scale = scale ?? 1 / Float(headSize).squareRoot()
    let start = output.count
    output.append(contentsOf: repeatElement(0, count: query.count))
    output.withUnsafeMutableBufferPointer { output in
        query.withUnsafeBufferPointer { query in
            keys.withUnsafeBufferPointer { keys in
                values.withUnsafeBufferPointer { values in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { weights in
                        for head in 0..<heads {
                            let group = firstKey * stride + head / (heads / keyValueHeads) * headSize
                            for key in 0..<count {
                                weights[key] =
                                    scale
                                    * dot(
                                        query.baseAddress! + head * headSize, keys.baseAddress! + key * stride + group,
                                        count: headSize)
                            }
                            if let softCap { press(weights.baseAddress!, count: count, below: softCap) }
                            softmax(weights.baseAddress!, count: count)
                            let target = output.baseAddress! + start + head * headSize
                            for key in 0..<count {
                                add(
                                    values.baseAddress! + key * stride + group, times: weights[key], count: headSize,
                                    to: target)
                            }
                        }
                    }
                }
            }
        }
    }
}

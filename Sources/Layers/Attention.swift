// Scaled dot-product attention, for every component the same.

public import Tensors

/// softmax(Q·Kᵀ/√D)·V for every head: `[S, H·D]`, `[T, G·D]`, `[T, G·D] -> [S, H·D]`.
///
/// - Parameters:
///   - heads: H, the number of query heads.
///   - keyValueHeads: G, the number of key and value heads; each serves H/G query heads (grouped-query attention).
///   - visible: for each query the number of keys, from the first, that it may see; nil when all see all. A causal
///     mask and a prefix read in both directions are both such counts.
public func attention(
    queries: Tensor, keys: Tensor, values: Tensor, heads: Int, keyValueHeads: Int? = nil, visible: [Int]? = nil
) -> Tensor {
    let groups = keyValueHeads ?? heads
    let width = queries.columns
    let headSize = width / heads
    let (queryCount, keyCount) = (queries.rows, keys.rows)
    precondition(keys.columns == groups * headSize && values.columns == groups * headSize && values.rows == keyCount)
    precondition(visible == nil || visible?.count == queryCount)
    let scale = 1 / Float(headSize).squareRoot()
    let keyStride = groups * headSize

    let mixed = [Float](unsafeUninitializedCapacity: queryCount * width) { output, count in
        count = queryCount * width
        queries.values.withUnsafeBufferPointer { q in
            keys.values.withUnsafeBufferPointer { k in
                values.values.withUnsafeBufferPointer { v in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, queryCount * keyCount)) { scores in
                        guard let q = q.baseAddress, let k = k.baseAddress, let v = v.baseAddress,
                            let scores = scores.baseAddress, let output = output.baseAddress
                        else { return }
                        for head in 0..<heads {
                            let group = head / (heads / groups) * headSize
                            generalProduct(
                                rows: queryCount, inner: headSize, columns: keyCount, scale: scale,
                                q + head * headSize, stride: width, k + group, stride: keyStride, transposingB: true,
                                into: scores, stride: keyCount)
                            for row in 0..<queryCount {
                                let seen = visible?[row] ?? keyCount
                                softmax(scores + row * keyCount, count: seen)
                                for hidden in seen..<keyCount { scores[row * keyCount + hidden] = 0 }
                            }
                            generalProduct(
                                rows: queryCount, inner: keyCount, columns: headSize,
                                scores, stride: keyCount, v + group, stride: keyStride, transposingB: false,
                                into: output + head * headSize, stride: width)
                        }
                    }
                }
            }
        }
    }
    return Tensor(shape: [queryCount, width], values: mixed)
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
                                        headSize)
                            }
                            if let softCap { press(weights.baseAddress!, count: count, below: softCap) }
                            softmax(weights.baseAddress!, count: count)
                            let target = output.baseAddress! + start + head * headSize
                            for key in 0..<count {
                                let weight = weights[key]
                                let value = values.baseAddress! + key * stride + group
                                for index in 0..<headSize { target[index] += weight * value[index] }
                            }
                        }
                    }
                }
            }
        }
    }
}

private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var sums = SIMD8<Float>.zero
    let (rawA, rawB) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    let vectors = count / 8
    for index in 0..<vectors {
        sums +=
            rawA.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self)
            * rawB.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self)
    }
    var total = sums.sum()
    for index in vectors * 8..<count { total += a[index] * b[index] }
    return total
}

// Attention of one query over rows of keys and values that lie anywhere: a decoder's step.

import Tensors

/// softmax(q·Kᵀ/√D)·V for every head, over the rows that are named: `[W]`, `[…, W]`, `[…, W] -> [W]`.
///
/// Keys and values are read row by row, whole: each is touched once, in the order in which it lies in memory, which
/// is what a step's time goes into.
func attend(
    _ query: UnsafePointer<Float>, to rows: UnsafeBufferPointer<Int>, keys: UnsafePointer<Float>,
    values: UnsafePointer<Float>, heads: Int, width: Int, into output: UnsafeMutablePointer<Float>
) {
    let (count, headSize) = (rows.count, width / heads)
    let scale = 1 / Float(headSize).squareRoot()
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, heads * count)) { scores in
        let weights = scores.baseAddress!
        for place in 0..<count {
            let key = keys + rows[place] * width
            for head in 0..<heads {
                let start = head * headSize
                weights[head * count + place] = scale * dot(query + start, key + start, count: headSize)
            }
        }
        for head in 0..<heads { softmax(weights + head * count, count: count) }
        output.update(repeating: 0, count: width)
        for place in 0..<count {
            let value = values + rows[place] * width
            for head in 0..<heads {
                let start = head * headSize
                add(value + start, times: weights[head * count + place], count: headSize, to: output + start)
            }
        }
    }
}

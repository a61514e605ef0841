// Attention over a KV cache: a prompt's many queries, or one query for each sequence.

public import Tensors

/// How a decoder's heads look at what it has read.
public struct CausalAttention: Sendable {
    /// H, the number of query heads.
    public let heads: Int
    /// G, the number of key and value heads; each serves H/G query heads.
    public let keyValueHeads: Int
    /// D, the size of a head.
    public let headSize: Int
    /// What scores are multiplied with.
    public let scale: Float
    /// c, where scores are pressed below c as c·tanh(score/c) (Gemma 2).
    public let softCap: Float?

    /// Heads of the given sizes; `scale` is 1/√D unless told.
    public init(heads: Int, keyValueHeads: Int, headSize: Int, scale: Float? = nil, softCap: Float? = nil) {
        (self.heads, self.keyValueHeads, self.headSize, self.softCap) = (heads, keyValueHeads, headSize, softCap)
        self.scale = scale ?? 1 / Float(headSize).squareRoot()
    }

    /// The rows of queries whose scores are held at once: `[rows, T]` floats a thread, however long the prompt.
    private static let blockRows = 32
    /// Fewer multiplications than this are not worth a second thread.
    private static let leastShared = 1 << 24

    /// The last rows of a sequence against all of it: queries `[S, H·D]`, whose keys and values are the cache's last
    /// S rows, to `[S, H·D]`.
    ///
    /// - Parameters:
    ///   - layer: the keys and values, of which each query sees the window before it.
    ///   - visible: for each query the number of rows from the sequence's first that it may see.
    ///   - bias: what is added to the scores of a head (its number, the query's row of the sequence, the first key's row,
    ///     the scores); for relative positions.
    public func callAsFunction(
        _ queries: Tensor, _ layer: KVCache.Layer, visible: [Int],
        bias: (@Sendable (Int, Int, Int, UnsafeMutableBufferPointer<Float>) -> Void)? = nil
    ) -> Tensor {
        let (rows, width) = (queries.rows, heads * headSize)
        precondition(queries.columns == width && visible.count == rows && layer.count >= rows)
        let before = layer.count - rows
        let ranges = visible.indices.map { row in
            let first = max(layer.firstVisible(at: before + row), layer.forgotten)
            return first..<max(first + 1, min(visible[row], layer.count))
        }
        let blocks = (rows + Self.blockRows - 1) / Self.blockRows
        let mixed = [Float](unsafeUninitializedCapacity: rows * width) { output, count in
            queries.values.withUnsafeBufferPointer { queries in
                layer.keys.withUnsafeBufferPointer { keys in
                    layer.values.withUnsafeBufferPointer { values in
                        // Every part writes rows and columns of its own.
                        nonisolated(unsafe) let q = queries.baseAddress!
                        nonisolated(unsafe) let k = keys.baseAddress!
                        nonisolated(unsafe) let v = values.baseAddress!
                        nonisolated(unsafe) let target = output.baseAddress!
                        let part: @Sendable (Int) -> Void = { part in
                            let start = part / heads * Self.blockRows
                            mix(
                                head: part % heads, rows: start..<min(rows, start + Self.blockRows), before: before,
                                forgotten: layer.forgotten, ranges: ranges, q, k, v, bias: bias, into: target)
                        }
                        if rows * layer.count * width < Self.leastShared {
                            for index in 0..<blocks * heads { part(index) }
                        } else {
                            forEachConcurrently(blocks * heads, part)
                        }
                    }
                }
            }
            count = rows * width
        }
        return Tensor(shape: [rows, width], values: mixed)
    }

    /// One head of a block of queries, which share the keys from the first that any of them sees to the last.
    private func mix(
        head: Int, rows: Range<Int>, before: Int, forgotten: Int, ranges: [Range<Int>],
        _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
        bias: (@Sendable (Int, Int, Int, UnsafeMutableBufferPointer<Float>) -> Void)?,
        into output: UnsafeMutablePointer<Float>
    ) {
        let (width, stride) = (heads * headSize, keyValueHeads * headSize)
        let seen = ranges[rows]
        let first = seen.reduce(Int.max) { min($0, $1.lowerBound) }
        let columns = seen.reduce(0) { max($0, $1.upperBound) } - first
        let place = (first - forgotten) * stride + head / (heads / keyValueHeads) * headSize
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * columns) { scores in
            let scores = scores.baseAddress!
            generalProduct(
                rows: rows.count, inner: headSize, columns: columns, scale: scale,
                q + rows.lowerBound * width + head * headSize, stride: width, k + place, stride: stride,
                transposingB: true, into: scores, stride: columns)
            for row in rows {
                let line = scores + (row - rows.lowerBound) * columns
                let range = ranges[row].lowerBound - first..<ranges[row].upperBound - first
                if let softCap { press(line + range.lowerBound, count: range.count, below: softCap) }
                bias?(
                    head, before + row, ranges[row].lowerBound,
                    UnsafeMutableBufferPointer(start: line + range.lowerBound, count: range.count))
                softmax(line + range.lowerBound, count: range.count)
                for hidden in 0..<range.lowerBound { line[hidden] = 0 }
                for hidden in range.upperBound..<columns { line[hidden] = 0 }
            }
            generalProduct(
                rows: rows.count, inner: columns, columns: headSize, scores, stride: columns, v + place,
                stride: stride, transposingB: false, into: output + rows.lowerBound * width + head * headSize,
                stride: width)
        }
    }

    /// One query `[H·D]`, the sequence's last row, which sees all of it that its window holds; the result `[H·D]` is
    /// appended to `output`.
    public func step(_ query: ArraySlice<Float>, _ layer: KVCache.Layer, appendingTo output: inout [Float]) {
        attendOne(
            query: query, keys: layer.keys, values: layer.values, heads: heads, keyValueHeads: keyValueHeads,
            scale: scale, softCap: softCap,
            firstKey: max(0, layer.firstVisible(at: layer.count - 1) - layer.forgotten), appendingTo: &output)
    }
}

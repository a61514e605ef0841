// Attention by blocks of queries, in f32 and in bf16.

internal import Tensors

/// The sizes of one attention, and how its queries are cut.
struct AttentionLayout: Sendable {
    let queries: Int
    let keys: Int
    let heads: Int
    let groups: Int
    let headSize: Int
    let visible: [Int]?
    /// The distance between two rows of queries; the output's rows lie close together.
    let queryStride: Int
    /// The distance between two rows of keys and of values.
    let keyStride: Int

    /// A head, and the queries of a block of it.
    struct Block {
        let head: Int
        let rows: Range<Int>
    }

    /// The blocks of a head.
    var blocksPerHead: Int {
        // At most 128 queries, and scores of at most a quarter of a million numbers, which a core's own cache holds.
        let largest = max(16, min(128, (1 << 18) / keys))
        return (queries + largest - 1) / largest
    }

    /// The rows of a block; the last may have fewer.
    var blockRows: Int { (queries + blocksPerHead - 1) / blocksPerHead }

    var scale: Float { 1 / Float(headSize).squareRoot() }
    /// The distance between two rows of the output.
    var outputStride: Int { heads * headSize }

    /// Where the columns of a query head's keys and values begin.
    func keyColumn(ofHead head: Int) -> Int { head / (heads / groups) * headSize }

    /// How many keys a query sees.
    func keysSeen(by query: Int) -> Int { visible?[query] ?? keys }

    /// Work of fewer multiplications than this is done before a second thread is awake.
    private static let leastShared = 1 << 23

    /// Calls `body` with every block of every head, from several threads where the work is worth it.
    func forEachBlock(_ body: @Sendable (Block) -> Void) {
        let (perHead, rows) = (blocksPerHead, blockRows)
        @Sendable func block(_ index: Int) -> Block? {
            let first = index % perHead * rows
            return first < queries
                ? Block(head: index / perHead, rows: first..<min(queries, first + rows)) : nil
        }
        if queries * keys * headSize * heads < Self.leastShared {
            for index in 0..<heads * perHead {
                if let block = block(index) { body(block) }
            }
        } else {
            forEachConcurrently(heads * perHead) { index in
                if let block = block(index) { body(block) }
            }
        }
    }
}

/// Where an attention reads and writes.
struct AttentionOperands: @unchecked Sendable {
    // Unchecked: blocks read what nobody writes, and each writes its own part of the output.
    let queries: UnsafePointer<Float>
    let keys: UnsafePointer<Float>
    let values: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
}

/// Fewer scores than this are worked out in f32 whatever the precision: preparing products in bf16 for one more length of
/// recording takes longer than they save.
private let leastBFloat16Scores = 1 << 17

/// All of an attention: `[S, H·D]`, row after row.
func attend(_ layout: AttentionLayout, _ operands: AttentionOperands, precision: Precision) {
    if precision != .f32, BFloat16Product.isNative, layout.queries * layout.keys >= leastBFloat16Scores {
        BFloat16Attention(layout, operands).run()
    } else {
        layout.forEachBlock { attendInFloat32(layout, operands, $0) }
    }
}

/// One block, in f32.
private func attendInFloat32(_ layout: AttentionLayout, _ operands: AttentionOperands, _ block: AttentionLayout.Block) {
    let (size, keyCount, rows) = (layout.headSize, layout.keys, block.rows.count)
    let first = block.rows.lowerBound
    let keyColumn = layout.keyColumn(ofHead: block.head)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * keyCount) { scores in
        let scores = scores.baseAddress!
        generalProduct(
            rows: rows, inner: size, columns: keyCount, scale: layout.scale,
            operands.queries + first * layout.queryStride + block.head * size, stride: layout.queryStride,
            operands.keys + keyColumn, stride: layout.keyStride, transposingB: true, into: scores, stride: keyCount)
        for (row, query) in block.rows.enumerated() {
            let seen = layout.keysSeen(by: query)
            softmax(scores + row * keyCount, count: seen)
            for hidden in seen..<keyCount { scores[row * keyCount + hidden] = 0 }
        }
        generalProduct(
            rows: rows, inner: keyCount, columns: size, scores, stride: keyCount,
            operands.values + keyColumn, stride: layout.keyStride, transposingB: false,
            into: operands.output + first * layout.outputStride + block.head * size, stride: layout.outputStride)
    }
}

/// All blocks, with products of brain floats: a head's keys and values are rounded once and lie together.
private struct BFloat16Attention {
    private let layout: AttentionLayout
    private let operands: AttentionOperands
    private let scoring: BFloat16Product
    private let mixing: BFloat16Product

    init(_ layout: AttentionLayout, _ operands: AttentionOperands) {
        (self.layout, self.operands) = (layout, operands)
        let (rows, size) = (layout.blockRows, layout.headSize)
        scoring = BFloat16Product(rows: rows, inner: size, columns: layout.keys, transposingB: true)
        mixing = BFloat16Product(rows: rows, inner: layout.keys, columns: size, transposingB: false)
    }

    func run() {
        let count = layout.groups * layout.keys * layout.headSize
        withUnsafeTemporaryAllocation(byteCount: 4 * count, alignment: 64) { memory in
            let rounded = memory.bindMemory(to: UInt16.self)
            let (keys, values) = (rounded.baseAddress!, rounded.baseAddress! + count)
            gather(operands.keys, into: keys)
            gather(operands.values, into: values)
            nonisolated(unsafe) let (allKeys, allValues) = (UnsafePointer(keys), UnsafePointer(values))
            layout.forEachBlock { attend($0, keys: allKeys, values: allValues) }
        }
    }

    /// `[T, G·D] -> [G, T, D]`, rounded.
    private func gather(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<UInt16>) {
        let size = layout.headSize
        for group in 0..<layout.groups {
            for key in 0..<layout.keys {
                roundToBFloat16(
                    source + key * layout.keyStride + group * size, times: 1, count: size,
                    into: target + (group * layout.keys + key) * size)
            }
        }
    }

    private func attend(
        _ block: AttentionLayout.Block, keys: UnsafePointer<UInt16>, values: UnsafePointer<UInt16>
    ) {
        let (size, keyCount, rows) = (layout.headSize, layout.keys, layout.blockRows)
        let source = operands.queries + block.rows.lowerBound * layout.queryStride + block.head * size
        let target = operands.output + block.rows.lowerBound * layout.outputStride + block.head * size
        let first = layout.keyColumn(ofHead: block.head) * keyCount
        // The scratch of one block: scores and results in f32, queries and weights in bf16.
        let floats = rows * (keyCount + size)
        withUnsafeTemporaryAllocation(byteCount: 6 * floats, alignment: 64) { memory in
            let scores = memory.baseAddress!.bindMemory(to: Float.self, capacity: floats)
            let mixed = scores + rows * keyCount
            let queries = (memory.baseAddress! + 4 * floats).bindMemory(to: UInt16.self, capacity: floats)
            let weights = queries + rows * size
            // The last block's missing queries are zeros, whose results nobody reads.
            for row in block.rows.count..<rows { (queries + row * size).initialize(repeating: 0, count: size) }
            for row in 0..<block.rows.count {
                roundToBFloat16(
                    source + row * layout.queryStride, times: layout.scale, count: size, into: queries + row * size)
            }
            scoring(queries, keys + first, into: scores)
            let sums = (0..<rows).map { row in
                let seen = row < block.rows.count ? layout.keysSeen(by: block.rows.lowerBound + row) : keyCount
                return exponentials(
                    of: scores + row * keyCount, visible: seen, count: keyCount, into: weights + row * keyCount)
            }
            mixing(weights, values + first, into: mixed)
            for row in 0..<block.rows.count {
                scale(
                    mixed + row * size, by: 1 / sums[row], count: size, into: target + row * layout.outputStride)
            }
        }
    }
}

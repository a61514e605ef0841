// Attention against plain loops in doubles.

import GoldenFiles
import Layers
import Tensors
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Attention")
struct AttentionTests {
    /// softmax(Q·Kᵀ/√D)·V by loops.
    private func reference(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int, groups: Int, visible: [Int]?
    ) -> [Double] {
        let size = q.columns / heads
        var output = [Double](repeating: 0, count: q.values.count)
        for row in 0..<q.rows {
            for head in 0..<heads {
                let group = head / (heads / groups)
                let seen = visible?[row] ?? k.rows
                let weights = (0..<seen).map { key in
                    exp(
                        (0..<size).reduce(0.0) { sum, index in
                            sum + Double(q.row(row)[row * q.columns + head * size + index])
                                * Double(k.values[key * k.columns + group * size + index])
                        } / Double(size).squareRoot())
                }
                let total = weights.reduce(0, +)
                for index in 0..<size {
                    output[row * q.columns + head * size + index] = (0..<seen).reduce(0.0) { sum, key in
                        sum + weights[key] / total * Double(v.values[key * v.columns + group * size + index])
                    }
                }
            }
        }
        return output
    }

    @Test(
        "agrees with plain loops, with grouped heads and counts of visible keys",
        arguments: [(heads: 1, groups: 1), (4, 4), (4, 2), (6, 1)])
    func loops(heads: Int, groups: Int) {
        for (queryCount, keyCount, size) in [(1, 1, 8), (3, 5, 6), (17, 40, 16)] {
            let q = scattered(queryCount, heads * size, seed: 1)
            let k = scattered(keyCount, groups * size, seed: 2)
            let v = scattered(keyCount, groups * size, seed: 3)
            let counts = (0..<queryCount).map { min(keyCount, 1 + $0 * 2) }
            for visible in [nil, counts] {
                let mixed = attention(
                    queries: q, keys: k, values: v, heads: heads, keyValueHeads: groups, visible: visible)
                let exact = reference(q, k, v, heads: heads, groups: groups, visible: visible)
                #expect(mixed.shape == q.shape)
                #expect(difference(mixed.values, exact) < 2e-6)
            }
        }
    }

    @Test("of long sequences, cut into blocks and spread over threads, agrees with plain loops", arguments: [1, 2])
    func blocks(threads: Int) {
        // 300 queries make blocks of which the last is not full; 700 keys are no multiple of anything.
        let q = scattered(300, 3 * 20, seed: 8)
        let k = scattered(700, 3 * 20, seed: 9)
        let v = scattered(700, 3 * 20, seed: 10)
        let counts = (0..<300).map { 1 + $0 * 2 }
        for visible in [nil, counts] {
            let exact = reference(q, k, v, heads: 3, groups: 3, visible: visible)
            let (mixed, rounded) = withComputeThreads(threads) {
                (
                    attention(queries: q, keys: k, values: v, heads: 3, visible: visible),
                    attention(queries: q, keys: k, values: v, heads: 3, visible: visible, precision: .bf16)
                )
            }
            #expect(difference(mixed.values, exact) < 2e-6)
            // Brain floats have eight bits: of values around 1, halves of a 256th.
            #expect(difference(rounded.values, exact) < 1.0 / 256)
        }
    }

    @Test("in bf16 gives the same numbers whatever the number of threads, with grouped heads")
    func threadsDoNotMatter() {
        let q = scattered(400, 4 * 16, seed: 11)
        let k = scattered(400, 2 * 16, seed: 12)
        let v = scattered(400, 2 * 16, seed: 13)
        func mixed(_ threads: Int) -> Tensor {
            withComputeThreads(threads) {
                attention(queries: q, keys: k, values: v, heads: 4, keyValueHeads: 2, precision: .bf16)
            }
        }
        #expect(mixed(1) == mixed(2))
        #expect(difference(mixed(1).values, reference(q, k, v, heads: 4, groups: 2, visible: nil)) < 1.0 / 256)
    }

    @Test(
        "of what stands side by side equals that of the parts",
        arguments: [(rows: 5, precision: Precision.f32), (400, .bf16)])
    func sideBySide(rows: Int, precision: Precision) {
        let projected = scattered(rows, 3 * 24, seed: 16)
        let parts = (0..<3).map { projected.columns($0 * 24..<($0 + 1) * 24) }
        #expect(
            selfAttention(projected, heads: 3, precision: precision)
                == attention(queries: parts[0], keys: parts[1], values: parts[2], heads: 3, precision: precision))
    }

    @Test("in bf16 bears scores far above and below what an exponential can hold")
    func largeScores() {
        var q = scattered(400, 16, seed: 14)
        q *= 1_000
        let k = scattered(400, 16, seed: 15)
        let mixed = attention(queries: q, keys: k, values: k, heads: 1, precision: .bf16)
        #expect(!mixed.values.contains { !$0.isFinite })
    }

    @Test("of one query equals that of many", arguments: [(heads: 4, groups: 4, size: 16), (4, 2, 6), (3, 1, 13)])
    func one(heads: Int, groups: Int, size: Int) {
        let q = scattered(1, heads * size, seed: 4)
        let k = scattered(29, groups * size, seed: 5)
        let v = scattered(29, groups * size, seed: 6)
        var output: [Float] = [42]
        attendOne(
            query: q.row(0), keys: k.values, values: v.values, heads: heads, keyValueHeads: groups,
            appendingTo: &output)
        let mixed = attention(queries: q, keys: k, values: v, heads: heads, keyValueHeads: groups)
        #expect(output.count == 1 + heads * size && output[0] == 42)
        #expect(difference(Array(output.dropFirst()), mixed.values.map(Double.init)) < 2e-6)
    }

    @Test("lets a query that sees one key take its value")
    func single() {
        let v = scattered(4, 8, seed: 7)
        let mixed = attention(
            queries: scattered(2, 8), keys: scattered(4, 8), values: v, heads: 2, visible: [1, 1])
        #expect(mixed.row(0).elementsEqual(v.row(0)) && mixed.row(1).elementsEqual(v.row(0)))
    }
}

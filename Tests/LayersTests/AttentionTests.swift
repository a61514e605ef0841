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

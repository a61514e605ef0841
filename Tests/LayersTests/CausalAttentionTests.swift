// Attention over a cache against doubles: windows, caps, prompts in parts.

import GoldenFiles
import Layers
import Tensors
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Causal attention")
struct CausalAttentionTests {
    /// One query against the keys of a range.
    private func reference(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, _ form: CausalAttention, row: Int, range: Range<Int>
    ) -> [Double] {
        var mixed: [Double] = []
        for head in 0..<form.heads {
            let group = head / (form.heads / form.keyValueHeads) * form.headSize
            let query = q.row(row).dropFirst(head * form.headSize).prefix(form.headSize).map(Double.init)
            var weights = range.map { key in
                var score = zip(query, k.row(key).dropFirst(group)).reduce(0) { $0 + $1.0 * Double($1.1) }
                score *= Double(form.scale)
                if let cap = form.softCap { score = Double(cap) * tanh(score / Double(cap)) }
                return exp(score)
            }
            let sum = weights.reduce(0, +)
            weights = weights.map { $0 / sum }
            for index in 0..<form.headSize {
                mixed.append(
                    zip(range, weights).reduce(0) {
                        $0 + $1.1 * Double(v.row($1.0)[v.row($1.0).startIndex + group + index])
                    })
            }
        }
        return mixed
    }

    @Test(
        "sees what its window and its counts let it see, in one go, in parts and row by row",
        arguments: [(nil, nil), (7, nil), (1, 2.5), (40, nil), (3, 0.5)] as [(Int?, Float?)])
    func windows(window: Int?, cap: Float?) {
        let form = CausalAttention(heads: 6, keyValueHeads: 2, headSize: 5, scale: 0.4, softCap: cap)
        let count = 83
        let (q, k, v) = (scattered(count, 30, seed: 1), scattered(count, 10, seed: 2), scattered(count, 10, seed: 3))
        let visible = (1...count).map { $0 }
        var layer = KVCache.Layer(window: window)
        layer.append(keys: k, values: v)
        let whole = form(q, layer, visible: visible)
        for row in 0..<count {
            let range = max(0, row + 1 - (window ?? count))..<row + 1
            #expect(difference(Array(whole.row(row)), reference(q, k, v, form, row: row, range: range)) < 5e-6)
        }
        var parts = KVCache.Layer(window: window)
        var single: [Float] = []
        for part in [0..<50, 50..<61, 61..<62] {
            parts.append(keys: k.rows(part), values: v.rows(part))
            let mixed = form(q.rows(part), parts, visible: Array(visible[part]))
            #expect(mixed.largestDifference(from: whole.rows(part)).difference < 5e-6)
        }
        for row in 62..<count {
            parts.append(keys: k.rows(row..<row + 1), values: v.rows(row..<row + 1))
            form.step(q.row(row), parts, appendingTo: &single)
        }
        #expect(difference(single, whole.rows(62..<count).values.map(Double.init)) < 5e-6)
        #expect(parts.count == count)
        if let window { #expect(parts.count - parts.forgotten <= 2 * window + 50) }
    }

    @Test("adds a bias to the scores of each head")
    func bias() {
        let form = CausalAttention(heads: 2, keyValueHeads: 2, headSize: 3, scale: 1)
        let (q, k, v) = (scattered(4, 6, seed: 1), scattered(4, 6, seed: 2), scattered(4, 6, seed: 3))
        var layer = KVCache.Layer()
        layer.append(keys: k, values: v)
        // So much that only the first key counts, for the second head alone.
        let mixed = form(q, layer, visible: [1, 2, 3, 4]) { head, _, first, scores in
            if head == 1 { scores[0 - first] += 1_000 }
        }
        let plain = form(q, layer, visible: [1, 2, 3, 4])
        for row in 0..<4 {
            #expect(mixed.row(row).prefix(3).elementsEqual(plain.row(row).prefix(3)))
            #expect(difference(Array(mixed.row(row).suffix(3)), v.row(0).suffix(3).map(Double.init)) < 1e-6)
        }
    }
}

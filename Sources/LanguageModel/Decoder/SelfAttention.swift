// Self-attention over a KV cache, with the options that architectures take.

import Layers
import Tensors

/// Queries, keys and values of the input, attention over all that was read, and a map of what comes out:
/// `[S, W] -> [S, W]`.
struct SelfAttention: Sendable {
    /// One product for queries, keys and values, whose outputs stand side by side in this order.
    let queriesKeysValues: Linear
    /// Norms of each head's queries and keys.
    var queryNorm: RMSNorm?
    var keyNorm: RMSNorm?
    /// Which of the model's rotations queries and keys take; nil for none.
    var rotary: Int?
    let attention: CausalAttention
    /// How many tokens a token sees, itself included; nil for all before it.
    var window: Int?
    let output: Linear

    /// New tokens of one sequence.
    func callAsFunction(
        _ x: Tensor, _ rotations: [RotaryEmbedding.Rotations], visible: [Int], cache: inout KVCache.Layer
    ) -> Tensor {
        let (queries, keys, values) = project(x, rotations)
        cache.append(keys: keys, values: values)
        return output(attention(queries, cache, visible: visible))
    }

    /// One new token for each of several sequences.
    func step(
        _ x: Tensor, _ rotations: [RotaryEmbedding.Rotations], layer: Int, caches: inout [KVCache]
    ) -> Tensor {
        let (queries, keys, values) = project(x, rotations)
        var mixed: [Float] = []
        mixed.reserveCapacity(queries.values.count)
        for index in caches.indices {
            caches[index].layers[layer].append(
                keys: keys.rows(index..<index + 1), values: values.rows(index..<index + 1))
            attention.step(queries.row(index), caches[index].layers[layer], appendingTo: &mixed)
        }
        return output(Tensor(shape: queries.shape, values: mixed))
    }

    private func project(
        _ x: Tensor, _ rotations: [RotaryEmbedding.Rotations]
    ) -> (queries: Tensor, keys: Tensor, values: Tensor) {
        let projected = queriesKeysValues(x)
        let queryWidth = attention.heads * attention.headSize
        let keyWidth = attention.keyValueHeads * attention.headSize
        var queries = projected.columns(0..<queryWidth)
        var keys = projected.columns(queryWidth..<queryWidth + keyWidth)
        if let queryNorm, let keyNorm {
            queries = queryNorm(queries)
            keys = keyNorm(keys)
        }
        if let rotary {
            rotations[rotary].rotate(&queries)
            rotations[rotary].rotate(&keys)
        }
        return (queries, keys, projected.columns(queryWidth + keyWidth..<queryWidth + 2 * keyWidth))
    }
}

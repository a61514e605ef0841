// One block of the language model: attention over the cache and a gated feed-forward layer.

import Layers
import Tensors

/// A Llama block (RMSNorm, rotary grouped-query attention, SwiGLU): `[S, W] -> [S, W]`.
struct LlamaBlock: Sendable {
    /// In what the architectures of this family differ.
    struct Variant: Sendable {
        /// Whether the maps to queries, keys and values have biases where config.json does not say.
        var hasInputBias = false
        /// Whether the map after attention has one where those have.
        var hasOutputBias = true
        /// Whether each head's queries and keys are normalised.
        var normalizesHeads = false
    }

    private let configuration: LlamaConfiguration
    private let rotary: RotaryEmbedding
    private let attentionNorm: RMSNorm  // input_layernorm
    private let queriesKeysValues: Linear  // self_attn.q_proj, k_proj, v_proj
    private let queryNorm: RMSNorm?  // self_attn.q_norm
    private let keyNorm: RMSNorm?  // self_attn.k_norm
    private let attentionOutput: Linear  // self_attn.o_proj
    private let feedForwardNorm: RMSNorm  // post_attention_layernorm
    private let gateAndUp: Linear  // mlp.gate_proj, up_proj
    private let down: Linear  // mlp.down_proj

    init(
        _ weights: WeightScope, _ configuration: LlamaConfiguration, _ variant: Variant, rotary: RotaryEmbedding
    ) throws(TensorFileError) {
        self.configuration = configuration
        self.rotary = rotary
        let (width, epsilon) = (configuration.width, configuration.normEpsilon)
        let queryWidth = configuration.heads * configuration.headSize
        let keyWidth = configuration.keyValueHeads * configuration.headSize
        let bias = configuration.attentionBias ?? variant.hasInputBias
        let attention = weights["self_attn"]
        attentionNorm = try RMSNorm(weights["input_layernorm"], width: width, epsilon: epsilon)
        queriesKeysValues = try Linear(
            stacking: [attention["q_proj"], attention["k_proj"], attention["v_proj"]],
            inputs: width, outputs: [queryWidth, keyWidth, keyWidth], biases: [bias, bias, bias])
        if variant.normalizesHeads {
            queryNorm = try RMSNorm(attention["q_norm"], width: configuration.headSize, epsilon: epsilon)
            keyNorm = try RMSNorm(attention["k_norm"], width: configuration.headSize, epsilon: epsilon)
        } else {
            (queryNorm, keyNorm) = (nil, nil)
        }
        attentionOutput = try Linear(
            attention["o_proj"], inputs: queryWidth, outputs: width, bias: bias && variant.hasOutputBias)
        feedForwardNorm = try RMSNorm(weights["post_attention_layernorm"], width: width, epsilon: epsilon)
        let (inner, innerBias) = (configuration.feedForwardWidth, configuration.feedForwardBias)
        gateAndUp = try Linear(
            stacking: [weights["mlp", "gate_proj"], weights["mlp", "up_proj"]],
            inputs: width, outputs: [inner, inner], biases: [innerBias, innerBias])
        down = try Linear(weights["mlp", "down_proj"], inputs: inner, outputs: width, bias: innerBias)
    }

    /// New tokens of one sequence: row s stands at `positions[s]` and sees the first `visible[s]` tokens.
    func callAsFunction(_ x: Tensor, positions: [Int], visible: [Int], cache: inout KVCache.Layer) -> Tensor {
        let (queries, keys, values) = project(x, positions: positions)
        cache.append(keys: keys, values: values)
        let width = keys.columns
        let count = cache.keys.count / width
        let mixed = attention(
            queries: queries, keys: Tensor(shape: [count, width], values: cache.keys),
            values: Tensor(shape: [count, width], values: cache.values),
            heads: configuration.heads, keyValueHeads: configuration.keyValueHeads, visible: visible)
        return feedForward(x + attentionOutput(mixed))
    }

    /// One new token for each of several sequences: row i continues the sequence of `caches[i]`.
    func step(_ x: Tensor, positions: [Int], layer: Int, caches: inout [KVCache]) -> Tensor {
        let (queries, keys, values) = project(x, positions: positions)
        var mixed: [Float] = []
        mixed.reserveCapacity(queries.values.count)
        for index in caches.indices {
            caches[index].layers[layer].append(
                keys: keys.rows(index..<index + 1), values: values.rows(index..<index + 1))
            attendOne(
                query: queries.row(index), keys: caches[index].layers[layer].keys,
                values: caches[index].layers[layer].values, heads: configuration.heads,
                keyValueHeads: configuration.keyValueHeads, appendingTo: &mixed)
        }
        return feedForward(x + attentionOutput(Tensor(shape: queries.shape, values: mixed)))
    }

    private func project(_ x: Tensor, positions: [Int]) -> (queries: Tensor, keys: Tensor, values: Tensor) {
        let projected = queriesKeysValues(attentionNorm(x))
        let queryWidth = configuration.heads * configuration.headSize
        let keyWidth = configuration.keyValueHeads * configuration.headSize
        var queries = projected.columns(0..<queryWidth)
        var keys = projected.columns(queryWidth..<queryWidth + keyWidth)
        if let queryNorm, let keyNorm {
            queries = queryNorm(queries)
            keys = keyNorm(keys)
        }
        rotary.rotate(&queries, positions: positions)
        rotary.rotate(&keys, positions: positions)
        return (queries, keys, projected.columns(queryWidth + keyWidth..<queryWidth + 2 * keyWidth))
    }

    private func feedForward(_ x: Tensor) -> Tensor {
        let inner = configuration.feedForwardWidth
        let gateAndUp = gateAndUp(feedForwardNorm(x))
        var gated = Tensor(zeros: x.rows, inner)
        gated.values.withUnsafeMutableBufferPointer { gated in
            gateAndUp.values.withUnsafeBufferPointer { source in
                for row in 0..<x.rows {
                    let gate = source.baseAddress! + row * 2 * inner
                    silu(gate, times: gate + inner, count: inner, into: gated.baseAddress! + row * inner)
                }
            }
        }
        return x + down(gated)
    }
}

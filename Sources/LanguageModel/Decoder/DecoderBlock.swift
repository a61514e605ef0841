// One block of a decoder: attention over the cache and a feed-forward layer, each with its norms.

import Layers
import Tensors

/// The norm that an architecture has: `[S, W] -> [S, W]`.
enum Normalization: Sendable {
    case layer(LayerNorm)
    case rms(RMSNorm)

    func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .layer(let norm): norm(x)
        case .rms(let norm): norm(x)
        }
    }
}

/// Where a layer of a block is normalised: x ← after(x + onOutput(layer(before(x)))).
struct LayerNorms: Sendable {
    /// Before the layer ("pre-norm").
    var before: Normalization?
    /// On what it gives (Gemma 2).
    var onOutput: Normalization?
    /// After the sum ("post-norm", OPT 350M).
    var after: Normalization?
}

/// A block: `[S, W] -> [S, W]`.
struct DecoderBlock: Sendable {
    let attention: SelfAttention
    let attentionNorms: LayerNorms
    let feedForward: BlockFeedForward
    let feedForwardNorms: LayerNorms

    /// How many tokens a token sees, itself included; nil for all before it.
    var window: Int? { attention.window }

    /// New tokens of one sequence: row s sees the first `visible[s]` tokens.
    func callAsFunction(
        _ x: Tensor, _ rotations: [RotaryEmbedding.Rotations], visible: [Int], cache: inout KVCache.Layer
    ) -> Tensor {
        let mixed = attention(attentionNorms.before?(x) ?? x, rotations, visible: visible, cache: &cache)
        return finished(x, mixed)
    }

    /// One new token for each of several sequences: row i continues the sequence of `caches[i]`.
    func step(
        _ x: Tensor, _ rotations: [RotaryEmbedding.Rotations], layer: Int, caches: inout [KVCache]
    ) -> Tensor {
        let mixed = attention.step(attentionNorms.before?(x) ?? x, rotations, layer: layer, caches: &caches)
        return finished(x, mixed)
    }

    /// What follows attention.
    private func finished(_ x: Tensor, _ mixed: Tensor) -> Tensor {
        let hidden = added(x, mixed, attentionNorms)
        return added(hidden, feedForward(feedForwardNorms.before?(hidden) ?? hidden), feedForwardNorms)
    }

    private func added(_ x: Tensor, _ output: Tensor, _ norms: LayerNorms) -> Tensor {
        var sum = norms.onOutput?(output) ?? output
        sum += x
        return norms.after?(sum) ?? sum
    }
}

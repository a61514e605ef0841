// One block of the encoder: self-attention and a feed-forward layer, each normalised first and added.

import Layers
import Tensors

/// A pre-norm transformer block, transformers' `WhisperEncoderLayer`: `[T, W] -> [T, W]`.
struct WhisperBlock: Sendable {
    private let heads: Int
    private let precision: Precision
    private let attentionNorm: LayerNorm  // self_attn_layer_norm
    private let queriesKeysValues: Linear  // self_attn.q_proj, k_proj (without bias), v_proj
    private let attentionOutput: Linear  // self_attn.out_proj
    private let feedForwardNorm: LayerNorm  // final_layer_norm
    private let feedForward: FeedForward  // fc1, fc2

    init(_ weights: WeightScope, _ configuration: WhisperConfiguration) throws(TensorFileError) {
        let width = configuration.width
        let attention = weights["self_attn"]
        (heads, precision) = (configuration.heads, weights.precision)
        attentionNorm = try LayerNorm(weights["self_attn_layer_norm"], width: width)
        queriesKeysValues = try Linear(
            stacking: [attention["q_proj"], attention["k_proj"], attention["v_proj"]],
            inputs: width, outputs: [width, width, width], biases: [true, false, true])
        attentionOutput = try Linear(attention["out_proj"], inputs: width, outputs: width)
        feedForwardNorm = try LayerNorm(weights["final_layer_norm"], width: width)
        let inner = configuration.feedForwardWidth
        feedForward = try FeedForward(
            up: weights["fc1"], down: weights["fc2"], inputs: width, hidden: inner, outputs: width, activation: .gelu)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let mixed = selfAttention(queriesKeysValues(attentionNorm(x)), heads: heads, precision: precision)
        let attended = x + attentionOutput(mixed)
        return attended + feedForward(feedForwardNorm(attended))
    }
}

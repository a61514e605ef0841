// One block of wav2vec 2.0 and HuBERT: self-attention and a feed-forward layer, each added.

import Layers
import Tensors

/// A transformer block that normalises what it reads, or what it has added up: `[T, W] -> [T, W]`.
///
/// transformers' `Wav2Vec2EncoderLayerStableLayerNorm` and `Wav2Vec2EncoderLayer`; both have the same weights.
struct Wav2Vec2Block: Sendable {
    private let heads: Int
    private let isPreNorm: Bool
    private let precision: Precision
    private let queriesKeysValues: Linear  // attention.q_proj, k_proj, v_proj
    private let attentionOutput: Linear  // attention.out_proj
    private let attentionNorm: LayerNorm  // layer_norm
    private let feedForward: FeedForward  // feed_forward.intermediate_dense, output_dense
    private let finalNorm: LayerNorm  // final_layer_norm

    init(_ weights: WeightScope, _ configuration: Wav2Vec2Configuration) throws(TensorFileError) {
        let width = configuration.width
        let attention = weights["attention"]
        (heads, isPreNorm, precision) = (configuration.heads, configuration.isPreNorm, weights.precision)
        queriesKeysValues = try Linear(
            stacking: [attention["q_proj"], attention["k_proj"], attention["v_proj"]],
            inputs: width, outputs: [width, width, width], biases: [true, true, true])
        attentionOutput = try Linear(attention["out_proj"], inputs: width, outputs: width)
        attentionNorm = try LayerNorm(weights["layer_norm"], width: width, epsilon: configuration.epsilon)
        feedForward = try FeedForward(
            up: weights["feed_forward", "intermediate_dense"], down: weights["feed_forward", "output_dense"],
            inputs: width, hidden: configuration.feedForwardWidth, outputs: width, activation: .gelu)
        finalNorm = try LayerNorm(weights["final_layer_norm"], width: width, epsilon: configuration.epsilon)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        if isPreNorm {
            let attended = x + attend(attentionNorm(x))
            return attended + feedForward(finalNorm(attended))
        }
        let attended = attentionNorm(x + attend(x))
        return finalNorm(attended + feedForward(attended))
    }

    private func attend(_ x: Tensor) -> Tensor {
        attentionOutput(selfAttention(queriesKeysValues(x), heads: heads, precision: precision))
    }
}

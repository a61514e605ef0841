// One block of the decoder: attention to the tokens, attention to the sound, and a feed-forward layer.

import Layers
import Tensors

/// A pre-norm block, transformers' `WhisperDecoderLayer`: `[S, W] -> [S, W]`.
struct WhisperDecoderBlock: Sendable {
    private let width: Int
    private let heads: Int
    private let tokenNorm: LayerNorm  // self_attn_layer_norm
    private let tokenProjection: Linear  // self_attn.q_proj, k_proj (without bias), v_proj
    private let tokenOutput: Linear  // self_attn.out_proj
    private let soundNorm: LayerNorm  // encoder_attn_layer_norm
    private let soundQuery: Linear  // encoder_attn.q_proj
    private let soundKeysValues: Linear  // encoder_attn.k_proj (without bias), v_proj
    private let soundOutput: Linear  // encoder_attn.out_proj
    private let feedForwardNorm: LayerNorm  // final_layer_norm
    private let feedForward: FeedForward  // fc1, fc2

    init(_ weights: WeightScope, _ configuration: WhisperDecoderConfiguration) throws(TensorFileError) {
        let width = configuration.width
        (self.width, heads) = (width, configuration.heads)
        let tokens = weights["self_attn"]
        tokenNorm = try LayerNorm(weights["self_attn_layer_norm"], width: width)
        tokenProjection = try Linear(
            stacking: [tokens["q_proj"], tokens["k_proj"], tokens["v_proj"]],
            inputs: width, outputs: [width, width, width], biases: [true, false, true])
        tokenOutput = try Linear(tokens["out_proj"], inputs: width, outputs: width)
        let sound = weights["encoder_attn"]
        soundNorm = try LayerNorm(weights["encoder_attn_layer_norm"], width: width)
        soundQuery = try Linear(sound["q_proj"], inputs: width, outputs: width)
        soundKeysValues = try Linear(
            stacking: [sound["k_proj"], sound["v_proj"]], inputs: width, outputs: [width, width],
            biases: [false, true])
        soundOutput = try Linear(sound["out_proj"], inputs: width, outputs: width)
        feedForwardNorm = try LayerNorm(weights["final_layer_norm"], width: width)
        let inner = configuration.feedForwardWidth
        feedForward = try FeedForward(
            up: weights["fc1"], down: weights["fc2"], inputs: width, hidden: inner, outputs: width, activation: .gelu)
    }

    /// The keys and values of the encoder's hidden states: `[T, W]`.
    func remember(_ encoded: Tensor) -> SoundLayer {
        let projected = soundKeysValues(encoded)
        return SoundLayer(keys: projected.columns(0..<width), values: projected.columns(width..<2 * width))
    }

    /// The first tokens of one sequence, each of which sees those before it: `[S, W] -> [S, W]`.
    func read(_ x: Tensor, rows: [Int], layer: Int, state: inout DecoderState) -> Tensor {
        let projected = tokenProjection(tokenNorm(x))
        state.store(projected, layer: layer, rows: rows)
        let mixed = attention(
            queries: projected.columns(0..<width), keys: projected.columns(width..<2 * width),
            values: projected.columns(2 * width..<3 * width), heads: heads, visible: Array(1...x.rows))
        return finish(x, mixed, state.memory.layers[layer], rows: state.memory.rows)
    }

    /// One new token of every hypothesis: `[B, W] -> [B, W]`.
    func step(_ x: Tensor, rows: [Int], layer: Int, state: inout DecoderState) -> Tensor {
        let projected = tokenProjection(tokenNorm(x))
        state.store(projected, layer: layer, rows: rows)
        let mixed = state.attendToPaths(projected, layer: layer, heads: heads)
        return finish(x, mixed, state.memory.layers[layer], rows: state.memory.rows)
    }

    private func finish(_ x: Tensor, _ mixed: Tensor, _ sound: SoundLayer, rows: [Int]) -> Tensor {
        var sum = x + tokenOutput(mixed)
        sum += soundOutput(listen(soundQuery(soundNorm(sum)), to: sound, rows: rows))
        sum += feedForward(feedForwardNorm(sum))
        return sum
    }

    /// Attention to the sound: by plain loops for one token, which touch keys and values once; by products for more.
    private func listen(_ queries: Tensor, to sound: SoundLayer, rows: [Int]) -> Tensor {
        guard queries.rows == 1 else {
            return attention(queries: queries, keys: sound.keys, values: sound.values, heads: heads)
        }
        let width = width
        let mixed = [Float](unsafeUninitializedCapacity: width) { output, count in
            queries.values.withUnsafeBufferPointer { query in
                sound.keys.values.withUnsafeBufferPointer { keys in
                    sound.values.values.withUnsafeBufferPointer { values in
                        rows.withUnsafeBufferPointer { rows in
                            attend(
                                query.baseAddress!, to: rows, keys: keys.baseAddress!, values: values.baseAddress!,
                                heads: heads, width: width, into: output.baseAddress!)
                        }
                    }
                }
            }
            count = width
        }
        return Tensor(shape: [1, width], values: mixed)
    }
}

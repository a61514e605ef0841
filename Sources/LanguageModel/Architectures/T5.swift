// The language model "t5": T5, Flan-T5 and UL2.

public import Layers
public import Tensors

/// T5 (Raffel et al. 2020; `T5ForConditionalGeneration` in transformers): encoder and decoder with RMSNorm, scores that
/// are not scaled, positions as biases of scores that all layers share.
public struct T5Model: SequenceToSequenceModel {
    private let configuration: T5Configuration
    private let embedding: TokenEmbedding  // shared
    private let encoder: T5Stack
    private let decoder: T5Stack
    private let output: Linear  // lm_head

    /// Loads the folder; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        configuration = try folder.configuration(T5Configuration.self)
        try configuration.validate(in: folder)
        let weights = try folder.weights(precision: precision)
        let (width, vocabulary) = (configuration.width, configuration.vocabularySize)
        let table = try weights["shared"].weights("weight", outputs: vocabulary, inputs: width)
        embedding = TokenEmbedding(weights: table)
        encoder = try T5Stack(
            weights["encoder"], configuration, in: folder, layers: configuration.layers, isDecoder: false)
        decoder = try T5Stack(
            weights["decoder"], configuration, in: folder, layers: configuration.decoderLayers ?? configuration.layers,
            isDecoder: true)
        // The same vectors under other names.
        weights.ignore("encoder.embed_tokens.weight")
        weights.ignore("decoder.embed_tokens.weight")
        // A leftover of the first conversions, which transformers ignores, too.
        weights.ignore("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight")
        // Whether there is a head of its own is not told reliably by config.json.
        output = try OutputLayer.scores(
            weights, tiedTo: weights["lm_head"].has("weight") ? nil : table, inputs: width, outputs: vocabulary)
        try weights.requireAllUsed()
    }

    /// The width W of embeddings and hidden states.
    public var width: Int { configuration.width }
    /// The number V of tokens.
    public var vocabularySize: Int { configuration.vocabularySize }
    /// The token that the decoder begins with.
    public var startToken: Int { configuration.start }

    /// The tokens' embeddings: `[S] -> [S, W]`.
    public func embed(_ tokens: [Int]) -> Tensor { embedding(tokens) }

    /// The encoder's hidden states: `[S, W] -> [S, W]`.
    public func encode(_ embeddings: Tensor) -> Tensor { encoder.encode(embeddings) }

    /// A decoder's memory before its first token.
    public func makeMemory(of encoded: Tensor) -> DecoderMemory {
        var cache = KVCache(layers: decoder.layers.count)
        for (index, layer) in decoder.layers.enumerated() {
            guard let cross = layer.crossAttention else { continue }
            cache.layers[index].append(keys: cross.key(encoded), values: cross.value(encoded))
        }
        return DecoderMemory(tokens: KVCache(layers: decoder.layers.count), encoded: cache)
    }

    /// Reads the decoder's next token: to the hidden state `[1, W]`.
    public func step(_ token: Int, memory: inout DecoderMemory) -> Tensor {
        decoder.step(embed([token]), memory: &memory)
    }

    /// Hidden states of the decoder to scores of every token: `[S, W] -> [S, V]`.
    public func logits(_ hidden: Tensor) -> Tensor {
        guard configuration.scales else { return output(hidden) }
        var scaled = hidden
        scaled *= 1 / Float(width).squareRoot()
        return output(scaled)
    }
}

/// One of the halves.
private struct T5Stack: Sendable {
    struct Layer: Sendable {
        let attentionNorm: RMSNorm  // layer.0.layer_norm
        let attention: T5Attention  // layer.0.SelfAttention
        let crossNorm: RMSNorm?  // layer.1.layer_norm, of the decoder
        let crossAttention: T5Attention?  // layer.1.EncDecAttention
        let feedForwardNorm: RMSNorm  // the last layer's layer_norm
        let feedForward: BlockFeedForward  // its DenseReluDense
    }

    let layers: [Layer]
    private let bias: RelativeBias  // block.0.layer.0.SelfAttention.relative_attention_bias
    private let normalization: RMSNorm  // final_layer_norm

    init(
        _ scope: WeightScope, _ configuration: T5Configuration, in folder: ComponentFolder, layers count: Int,
        isDecoder: Bool
    ) throws(TensorFileError) {
        func norm(_ scope: WeightScope) throws(TensorFileError) -> RMSNorm {
            try RMSNorm(scope, width: configuration.width, epsilon: configuration.normEpsilon ?? 1e-6)
        }
        var layers: [Layer] = []
        for index in 0..<count {
            let block = scope["block", index, "layer"]
            let last = block[isDecoder ? 2 : 1]
            layers.append(
                Layer(
                    attentionNorm: try norm(block[0]["layer_norm"]),
                    attention: try T5Attention(block[0]["SelfAttention"], configuration),
                    crossNorm: isDecoder ? try norm(block[1]["layer_norm"]) : nil,
                    crossAttention: isDecoder ? try T5Attention(block[1]["EncDecAttention"], configuration) : nil,
                    feedForwardNorm: try norm(last["layer_norm"]),
                    feedForward: try BlockFeedForward(last["DenseReluDense"], configuration, in: folder)))
        }
        self.layers = layers
        bias = try RelativeBias(
            scope["block", 0, "layer", 0, "SelfAttention", "relative_attention_bias"], configuration,
            isBidirectional: !isDecoder)
        normalization = try norm(scope["final_layer_norm"])
    }

    /// All of a sequence, each row seeing every other.
    func encode(_ embeddings: Tensor) -> Tensor {
        var hidden = embeddings
        let visible = [Int](repeating: embeddings.rows, count: embeddings.rows)
        for layer in layers {
            let x = layer.attentionNorm(hidden)
            var cache = KVCache.Layer()
            cache.append(keys: layer.attention.key(x), values: layer.attention.value(x))
            hidden += layer.attention.mix(x, cache, visible: visible, bias: bias)
            hidden += layer.feedForward(layer.feedForwardNorm(hidden))
        }
        return normalization(hidden)
    }

    /// The decoder's next row.
    func step(_ embedding: Tensor, memory: inout DecoderMemory) -> Tensor {
        var hidden = embedding
        for (index, layer) in layers.enumerated() {
            let x = layer.attentionNorm(hidden)
            memory.tokens.layers[index].append(keys: layer.attention.key(x), values: layer.attention.value(x))
            let own = memory.tokens.layers[index]
            hidden += layer.attention.mix(x, own, visible: [own.count], bias: bias)
            if let norm = layer.crossNorm, let attention = layer.crossAttention {
                let encoded = memory.encoded.layers[index]
                hidden += attention.mix(norm(hidden), encoded, visible: [encoded.count], bias: nil)
            }
            hidden += layer.feedForward(layer.feedForwardNorm(hidden))
        }
        return normalization(hidden)
    }
}

/// Attention without scaling, whose queries may come from another sequence than its keys.
private struct T5Attention: Sendable {
    private let query: Linear  // q
    let key: Linear  // k
    let value: Linear  // v
    private let output: Linear  // o
    private let attention: CausalAttention

    init(_ scope: WeightScope, _ configuration: T5Configuration) throws(TensorFileError) {
        let (width, inner) = (configuration.width, configuration.heads * configuration.headSize)
        query = try Linear(scope["q"], inputs: width, outputs: inner, bias: false)
        key = try Linear(scope["k"], inputs: width, outputs: inner, bias: false)
        value = try Linear(scope["v"], inputs: width, outputs: inner, bias: false)
        output = try Linear(scope["o"], inputs: inner, outputs: width, bias: false)
        attention = CausalAttention(
            heads: configuration.heads, keyValueHeads: configuration.heads, headSize: configuration.headSize, scale: 1)
    }

    /// Rows `[S, W]` looking at what the cache holds; the bias counts distances from the cache's last rows.
    func mix(_ x: Tensor, _ cache: KVCache.Layer, visible: [Int], bias: RelativeBias?) -> Tensor {
        guard let bias else { return output(attention(query(x), cache, visible: visible)) }
        return output(
            attention(query(x), cache, visible: visible) { head, row, firstKey, scores in
                bias.add(head: head, query: row, firstKey: firstKey, to: scores)
            })
    }
}

extension BlockFeedForward {
    /// "wi" and "wo", or gated "wi_0", "wi_1" and "wo".
    fileprivate init(
        _ scope: WeightScope, _ configuration: T5Configuration, in folder: ComponentFolder
    ) throws(TensorFileError) {
        let (width, inner) = (configuration.width, configuration.feedForwardWidth)
        let (isGated, activation) = try configuration.activation(in: folder)
        guard isGated else {
            self = .plain(
                FeedForward(
                    up: try scope["wi"].weights("weight", outputs: inner, inputs: width), bias: nil,
                    down: try scope["wo"].weights("weight", outputs: width, inputs: inner), bias: nil,
                    activation: activation, precision: scope.precision))
            return
        }
        self = .gated(
            gateAndUp: try Linear(
                stacking: [scope["wi_0"], scope["wi_1"]], inputs: width, outputs: [inner, inner],
                biases: [false, false]),
            down: try Linear(scope["wo"], inputs: inner, outputs: width, bias: false),
            width: inner, activation: activation)
    }
}

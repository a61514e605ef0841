// The architectures with rotary positions and gated feed-forward layers, put together: one recipe, many models.

import Layers
import Tensors

/// What an architecture makes of its config.json; ``DecoderModel/init(_:_:precision:)`` loads the weights by it.
struct RotaryDecoder {
    let configuration: RotaryDecoderConfiguration
    let keyValueHeads: Int
    let headSize: Int
    let normEpsilon: Float
    let activation: Activation
    let tiesEmbeddings: Bool
    /// Each layer's window, nil where it sees everything.
    let windows: [Int?]
    /// The rotations there are, and which one a layer takes.
    let rotaries: [RotaryEmbedding]
    var rotaryOfLayer: (Int) -> Int = { _ in 0 }

    /// Whether the maps to queries, keys and values have biases; that after attention; those of the feed-forward layer.
    var hasInputBias = false
    var hasOutputBias = false
    var hasFeedForwardBias = false
    /// Whether each head's queries and keys are normalised.
    var normalizesHeads = false
    /// What is added to the weights of norms.
    var normOffset: Float = 0
    /// Whether what attention and feed-forward layer give is normalised, before it is added.
    var normalizesOutputs = false
    /// Whether queries, keys and values are one tensor, and gate and up another (Phi-3).
    var isPacked = false
    var embeddingScale: Float = 1
    var scoreScale: Float?
    var scoreCap: Float?
    var logitCap: Float?

    /// Throws `TensorFileError` unless heads fit each other.
    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        let heads = configuration.heads
        try folder.require("num_key_value_heads", keyValueHeads, in: 1...heads)
        try folder.require(
            heads % keyValueHeads == 0, "query heads to be a multiple of key and value heads",
            got: "\(heads) and \(keyValueHeads)")
        for (name, cap) in [("attn_logit_softcapping", scoreCap), ("final_logit_softcapping", logitCap)] {
            guard let cap else { continue }
            try folder.require(cap > 0 && cap.isFinite, "\(name) above 0", got: "\(cap)")
        }
    }
}

extension DecoderModel {
    /// Loads the weights of a recipe; throws `TensorFileError`.
    init(_ recipe: RotaryDecoder, _ folder: ComponentFolder, precision: Precision) throws(TensorFileError) {
        try recipe.validate(in: folder)
        let weights = try folder.weights(precision: precision)
        let configuration = recipe.configuration
        let (width, vocabulary) = (configuration.width, configuration.vocabularySize)
        let embedding = try weights["model", "embed_tokens"].weights("weight", outputs: vocabulary, inputs: width)
        var blocks: [DecoderBlock] = []
        for layer in 0..<configuration.layers {
            let scope = weights["model", "layers", layer]
            blocks.append(try DecoderBlock(scope, recipe, layer: layer))
            // Frequencies that old checkpoints hold; they are computed.
            scope.ignore("self_attn.rotary_emb.inv_freq")
        }
        self.init(
            Parts(
                width: width, embedding: TokenEmbedding(weights: embedding, scale: recipe.embeddingScale),
                rotaries: recipe.rotaries, blocks: blocks,
                normalization: try recipe.norm(weights["model", "norm"]),
                output: OutputLayer(
                    scores: try OutputLayer.scores(
                        weights, tiedTo: recipe.tiesEmbeddings ? embedding : nil, inputs: width, outputs: vocabulary),
                    softCap: recipe.logitCap)))
        try weights.requireAllUsed()
    }
}

extension RotaryDecoder {
    /// A norm of the model's width.
    fileprivate func norm(_ scope: WeightScope) throws(TensorFileError) -> Normalization {
        .rms(try RMSNorm(scope, width: configuration.width, epsilon: normEpsilon, offset: normOffset))
    }

    /// A norm of a head.
    fileprivate func headNorm(_ scope: WeightScope) throws(TensorFileError) -> RMSNorm? {
        guard normalizesHeads else { return nil }
        return try RMSNorm(scope, width: headSize, epsilon: normEpsilon, offset: normOffset)
    }

    /// Maps of one input that stand side by side: tensors of their own, or one.
    fileprivate func stacked(
        _ scope: WeightScope, _ names: [String], packedName: String, outputs: [Int], bias: Bool
    ) throws(TensorFileError) -> Linear {
        guard !isPacked else {
            return try Linear(
                scope[packedName], inputs: configuration.width, outputs: outputs.reduce(0, +), bias: bias)
        }
        return try Linear(
            stacking: names.map { scope[$0] }, inputs: configuration.width, outputs: outputs,
            biases: outputs.map { _ in bias })
    }
}

extension DecoderBlock {
    /// Layer number `layer`, of the keys that Llama gave and others kept.
    fileprivate init(_ scope: WeightScope, _ recipe: RotaryDecoder, layer: Int) throws(TensorFileError) {
        let configuration = recipe.configuration
        let queryWidth = configuration.heads * recipe.headSize
        let keyWidth = recipe.keyValueHeads * recipe.headSize
        let attention = scope["self_attn"]
        self.attention = SelfAttention(
            queriesKeysValues: try recipe.stacked(
                attention, ["q_proj", "k_proj", "v_proj"], packedName: "qkv_proj",
                outputs: [queryWidth, keyWidth, keyWidth], bias: recipe.hasInputBias),
            queryNorm: try recipe.headNorm(attention["q_norm"]), keyNorm: try recipe.headNorm(attention["k_norm"]),
            rotary: recipe.rotaryOfLayer(layer),
            attention: CausalAttention(
                heads: configuration.heads, keyValueHeads: recipe.keyValueHeads, headSize: recipe.headSize,
                scale: recipe.scoreScale, softCap: recipe.scoreCap),
            window: recipe.windows[layer],
            output: try Linear(
                attention["o_proj"], inputs: queryWidth, outputs: configuration.width, bias: recipe.hasOutputBias))
        let inner = configuration.feedForwardWidth
        feedForward = .gated(
            gateAndUp: try recipe.stacked(
                scope["mlp"], ["gate_proj", "up_proj"], packedName: "gate_up_proj", outputs: [inner, inner],
                bias: recipe.hasFeedForwardBias),
            down: try Linear(
                scope["mlp", "down_proj"], inputs: inner, outputs: configuration.width,
                bias: recipe.hasFeedForwardBias),
            width: inner, activation: recipe.activation)
        // Gemma 2 gave the name of the norm before the feed-forward layer to the one on attention's output.
        let afterAttention = try recipe.norm(scope["post_attention_layernorm"])
        attentionNorms = LayerNorms(
            before: try recipe.norm(scope["input_layernorm"]),
            onOutput: recipe.normalizesOutputs ? afterAttention : nil)
        feedForwardNorms =
            recipe.normalizesOutputs
            ? LayerNorms(
                before: try recipe.norm(scope["pre_feedforward_layernorm"]),
                onOutput: try recipe.norm(scope["post_feedforward_layernorm"]))
            : LayerNorms(before: afterAttention)
    }
}

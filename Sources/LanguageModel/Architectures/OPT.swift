// The language model "opt".

public import Layers
public import Tensors

/// What an OPT's config.json says, under transformers' names.
private struct OPTConfiguration: Decodable {
    let width: Int
    let layers: Int
    let heads: Int
    let feedForwardWidth: Int
    let positions: Int
    let vocabularySize: Int
    let embeddingWidth: Int?
    let activation: String?
    let normalizesBefore: Bool?
    let lacksFinalNorm: Bool?
    let hasBiases: Bool?
    let hasNormWeights: Bool?
    let tiesEmbeddings: Bool?

    enum CodingKeys: String, CodingKey {
        case width = "hidden_size"
        case layers = "num_hidden_layers"
        case heads = "num_attention_heads"
        case feedForwardWidth = "ffn_dim"
        case positions = "max_position_embeddings"
        case vocabularySize = "vocab_size"
        case embeddingWidth = "word_embed_proj_dim"
        case activation = "activation_function"
        case normalizesBefore = "do_layer_norm_before"
        case lacksFinalNorm = "_remove_final_layer_norm"
        case hasBiases = "enable_bias"
        case hasNormWeights = "layer_norm_elementwise_affine"
        case tiesEmbeddings = "tie_word_embeddings"
    }

    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("hidden_size", width, in: 1...65_536)
        try folder.require("num_hidden_layers", layers, in: 1...1_024)
        try folder.require("num_attention_heads", heads, in: 1...1_024)
        try folder.require(
            width % heads == 0, "hidden_size to be a multiple of num_attention_heads", got: "\(width) and \(heads)")
        try folder.require("ffn_dim", feedForwardWidth, in: 1...1_048_576)
        try folder.require("max_position_embeddings", positions, in: 1...1 << 24)
        try folder.require("vocab_size", vocabularySize, in: 1...16_777_216)
        if let embeddingWidth { try folder.require("word_embed_proj_dim", embeddingWidth, in: 1...65_536) }
        try folder.requirePlainWeights()
    }
}

extension DecoderModel {
    /// OPT (Zhang et al. 2022; `OPTForCausalLM` in transformers): learned positions from row 2 on, norms before layers or
    /// (350M) after them, embeddings narrower than the hidden states where the file says so; throws `TensorFileError`.
    public static func opt(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel {
        let configuration = try folder.configuration(OPTConfiguration.self)
        try configuration.validate(in: folder)
        let all = try folder.weights(precision: precision)
        // The first files hold the model without its head, whose names begin one scope lower.
        let weights = all["model", "decoder", "embed_tokens"].has("weight") ? all["model", "decoder"] : all["decoder"]
        let (width, vocabulary) = (configuration.width, configuration.vocabularySize)
        let embeddingWidth = configuration.embeddingWidth ?? width
        let isNarrow = embeddingWidth != width
        let embedding = try weights["embed_tokens"].weights("weight", outputs: vocabulary, inputs: embeddingWidth)
        let positions = try weights["embed_positions"].weights(
            "weight", outputs: configuration.positions + LearnedPositions.offsetInOPT, inputs: width)
        var blocks: [DecoderBlock] = []
        for layer in 0..<configuration.layers {
            blocks.append(try DecoderBlock(weights["layers", layer], configuration, in: folder))
        }
        let hasFinalNorm = configuration.normalizesBefore ?? true && !(configuration.lacksFinalNorm ?? false)
        let model = DecoderModel(
            Parts(
                width: width,
                embedding: TokenEmbedding(
                    weights: embedding,
                    projection: isNarrow
                        ? try Linear(weights["project_in"], inputs: embeddingWidth, outputs: width, bias: false) : nil),
                learnedPositions: LearnedPositions(weights: positions, offset: LearnedPositions.offsetInOPT),
                blocks: blocks,
                normalization: hasFinalNorm ? try configuration.norm(weights["final_layer_norm"]) : nil,
                output: OutputLayer(
                    projection: isNarrow
                        ? try Linear(weights["project_out"], inputs: width, outputs: embeddingWidth, bias: false) : nil,
                    scores: try OutputLayer.scores(
                        all, tiedTo: configuration.tiesEmbeddings ?? true ? embedding : nil, inputs: embeddingWidth,
                        outputs: vocabulary))))
        try all.requireAllUsed()
        return model
    }
}

extension LearnedPositions {
    /// The first two rows are for padding, which is not read here.
    fileprivate static let offsetInOPT = 2
}

extension OPTConfiguration {
    /// A norm of the model's width; transformers gives OPT the default ε.
    fileprivate func norm(_ scope: WeightScope) throws(TensorFileError) -> Normalization {
        .layer(hasNormWeights ?? true ? try LayerNorm(scope, width: width, epsilon: 1e-5) : LayerNorm(epsilon: 1e-5))
    }
}

extension DecoderBlock {
    fileprivate init(
        _ scope: WeightScope, _ configuration: OPTConfiguration, in folder: ComponentFolder
    ) throws(TensorFileError) {
        let (width, inner) = (configuration.width, configuration.feedForwardWidth)
        let bias = configuration.hasBiases ?? true
        let attention = scope["self_attn"]
        self.attention = SelfAttention(
            queriesKeysValues: try Linear(
                stacking: [attention["q_proj"], attention["k_proj"], attention["v_proj"]], inputs: width,
                outputs: [width, width, width], biases: [bias, bias, bias]),
            attention: CausalAttention(
                heads: configuration.heads, keyValueHeads: configuration.heads, headSize: width / configuration.heads),
            output: try Linear(attention["out_proj"], inputs: width, outputs: width, bias: bias))
        feedForward = .plain(
            FeedForward(
                up: try scope["fc1"].weights("weight", outputs: inner, inputs: width),
                bias: bias ? try scope["fc1"].vector("bias", count: inner) : nil,
                down: try scope["fc2"].weights("weight", outputs: width, inputs: inner),
                bias: bias ? try scope["fc2"].vector("bias", count: width) : nil,
                activation: try folder.activation("activation_function", configuration.activation ?? "relu"),
                precision: scope.precision))
        let norms = (
            try configuration.norm(scope["self_attn_layer_norm"]), try configuration.norm(scope["final_layer_norm"])
        )
        let isBefore = configuration.normalizesBefore ?? true
        attentionNorms = isBefore ? LayerNorms(before: norms.0) : LayerNorms(after: norms.0)
        feedForwardNorms = isBefore ? LayerNorms(before: norms.1) : LayerNorms(after: norms.1)
    }
}

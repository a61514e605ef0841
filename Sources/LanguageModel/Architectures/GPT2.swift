// The language model "gpt2".

public import Layers
public import Tensors

/// What a GPT-2's config.json says, under transformers' names.
private struct GPT2Configuration: Decodable {
    let width: Int
    let layers: Int
    let heads: Int
    let feedForwardWidth: Int?
    let positions: Int
    let vocabularySize: Int
    let activation: String?
    let normEpsilon: Float?
    let scalesScores: Bool?
    let scalesScoresByLayer: Bool?
    let hasCrossAttention: Bool?
    let tiesEmbeddings: Bool?

    enum CodingKeys: String, CodingKey {
        case width = "n_embd"
        case layers = "n_layer"
        case heads = "n_head"
        case feedForwardWidth = "n_inner"
        case positions = "n_positions"
        case vocabularySize = "vocab_size"
        case activation = "activation_function"
        case normEpsilon = "layer_norm_epsilon"
        case scalesScores = "scale_attn_weights"
        case scalesScoresByLayer = "scale_attn_by_inverse_layer_idx"
        case hasCrossAttention = "add_cross_attention"
        case tiesEmbeddings = "tie_word_embeddings"
    }

    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("n_embd", width, in: 1...65_536)
        try folder.require("n_layer", layers, in: 1...1_024)
        try folder.require("n_head", heads, in: 1...1_024)
        try folder.require(width % heads == 0, "n_embd to be a multiple of n_head", got: "\(width) and \(heads)")
        if let feedForwardWidth { try folder.require("n_inner", feedForwardWidth, in: 1...1_048_576) }
        try folder.require("n_positions", positions, in: 1...1 << 24)
        try folder.require("vocab_size", vocabularySize, in: 1...16_777_216)
        try folder.refuse("add_cross_attention", hasCrossAttention == true)
        let epsilon = normEpsilon ?? 1e-5
        try folder.require(epsilon >= 0 && epsilon < 1, "layer_norm_epsilon from 0 to 1", got: "\(epsilon)")
        try folder.requirePlainWeights()
    }
}

extension ComponentFolder {
    /// Throws `TensorFileError` unless the weights are plain numbers.
    func requirePlainWeights() throws(TensorFileError) {
        struct Quantized: Decodable {
            let quantization_config: Anything?
            struct Anything: Decodable { init(from decoder: any Decoder) {} }
        }
        let isQuantized = try configuration(Quantized.self).quantization_config != nil
        try require(!isQuantized, "weights that are plain numbers", got: "a quantization_config")
    }
}

extension DecoderModel {
    /// GPT-2 (Radford et al. 2019; `GPT2LMHeadModel` in transformers): learned positions, LayerNorm, matrices that are
    /// stored as inputs by outputs; throws `TensorFileError`.
    public static func gpt2(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel {
        let configuration = try folder.configuration(GPT2Configuration.self)
        try configuration.validate(in: folder)
        let all = try folder.weights(precision: precision)
        // The published files hold the model without its head, whose names begin one scope lower.
        let weights = all["transformer"]["wte"].has("weight") ? all["transformer"] : all
        let (width, epsilon) = (configuration.width, configuration.normEpsilon ?? 1e-5)
        let activation = try folder.activation("activation_function", configuration.activation ?? "gelu_new")
        let inner = configuration.feedForwardWidth ?? 4 * width
        func norm(_ scope: WeightScope) throws(TensorFileError) -> Normalization {
            .layer(try LayerNorm(scope, width: width, epsilon: epsilon))
        }
        func linear(_ scope: WeightScope, inputs: Int, outputs: Int) throws(TensorFileError) -> Linear {
            Linear(
                try scope.transposedWeights("weight", outputs: outputs, inputs: inputs),
                bias: try scope.vector("bias", count: outputs), precision: precision)
        }
        let embedding = try weights["wte"].weights("weight", outputs: configuration.vocabularySize, inputs: width)
        let positions = try weights["wpe"].weights("weight", outputs: configuration.positions, inputs: width)
        var blocks: [DecoderBlock] = []
        for layer in 0..<configuration.layers {
            let scope = weights["h", layer]
            let (attention, feedForward) = (scope["attn"], scope["mlp"])
            // Masks that old checkpoints hold.
            attention.ignore("bias")
            attention.ignore("masked_bias")
            var scale = configuration.scalesScores ?? true ? 1 / Float(width / configuration.heads).squareRoot() : 1
            if configuration.scalesScoresByLayer ?? false { scale /= Float(layer + 1) }
            blocks.append(
                DecoderBlock(
                    attention: SelfAttention(
                        queriesKeysValues: try linear(attention["c_attn"], inputs: width, outputs: 3 * width),
                        attention: CausalAttention(
                            heads: configuration.heads, keyValueHeads: configuration.heads,
                            headSize: width / configuration.heads, scale: scale),
                        output: try linear(attention["c_proj"], inputs: width, outputs: width)),
                    attentionNorms: LayerNorms(before: try norm(scope["ln_1"])),
                    feedForward: .plain(
                        FeedForward(
                            up: try feedForward["c_fc"].transposedWeights("weight", outputs: inner, inputs: width),
                            bias: try feedForward["c_fc"].vector("bias", count: inner),
                            down: try feedForward["c_proj"].transposedWeights("weight", outputs: width, inputs: inner),
                            bias: try feedForward["c_proj"].vector("bias", count: width), activation: activation,
                            precision: precision)),
                    feedForwardNorms: LayerNorms(before: try norm(scope["ln_2"]))))
        }
        let model = DecoderModel(
            Parts(
                width: width, embedding: TokenEmbedding(weights: embedding),
                learnedPositions: LearnedPositions(weights: positions, offset: 0), blocks: blocks,
                normalization: try norm(weights["ln_f"]),
                output: OutputLayer(
                    scores: try OutputLayer.scores(
                        all, tiedTo: configuration.tiesEmbeddings ?? true ? embedding : nil, inputs: width,
                        outputs: configuration.vocabularySize))))
        try all.requireAllUsed()
        return model
    }
}

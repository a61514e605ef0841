// What a Llama or Qwen config.json says.

import Layers
import Tensors

/// The shape of a Llama-architecture language model, under transformers' names.
public struct LlamaConfiguration: Codable, Sendable, Equatable {
    /// The width W of the hidden states.
    public let width: Int
    /// The number of blocks.
    public let layers: Int
    /// The number of query heads H.
    public let heads: Int
    /// The number of key and value heads; transformers' default is H.
    public let keyValueHeads: Int
    /// The size D of a head.
    public let headSize: Int
    /// The width inside the feed-forward layers.
    public let feedForwardWidth: Int
    /// The number V of tokens.
    public let vocabularySize: Int
    /// RMSNorm's ε.
    public let normEpsilon: Float
    /// The base θ of the rotary frequencies.
    public let ropeTheta: Double
    /// Whether the output layer is the embedding.
    public let tiesEmbeddings: Bool
    /// Whether the maps of attention have biases; nil where the architecture decides.
    public let attentionBias: Bool?
    /// Whether the feed-forward layers have biases.
    public let feedForwardBias: Bool
    /// How rotary frequencies are stretched; only "default" is known.
    public let ropeType: String
    /// The nonlinearity; only SiLU is known.
    public let activation: String

    enum CodingKeys: String, CodingKey {
        case width = "hidden_size"
        case layers = "num_hidden_layers"
        case heads = "num_attention_heads"
        case keyValueHeads = "num_key_value_heads"
        case headSize = "head_dim"
        case feedForwardWidth = "intermediate_size"
        case vocabularySize = "vocab_size"
        case normEpsilon = "rms_norm_eps"
        case ropeTheta = "rope_theta"
        case tiesEmbeddings = "tie_word_embeddings"
        case attentionBias = "attention_bias"
        case feedForwardBias = "mlp_bias"
        case ropeScaling = "rope_scaling"
        case ropeParameters = "rope_parameters"
        case activation = "hidden_act"
    }

    /// Rotary parameters, where transformers 5 keeps them.
    private struct RopeParameters: Codable {
        let theta: Double?
        let type: String?
        enum CodingKeys: String, CodingKey {
            case theta = "rope_theta"
            case type = "rope_type"
        }
    }

    /// Reads a config.json of transformers, of which keys left out have their defaults there.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        width = try values.decode(Int.self, forKey: .width)
        layers = try values.decode(Int.self, forKey: .layers)
        heads = try values.decode(Int.self, forKey: .heads)
        keyValueHeads = try values.decodeIfPresent(Int.self, forKey: .keyValueHeads) ?? heads
        headSize = try values.decodeIfPresent(Int.self, forKey: .headSize) ?? (heads > 0 ? width / heads : 0)
        feedForwardWidth = try values.decode(Int.self, forKey: .feedForwardWidth)
        vocabularySize = try values.decode(Int.self, forKey: .vocabularySize)
        normEpsilon = try values.decodeIfPresent(Float.self, forKey: .normEpsilon) ?? 1e-6
        let rope =
            try values.decodeIfPresent(RopeParameters.self, forKey: .ropeParameters)
            ?? values.decodeIfPresent(RopeParameters.self, forKey: .ropeScaling)
        ropeTheta = try values.decodeIfPresent(Double.self, forKey: .ropeTheta) ?? rope?.theta ?? 10_000
        ropeType = rope?.type ?? "default"
        tiesEmbeddings = try values.decodeIfPresent(Bool.self, forKey: .tiesEmbeddings) ?? false
        attentionBias = try values.decodeIfPresent(Bool.self, forKey: .attentionBias)
        feedForwardBias = try values.decodeIfPresent(Bool.self, forKey: .feedForwardBias) ?? false
        activation = try values.decodeIfPresent(String.self, forKey: .activation) ?? "silu"
    }

    /// Writes the keys as transformers names them.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(width, forKey: .width)
        try values.encode(layers, forKey: .layers)
        try values.encode(heads, forKey: .heads)
        try values.encode(keyValueHeads, forKey: .keyValueHeads)
        try values.encode(headSize, forKey: .headSize)
        try values.encode(feedForwardWidth, forKey: .feedForwardWidth)
        try values.encode(vocabularySize, forKey: .vocabularySize)
        try values.encode(normEpsilon, forKey: .normEpsilon)
        try values.encode(RopeParameters(theta: ropeTheta, type: ropeType), forKey: .ropeParameters)
        try values.encode(tiesEmbeddings, forKey: .tiesEmbeddings)
        try values.encodeIfPresent(attentionBias, forKey: .attentionBias)
        try values.encode(feedForwardBias, forKey: .feedForwardBias)
        try values.encode(activation, forKey: .activation)
    }

    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("hidden_size", width, in: 1...65_536)
        try folder.require("num_hidden_layers", layers, in: 1...1_024)
        try folder.require("num_attention_heads", heads, in: 1...1_024)
        try folder.require("num_key_value_heads", keyValueHeads, in: 1...heads)
        try folder.require("head_dim", headSize, in: 2...65_536)
        try folder.require("intermediate_size", feedForwardWidth, in: 1...1_048_576)
        try folder.require("vocab_size", vocabularySize, in: 1...16_777_216)
        try folder.require(
            heads % keyValueHeads == 0, "query heads to be a multiple of key and value heads",
            got: "\(heads) and \(keyValueHeads)")
        try folder.require(headSize % 2 == 0, "an even head_dim", got: "\(headSize)")
        try folder.require(ropeType == "default", "rope_type \"default\"", got: "\"\(ropeType)\"")
        try folder.require(activation == "silu", "hidden_act \"silu\"", got: "\"\(activation)\"")
        try folder.require(ropeTheta > 1 && ropeTheta.isFinite, "rope_theta above 1", got: "\(ropeTheta)")
    }
}

// What a Whisper checkpoint's config.json says of the decoder.

import Layers
import Tensors

/// The shape of a Whisper decoder, under transformers' names.
public struct WhisperDecoderConfiguration: Codable, Sendable, Equatable {
    /// The width W of the hidden states, the encoder's too.
    public let width: Int
    /// The number of blocks.
    public let layers: Int
    /// The number of attention heads.
    public let heads: Int
    /// The width inside the feed-forward layers.
    public let feedForwardWidth: Int
    /// The number V of tokens, timestamps among them.
    public let vocabularySize: Int
    /// The number of positions, the prompt's included.
    public let maximumPositions: Int
    /// The number of the encoder's positions, of a whole window (1,500 are 30 s).
    public let windowPositions: Int
    /// The nonlinearity; only "gelu" is known, which is what it is where it is not said.
    public let activation: String?
    /// Whether embeddings are multiplied by √W, which no Whisper does.
    public let scalesEmbeddings: Bool?
    /// Whether the output layer is the embedding; yes where it is not said.
    public let tiesEmbeddings: Bool?
    /// Tokens that are never written, in checkpoints from before generation_config.json.
    public let suppressedTokens: [Int]?
    /// Tokens that no transcript begins with, in such checkpoints.
    public let suppressedFirstTokens: [Int]?

    enum CodingKeys: String, CodingKey {
        case width = "d_model"
        case layers = "decoder_layers"
        case heads = "decoder_attention_heads"
        case feedForwardWidth = "decoder_ffn_dim"
        case vocabularySize = "vocab_size"
        case maximumPositions = "max_target_positions"
        case windowPositions = "max_source_positions"
        case activation = "activation_function"
        case scalesEmbeddings = "scale_embedding"
        case tiesEmbeddings = "tie_word_embeddings"
        case suppressedTokens = "suppress_tokens"
        case suppressedFirstTokens = "begin_suppress_tokens"
    }

    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("d_model", width, in: 1...65_536)
        try folder.require("decoder_layers", layers, in: 1...1_024)
        try folder.require("decoder_attention_heads", heads, in: 1...1_024)
        try folder.require("decoder_ffn_dim", feedForwardWidth, in: 1...262_144)
        try folder.require("vocab_size", vocabularySize, in: 2...1_000_000)
        // Half of the positions are a prompt's, which begins with up to five tokens.
        try folder.require("max_target_positions", maximumPositions, in: 12...65_536)
        try folder.require("max_source_positions", windowPositions, in: 1...65_536)
        try folder.require(width % heads == 0, "d_model to be a multiple of the heads", got: "\(width) and \(heads)")
        let activation = activation ?? "gelu"
        try folder.require(activation == "gelu", "activation_function \"gelu\"", got: "\"\(activation)\"")
        try folder.require(scalesEmbeddings != true, "scale_embedding false", got: "true")
    }
}

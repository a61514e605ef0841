// What a Whisper encoder's config.json says.

import Layers
import Tensors

/// The shape of a Whisper encoder, under transformers' names, with this project's phone head where there is one.
public struct WhisperConfiguration: Codable, Sendable, Equatable {
    /// The width W of the hidden states.
    public let width: Int
    /// The number of blocks.
    public let layers: Int
    /// The number of attention heads.
    public let heads: Int
    /// The width inside the feed-forward layers.
    public let feedForwardWidth: Int
    /// The number of mel bins of the features.
    public let melBins: Int
    /// The number of positions, two feature frames each (1,500 are 30 s).
    public let maximumPositions: Int
    /// The nonlinearity; only "gelu" is known, which is what it is where it is not said.
    public let activation: String?
    /// The phone head; nil for an encoder without one.
    public let ctc: CTCConfiguration?

    enum CodingKeys: String, CodingKey {
        case width = "d_model"
        case layers = "encoder_layers"
        case heads = "encoder_attention_heads"
        case feedForwardWidth = "encoder_ffn_dim"
        case melBins = "num_mel_bins"
        case maximumPositions = "max_source_positions"
        case activation = "activation_function"
        case ctc
    }

    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("d_model", width, in: 1...65_536)
        try folder.require("encoder_layers", layers, in: 1...1_024)
        try folder.require("encoder_attention_heads", heads, in: 1...1_024)
        try folder.require("encoder_ffn_dim", feedForwardWidth, in: 1...262_144)
        try folder.require("num_mel_bins", melBins, in: 1...1_024)
        try folder.require("max_source_positions", maximumPositions, in: 1...65_536)
        try folder.require(width % heads == 0, "d_model to be a multiple of the heads", got: "\(width) and \(heads)")
        let activation = activation ?? "gelu"
        try folder.require(activation == "gelu", "activation_function \"gelu\"", got: "\"\(activation)\"")
        guard let ctc else { return }
        try folder.require("the number of ctc.phones", ctc.phones.count, in: 2...65_536)
        try folder.require("ctc.blank", ctc.blank, in: 0...ctc.phones.count - 1)
        try folder.require("ctc.word_boundary", ctc.wordBoundary, in: 0...ctc.phones.count - 1)
    }
}

/// The classes of the encoder's phone head.
public struct CTCConfiguration: Codable, Sendable, Equatable {
    /// The classes' names; their number is P.
    public let phones: [String]
    /// The index of CTC's blank.
    public let blank: Int
    /// The index of the phone that stands between words.
    public let wordBoundary: Int

    enum CodingKeys: String, CodingKey {
        case phones, blank
        case wordBoundary = "word_boundary"
    }
}

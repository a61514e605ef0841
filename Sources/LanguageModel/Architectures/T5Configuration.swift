// What a T5's config.json says.

import Layers
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// The shape of a T5 under transformers' names.
struct T5Configuration: Decodable, Sendable {
    let width: Int
    let headSize: Int
    let feedForwardWidth: Int
    let layers: Int
    let decoderLayers: Int?
    let heads: Int
    let vocabularySize: Int
    let buckets: Int?
    let mostDistance: Int?
    let normEpsilon: Float?
    let feedForward: String?
    let tiesEmbeddings: Bool?
    let scalesOutputs: Bool?
    let startToken: Int?
    let paddingToken: Int?

    enum CodingKeys: String, CodingKey {
        case width = "d_model"
        case headSize = "d_kv"
        case feedForwardWidth = "d_ff"
        case layers = "num_layers"
        case decoderLayers = "num_decoder_layers"
        case heads = "num_heads"
        case vocabularySize = "vocab_size"
        case buckets = "relative_attention_num_buckets"
        case mostDistance = "relative_attention_max_distance"
        case normEpsilon = "layer_norm_epsilon"
        case feedForward = "feed_forward_proj"
        case tiesEmbeddings = "tie_word_embeddings"
        case scalesOutputs = "scale_decoder_outputs"
        case startToken = "decoder_start_token_id"
        case paddingToken = "pad_token_id"
    }

    /// The token that the decoder begins with: the one for padding, where nothing else is said.
    var start: Int { startToken ?? paddingToken ?? 0 }

    /// T5 1.1, Flan-T5 and UL2 say "tie_word_embeddings" false, and neither tie nor scale.
    var scales: Bool { scalesOutputs ?? (tiesEmbeddings ?? true) }

    /// Whether the feed-forward layer is gated, and its activation; throws `TensorFileError`.
    func activation(in folder: ComponentFolder) throws(TensorFileError) -> (isGated: Bool, Activation) {
        let name = feedForward ?? "relu"
        // transformers takes the approximation for this one.
        if name == "gated-gelu" { return (true, .geluTanh) }
        let isGated = name.hasPrefix("gated-")
        return (isGated, try folder.activation("feed_forward_proj", isGated ? String(name.dropFirst(6)) : name))
    }

    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("d_model", width, in: 1...65_536)
        try folder.require("d_kv", headSize, in: 1...65_536)
        try folder.require("d_ff", feedForwardWidth, in: 1...1_048_576)
        try folder.require("num_layers", layers, in: 1...1_024)
        if let decoderLayers { try folder.require("num_decoder_layers", decoderLayers, in: 1...1_024) }
        try folder.require("num_heads", heads, in: 1...1_024)
        try folder.require("vocab_size", vocabularySize, in: 1...16_777_216)
        let buckets = buckets ?? 32
        try folder.require("relative_attention_num_buckets", buckets, in: 4...65_536)
        try folder.require(buckets % 4 == 0, "relative_attention_num_buckets to be a multiple of 4", got: "\(buckets)")
        try folder.require("relative_attention_max_distance", mostDistance ?? 128, in: buckets / 2 + 1...1 << 30)
        try folder.require("decoder_start_token_id", start, in: 0...vocabularySize - 1)
        let epsilon = normEpsilon ?? 1e-6
        try folder.require(epsilon >= 0 && epsilon < 1, "layer_norm_epsilon from 0 to 1", got: "\(epsilon)")
        try folder.requirePlainWeights()
    }
}

/// What is added to the scores of a head by the distance of query and key (Raffel et al. 2020).
struct RelativeBias: Sendable {
    /// `[buckets, heads]`
    private let table: [Float]
    private let heads: Int
    private let buckets: Int
    private let mostDistance: Int
    private let isBidirectional: Bool

    /// Loads "weight"; throws `TensorFileError`.
    init(_ scope: WeightScope, _ configuration: T5Configuration, isBidirectional: Bool) throws(TensorFileError) {
        (heads, buckets) = (configuration.heads, configuration.buckets ?? 32)
        mostDistance = configuration.mostDistance ?? 128
        self.isBidirectional = isBidirectional
        table = try scope.tensor("weight", shape: [buckets, heads]).values
    }

    /// The bucket of a key so far after the query. In single precision, as transformers: where a distance lies on a
    /// border, rounding decides.
    func bucket(_ distance: Int) -> Int {
        let count = isBidirectional ? buckets / 2 : buckets
        let start = isBidirectional && distance > 0 ? count : 0
        let size = isBidirectional ? abs(distance) : max(0, -distance)
        let exact = count / 2
        if size < exact { return start + size }
        let share = logf(Float(size) / Float(exact)) / Float(log(Double(mostDistance) / Double(exact)))
        return start + min(exact + Int(share * Float(count - exact)), count - 1)
    }

    /// Adds the bias of a head to the scores of a query's row.
    func add(head: Int, query: Int, firstKey: Int, to scores: UnsafeMutableBufferPointer<Float>) {
        for index in scores.indices { scores[index] += table[bucket(firstKey + index - query) * heads + head] }
    }
}

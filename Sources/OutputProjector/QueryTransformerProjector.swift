// The output projector "transformer": learned queries read an object's signals (NExT-GPT's output projection).

public import Layers
public import Tensors

/// A tiny encoder-decoder transformer from signals to conditions: `[K, W] -> [queries, C]`, and a ``Place``.
///
/// fc maps the signals to the transformer's width; its encoder reads them, its decoder reads them from learned queries,
/// and `out` maps what came of the queries to conditions. Source: Wu et al. 2024, "NExT-GPT", `TextFcLayer` of mode
/// "transformer"; the transformer is PyTorch's `nn.Transformer` as it comes: post-norm, ReLU, no mask, a last norm
/// after either stack. The place is read as in ``MLPProjector``.
public struct QueryTransformerProjector: SignalProjector {
    /// The configuration of a transformer projector.
    public struct Configuration: Codable, Sendable, Equatable {
        /// The width W of the language model's hidden states.
        public let inputSize: Int
        /// The width of the transformer.
        public let hiddenSize: Int
        /// The width C of the generator's condition tokens.
        public let outputSize: Int
        /// The number K of signal tokens of an object.
        public let signals: Int
        /// The number of learned queries, and of condition tokens.
        public let queries: Int
        /// The number of attention heads.
        public let heads: Int
        /// The number of encoder layers.
        public let encoderLayers: Int
        /// The number of decoder layers.
        public let decoderLayers: Int
        /// The width inside the feed-forward layers.
        public let feedForwardSize: Int
        /// The width between the two layers of the place.
        public let placeHiddenSize: Int

        enum CodingKeys: String, CodingKey {
            case signals, queries, heads
            case inputSize = "input_size"
            case hiddenSize = "hidden_size"
            case outputSize = "output_size"
            case encoderLayers = "encoder_layers"
            case decoderLayers = "decoder_layers"
            case feedForwardSize = "feed_forward_size"
            case placeHiddenSize = "place_hidden_size"
        }
    }

    /// The configuration that was loaded.
    public let configuration: Configuration
    private let projection: Linear  // fc
    private let encoder: [Layer]  // tfm.encoder.layers
    private let encoderNorm: LayerNorm  // tfm.encoder.norm
    private let queries: Tensor  // query_embs [queries, hidden]
    private let decoder: [Layer]  // tfm.decoder.layers
    private let decoderNorm: LayerNorm  // tfm.decoder.norm
    private let out: Linear  // model
    private let placeHead: PlaceHead  // place_fc1, place_fc2

    /// Loads the folder's config.json and model.safetensors; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration: Configuration = try folder.configuration()
        try configuration.validate(in: folder)
        let weights = try folder.weights(precision: precision)
        let width = configuration.hiddenSize
        projection = try Linear(weights["fc"], inputs: configuration.inputSize, outputs: width)
        let (encoderScope, decoderScope) = (weights["tfm", "encoder"], weights["tfm", "decoder"])
        encoder = try (0..<configuration.encoderLayers).map { index throws(TensorFileError) in
            try Layer(encoderScope["layers", index], configuration, attendsToContext: false)
        }
        encoderNorm = try LayerNorm(encoderScope["norm"], width: width)
        queries = try weights.tensor("query_embs", shape: [configuration.queries, width])
        decoder = try (0..<configuration.decoderLayers).map { index throws(TensorFileError) in
            try Layer(decoderScope["layers", index], configuration, attendsToContext: true)
        }
        decoderNorm = try LayerNorm(decoderScope["norm"], width: width)
        out = try Linear(weights["model"], inputs: width, outputs: configuration.outputSize)
        placeHead = try PlaceHead(weights, inputs: configuration.inputSize, hidden: configuration.placeHiddenSize)
        try weights.requireAllUsed()
        self.configuration = configuration
    }

    /// The number K of signal tokens of an object.
    public var signals: Int { configuration.signals }
    /// The width W of the language model's hidden states.
    public var inputWidth: Int { configuration.inputSize }
    /// The number of learned queries.
    public var conditionCount: Int { configuration.queries }
    /// The width C of a condition token.
    public var conditionWidth: Int { configuration.outputSize }

    /// Hidden states `[K, W]` -> condition tokens `[queries, C]` and the place.
    public func callAsFunction(_ hidden: Tensor) -> (conditions: Tensor, place: Place) {
        precondition(hidden.shape == [signals, inputWidth], "hidden states \(hidden.shape)")
        var memory = projection(hidden)
        for layer in encoder { memory = layer(memory, context: nil) }
        memory = encoderNorm(memory)
        var x = queries
        for layer in decoder { x = layer(x, context: memory) }
        return (out(decoderNorm(x)), placeHead(hidden))
    }
}

extension QueryTransformerProjector.Configuration {
    fileprivate func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("input_size", inputSize, in: 1...65_536)
        try folder.require("hidden_size", hiddenSize, in: 1...16_384)
        try folder.require("output_size", outputSize, in: 1...65_536)
        try folder.require("signals", signals, in: 1...1_024)
        try folder.require("queries", queries, in: 1...1_024)
        try folder.require("heads", heads, in: 1...hiddenSize)
        try folder.require(hiddenSize % heads == 0, "heads that divide \(hiddenSize)", got: "\(heads)")
        try folder.require("encoder_layers", encoderLayers, in: 1...256)
        try folder.require("decoder_layers", decoderLayers, in: 1...256)
        try folder.require("feed_forward_size", feedForwardSize, in: 1...262_144)
        try folder.require("place_hidden_size", placeHiddenSize, in: 1...262_144)
    }
}

/// One layer of `nn.Transformer`: attention to itself, perhaps to a context, and a feed-forward layer, each added and
/// then normalised: `[S, W] -> [S, W]`.
private struct Layer: Sendable {
    private let selfAttention: Attention  // self_attn
    private let selfNorm: LayerNorm  // norm1
    private let contextAttention: (attention: Attention, norm: LayerNorm)?  // multihead_attn, norm2
    private let feedForward: FeedForward  // linear1, linear2
    private let feedForwardNorm: LayerNorm  // norm2, or norm3 where a context is read

    init(
        _ weights: WeightScope, _ configuration: QueryTransformerProjector.Configuration, attendsToContext: Bool
    ) throws(TensorFileError) {
        let (width, heads) = (configuration.hiddenSize, configuration.heads)
        selfAttention = try Attention(weights["self_attn"], width: width, heads: heads)
        selfNorm = try LayerNorm(weights["norm1"], width: width)
        contextAttention =
            attendsToContext
            ? (
                try Attention(weights["multihead_attn"], width: width, heads: heads),
                try LayerNorm(weights["norm2"], width: width)
            ) : nil
        feedForward = try FeedForward(
            up: weights["linear1"], down: weights["linear2"], inputs: width, hidden: configuration.feedForwardSize,
            outputs: width, activation: .relu)
        feedForwardNorm = try LayerNorm(weights[attendsToContext ? "norm3" : "norm2"], width: width)
    }

    func callAsFunction(_ input: Tensor, context: Tensor?) -> Tensor {
        var x = selfNorm(input + selfAttention(input, to: input))
        if let contextAttention, let context {
            x = contextAttention.norm(x + contextAttention.attention(x, to: context))
        }
        return feedForwardNorm(x + feedForward(x))
    }
}

/// `nn.MultiheadAttention`: `[S, W]`, `[T, W] -> [S, W]`.
private struct Attention: Sendable {
    private let query: Linear  // in_proj_weight, the first W rows
    private let keyValue: Linear  // in_proj_weight, the other rows
    private let output: Linear  // out_proj
    private let width: Int
    private let heads: Int

    init(_ weights: WeightScope, width: Int, heads: Int) throws(TensorFileError) {
        let stacked = try weights.tensor("in_proj_weight", shape: [3 * width, width])
        let bias = try weights.vector("in_proj_bias", count: 3 * width)
        query = Linear(
            .f32(stacked.rows(0..<width)), bias: Array(bias[..<width]), precision: weights.precision)
        keyValue = Linear(
            .f32(stacked.rows(width..<3 * width)), bias: Array(bias[width...]), precision: weights.precision)
        output = try Linear(weights["out_proj"], inputs: width, outputs: width)
        (self.width, self.heads) = (width, heads)
    }

    func callAsFunction(_ x: Tensor, to context: Tensor) -> Tensor {
        let keysValues = keyValue(context)
        return output(
            attention(
                queries: query(x), keys: keysValues.columns(0..<width), values: keysValues.columns(width..<2 * width),
                heads: heads))
    }
}

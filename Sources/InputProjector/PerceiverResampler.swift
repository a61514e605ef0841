// The point projector "perceiver_resampler": latents on anchors to vectors that stand where words do.

public import Layers
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// A Perceiver resampler (Alayrac et al. 2022): learned queries attend to a shape's latents and become vectors.
///
/// Reference: `sonoform_training.describing.resampler`.
public struct PerceiverResampler: PointProjector {
    /// The configuration of a resampler.
    public struct Configuration: Codable, Sendable, Equatable {
        /// The number of features F of a latent, besides its three coordinates.
        public let features: Int
        /// The width W of its transformer.
        public let width: Int
        /// The number of attention heads.
        public let heads: Int
        /// The width inside a block's MLP.
        public let hidden: Int
        /// The number of self-attention blocks among the latents.
        public let blocks: Int
        /// The number of layers in which the queries attend to the latents, and then to each other.
        public let crossAttentionLayers: Int
        /// The number of queries M.
        public let queries: Int
        /// The width of the language model's embeddings.
        public let outputSize: Int
        /// The octaves of the Fourier features.
        public let octaves: Int
        /// Where anchors are measured from.
        public let centre: [Float]

        enum CodingKeys: String, CodingKey {
            case features, width, heads, hidden, blocks, queries, octaves, centre
            case crossAttentionLayers = "cross_attention_layers"
            case outputSize = "output_size"
        }
    }

    /// The configuration that was loaded.
    public let configuration: Configuration
    private let tokenIn: Linear  // token_in
    private let blocks: [TransformerBlock]  // blocks
    private let queries: Tensor  // queries [M, W]
    private let crossAttention: [CrossTransformerBlock]  // cross_attention
    private let selfAttention: [TransformerBlock]  // self_attention
    private let out: Linear  // out
    private let normalize = LayerNorm()

    /// Loads the folder's config.json and model.safetensors; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration = try folder.configuration(Configuration.self)
        let (width, heads, hidden) = (configuration.width, configuration.heads, configuration.hidden)
        try folder.requireFourierFeatures(octaves: configuration.octaves, centre: configuration.centre)
        try folder.require("features", configuration.features, in: 1...1_024)
        try folder.require("width", width, in: 1...16_384)
        try folder.require("heads", heads, in: 1...width)
        try folder.require(width % heads == 0, "heads that divide \(width)", got: "\(heads)")
        try folder.require("hidden", hidden, in: 1...65_536)
        try folder.require("blocks", configuration.blocks, in: 0...256)
        try folder.require("cross_attention_layers", configuration.crossAttentionLayers, in: 1...256)
        try folder.require("queries", configuration.queries, in: 1...1_024)
        try folder.require("output_size", configuration.outputSize, in: 1...65_536)
        let weights = try folder.weights(precision: precision)
        tokenIn = try Linear(
            weights["token_in"], inputs: 4 * fourierFeatures + configuration.features, outputs: width)
        func block(_ name: String, _ index: Int) throws(TensorFileError) -> TransformerBlock {
            try TransformerBlock(weights[name, index], width: width, heads: heads, hidden: hidden)
        }
        blocks = try (0..<configuration.blocks).map { index throws(TensorFileError) in try block("blocks", index) }
        queries = try weights.tensor("queries", shape: [configuration.queries, width])
        let layers = 0..<configuration.crossAttentionLayers
        crossAttention = try layers.map { index throws(TensorFileError) in
            try CrossTransformerBlock(weights["cross_attention", index], width: width, heads: heads, hidden: hidden)
        }
        selfAttention = try layers.map { index throws(TensorFileError) in try block("self_attention", index) }
        out = try Linear(weights["out"], inputs: width, outputs: configuration.outputSize)
        self.configuration = configuration
        try weights.requireAllUsed()
    }

    /// The width 3 + F of a latent.
    public var inputWidth: Int { 3 + configuration.features }

    /// The width W' of the vectors.
    public var outputWidth: Int { configuration.outputSize }

    /// `[L, 3 + F] -> [M, W']`, for a shape whose longest side is `longestSide`.
    public func callAsFunction(_ latents: Tensor, longestSide: Float) -> Tensor {
        let size = fourierFeatures(of: log2f(longestSide))
        var tokens = tokenIn(
            .concatenatingColumns([
                fourierFeatures(latents.points, centre: canonicalCentre), latents.columns(3..<latents.columns),
                .concatenatingRows(Array(repeating: size, count: latents.rows)),
            ]))
        for block in blocks { tokens = block(tokens) }
        var x = queries
        for (crossAttention, selfAttention) in zip(crossAttention, selfAttention) {
            x = selfAttention(crossAttention(x, context: tokens))
        }
        return out(normalize(x))
    }
}

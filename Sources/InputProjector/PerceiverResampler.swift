// The point projector "perceiver_resampler": latents on anchors to vectors that stand where words do.

public import Layers
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// A Perceiver resampler (Alayrac et al. 2022): learned queries look at a shape's latents and become vectors.
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
        /// The number of blocks among the latents.
        public let blocks: Int
        /// How often the queries look at the latents.
        public let looks: Int
        /// The number of queries M.
        public let queries: Int
        /// The width of the language model's embeddings.
        public let outputSize: Int
        /// The octaves of the Fourier features.
        public let octaves: Int
        /// Where anchors are measured from.
        public let centre: [Float]

        enum CodingKeys: String, CodingKey {
            case features, width, heads, hidden, blocks, looks, queries, octaves, centre
            case outputSize = "output_size"
        }
    }

    /// The configuration that was loaded.
    public let configuration: Configuration
    private let tokenIn: Linear  // token_in
    private let blocks: [TransformerBlock]  // blocks
    private let queries: Tensor  // queries [M, W]
    private let looks: [CrossTransformerBlock]  // looks
    private let turns: [TransformerBlock]  // turns
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
        try folder.require("looks", configuration.looks, in: 1...256)
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
        looks = try (0..<configuration.looks).map { index throws(TensorFileError) in
            try CrossTransformerBlock(weights["looks", index], width: width, heads: heads, hidden: hidden)
        }
        turns = try (0..<configuration.looks).map { index throws(TensorFileError) in try block("turns", index) }
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
        let anchors = (0..<latents.rows).map { row in
            let latent = latents.row(row)
            return SIMD3(latent[latent.startIndex], latent[latent.startIndex + 1], latent[latent.startIndex + 2])
        }
        let size = fourierFeatures(of: log2f(longestSide))
        var tokens = tokenIn(
            .concatenatingColumns([
                fourierFeatures(anchors, centre: canonicalCentre), latents.columns(3..<latents.columns),
                .concatenatingRows(Array(repeating: size, count: latents.rows)),
            ]))
        for block in blocks { tokens = block(tokens) }
        var x = queries
        for (look, turn) in zip(looks, turns) { x = turn(look(x, context: tokens)) }
        return out(normalize(x))
    }
}

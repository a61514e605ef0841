// What the config.json of a CLAP's audio tower says.

import Layers
public import Tensors

/// The shape of CLAP's audio tower (HTS-AT), under transformers' names; what is not said is as transformers has it.
public struct CLAPConfiguration: Sendable, Equatable {
    /// The side of the square that the spectrogram is folded into.
    public let side: Int
    /// The number of mel bins of the features.
    public let melBins: Int
    /// The side of a patch.
    public let patch: Int
    /// How far one patch is from the next.
    public let patchStride: Int
    /// The width of the patches' embeddings; every stage doubles it.
    public let patchWidth: Int
    /// Whether they are normalised.
    public let normalizesPatches: Bool
    /// The number of blocks of every stage.
    public let depths: [Int]
    /// The number of attention heads of every stage.
    public let heads: [Int]
    /// The side of a window, in patches.
    public let window: Int
    /// How much wider the feed-forward layers are inside.
    public let feedForwardRatio: Double
    /// Whether queries, keys and values have biases.
    public let hasAttentionBias: Bool
    /// ε of the blocks' normalisations.
    public let epsilon: Float
    /// The width of the embedding that sounds and texts share, where the checkpoint has the projection.
    public let projectionWidth: Int
    /// The nonlinearity inside that projection.
    public let projectionActivation: Activation

    /// How many runs of frames lie one above the other in the square.
    var folds: Int { side / melBins }
    /// Patches along a side of the square.
    var grid: Int { side / patchStride }
    /// The width W of the hidden states.
    var width: Int { patchWidth << (depths.count - 1) }
    /// Patches along a side in the last stage.
    var lastGrid: Int { grid >> (depths.count - 1) }

    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("spec_size", side, in: 1...4_096)
        try folder.require("num_mel_bins", melBins, in: 1...side)
        try folder.require(side % melBins == 0, "num_mel_bins that divide spec_size", got: "\(melBins) and \(side)")
        try folder.require(folds * folds <= side, "spec_size that folds evenly", got: "\(side) of \(melBins) bins")
        try folder.require(side % folds == 0, "spec_size that folds evenly", got: "\(side) of \(melBins) bins")
        try folder.require("patch_stride", patchStride, in: 1...side)
        try folder.require("patch_size", patch, in: patchStride...side)
        try folder.require(
            (side + (patch - patchStride) / 2 * 2 - patch) / patchStride + 1 == grid,
            "patches of which \(grid) fit along spec_size", got: "patch_size \(patch), patch_stride \(patchStride)")
        try folder.require("the number of patches along spec_size", grid, in: 2...256)
        try folder.require("patch_embeds_hidden_size", patchWidth, in: 1...16_384)
        try folder.require("the number of depths", depths.count, in: 1...8)
        try folder.require(
            heads.count == depths.count, "\(depths.count) num_attention_heads, as there are depths",
            got: "\(heads.count)")
        try folder.require("window_size", window, in: 2...32)
        for stage in depths.indices {
            try folder.require("depths", depths[stage], in: 1...256)
            let width = patchWidth << stage
            try folder.require("num_attention_heads", heads[stage], in: 1...width)
            try folder.require(
                width % heads[stage] == 0, "num_attention_heads that divide \(width)", got: "\(heads[stage])")
        }
        try folder.require(
            grid % (1 << (depths.count - 1)) == 0, "patches along spec_size that halve \(depths.count - 1) times",
            got: "\(grid)")
        try folder.require(
            lastGrid >= window, "window_size of at most \(lastGrid), the patches along the last stage", got: "\(window)"
        )
        try folder.require(
            lastGrid % folds == 0, "patches along the last stage that \(folds) folds share", got: "\(lastGrid)")
        try folder.require(
            feedForwardRatio >= 0.1 && feedForwardRatio <= 64, "mlp_ratio from 0.1 to 64", got: "\(feedForwardRatio)")
        try folder.require(epsilon > 0 && epsilon < 1, "layer_norm_eps between 0 and 1", got: "\(epsilon)")
        try folder.require("projection_dim", projectionWidth, in: 1...65_536)
    }
}

extension CLAPConfiguration: Decodable {
    private enum CodingKeys: String, CodingKey {
        case side = "spec_size"
        case melBins = "num_mel_bins"
        case patch = "patch_size"
        case patchStride = "patch_stride"
        case channels = "patch_embed_input_channels"
        case patchWidth = "patch_embeds_hidden_size"
        case normalizesPatches = "enable_patch_layer_norm"
        case flattensPatches = "flatten_patch_embeds"
        case depths
        case heads = "num_attention_heads"
        case window = "window_size"
        case activation = "hidden_act"
        case feedForwardRatio = "mlp_ratio"
        case hasAttentionBias = "qkv_bias"
        case epsilon = "layer_norm_eps"
        case isFused = "enable_fusion"
        case projectionWidth = "projection_dim"
        case projectionActivation = "projection_hidden_act"
    }

    /// Decodes an audio tower's config.json; what it can do in transformers and not here is refused by its key.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, or usual: Value) throws -> Value {
            try values.decodeIfPresent(Value.self, forKey: key) ?? usual
        }
        func require(_ key: CodingKeys, _ condition: Bool, _ expected: String) throws {
            guard !condition else { return }
            throw DecodingError.dataCorruptedError(forKey: key, in: values, debugDescription: "expected \(expected)")
        }
        /// A length, or two equal ones.
        func length(_ key: CodingKeys, or usual: Int) throws -> Int {
            guard let pair = try? values.decode([Int].self, forKey: key) else { return try value(key, or: usual) }
            try require(key, pair.count == 2 && pair[0] == pair[1], "a square's side")
            return pair[0]
        }
        side = try value(.side, or: 256)
        melBins = try value(.melBins, or: 64)
        patch = try length(.patch, or: 4)
        patchStride = try length(.patchStride, or: 4)
        patchWidth = try value(.patchWidth, or: 96)
        normalizesPatches = try value(.normalizesPatches, or: true)
        depths = try value(.depths, or: [2, 2, 6, 2])
        heads = try value(.heads, or: [4, 8, 16, 32])
        window = try value(.window, or: 8)
        feedForwardRatio = try value(.feedForwardRatio, or: 4)
        hasAttentionBias = try value(.hasAttentionBias, or: true)
        epsilon = try value(.epsilon, or: 1e-5)
        projectionWidth = try value(.projectionWidth, or: 512)
        projectionActivation = try value(.projectionActivation, or: .relu)
        try require(.isFused, try !value(.isFused, or: false), "false: fusion of random parts is not known here")
        try require(.channels, try value(.channels, or: 1) == 1, "1")
        try require(.flattensPatches, try value(.flattensPatches, or: true), "true")
        try require(.activation, try value(.activation, or: "gelu") == "gelu", "\"gelu\"")
    }
}

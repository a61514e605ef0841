// What a BEATs' config.json says: the "cfg" of its checkpoint.

import Layers
import Tensors

/// The shape of a BEATs encoder, under the reference's names (`BEATsConfig`); what is not said is as it has it.
public struct BEATsConfiguration: Sendable, Equatable {
    /// The side of a patch, in frames and in mel bands.
    public let patch: Int
    /// The width of the patches' embeddings.
    public let patchWidth: Int
    /// Whether the patches' convolution has a bias.
    public let patchHasBias: Bool
    /// The width W of the hidden states.
    public let width: Int
    /// The number of blocks.
    public let layers: Int
    /// The number of attention heads.
    public let heads: Int
    /// The width inside the feed-forward layers.
    public let feedForwardWidth: Int
    /// Whether blocks normalise what they read or what they write.
    public let isPreNorm: Bool
    /// Whether what a post-norm block has read counts more, (2 · layers)^¼ times (DeepNorm).
    public let isDeepNorm: Bool
    /// The kernel of the convolution that positions come of.
    public let positionKernel: Int
    /// The groups of that convolution.
    public let positionGroups: Int
    /// Whether attention knows how far apart two patches are.
    public let hasRelativePositions: Bool
    /// How many distances are told apart, half of them in either direction.
    public let buckets: Int
    /// From which distance on all are alike.
    public let maximumDistance: Int
    /// Whether queries weigh the relative positions.
    public let gatesRelativePositions: Bool

    /// What patches already added up count for in a post-norm block.
    var residualWeight: Float {
        isDeepNorm ? Float((2 * Double(layers)).squareRoot().squareRoot()) : 1
    }

    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("input_patch_size", patch, in: 1...256)
        try folder.require("embed_dim", patchWidth, in: 1...65_536)
        try folder.require("encoder_embed_dim", width, in: 1...65_536)
        try folder.require("encoder_layers", layers, in: 1...1_024)
        try folder.require("encoder_attention_heads", heads, in: 1...1_024)
        try folder.require(
            width % heads == 0, "encoder_embed_dim to be a multiple of the heads", got: "\(width) and \(heads)")
        try folder.require("encoder_ffn_embed_dim", feedForwardWidth, in: 1...262_144)
        try folder.require(!(isPreNorm && isDeepNorm), "deep_norm without layer_norm_first", got: "both")
        try folder.require("conv_pos", positionKernel, in: 1...1_024)
        try folder.require("conv_pos_groups", positionGroups, in: 1...width)
        try folder.require(
            width % positionGroups == 0, "conv_pos_groups that divide \(width)", got: "\(positionGroups)")
        guard hasRelativePositions else { return }
        try folder.require("num_buckets", buckets, in: 4...65_536)
        try folder.require("max_distance", maximumDistance, in: buckets / 4 + 1...1_048_576)
    }
}

extension BEATsConfiguration: Decodable {
    private enum CodingKeys: String, CodingKey {
        case patch = "input_patch_size"
        case patchWidth = "embed_dim"
        case patchHasBias = "conv_bias"
        case width = "encoder_embed_dim"
        case layers = "encoder_layers"
        case heads = "encoder_attention_heads"
        case feedForwardWidth = "encoder_ffn_embed_dim"
        case activation = "activation_fn"
        case isPreNorm = "layer_norm_first"
        case isDeepNorm = "deep_norm"
        case positionKernel = "conv_pos"
        case positionGroups = "conv_pos_groups"
        case hasRelativePositions = "relative_position_embedding"
        case buckets = "num_buckets"
        case maximumDistance = "max_distance"
        case gatesRelativePositions = "gru_rel_pos"
    }

    /// Decodes config.json; an activation that is not known here is refused.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, or usual: Value) throws -> Value {
            try values.decodeIfPresent(Value.self, forKey: key) ?? usual
        }
        patch = try values.decode(Int.self, forKey: .patch)
        patchWidth = try value(.patchWidth, or: 512)
        patchHasBias = try value(.patchHasBias, or: false)
        width = try value(.width, or: 768)
        layers = try value(.layers, or: 12)
        heads = try value(.heads, or: 12)
        feedForwardWidth = try value(.feedForwardWidth, or: 3_072)
        isPreNorm = try value(.isPreNorm, or: false)
        isDeepNorm = try value(.isDeepNorm, or: false)
        positionKernel = try value(.positionKernel, or: 128)
        positionGroups = try value(.positionGroups, or: 16)
        hasRelativePositions = try value(.hasRelativePositions, or: false)
        buckets = try value(.buckets, or: 320)
        maximumDistance = try value(.maximumDistance, or: 1_280)
        gatesRelativePositions = try value(.gatesRelativePositions, or: false)
        guard try value(.activation, or: "gelu") == "gelu" else {
            throw DecodingError.dataCorruptedError(
                forKey: .activation, in: values, debugDescription: "expected \"gelu\"")
        }
    }
}

// What a wav2vec 2.0's or a HuBERT's config.json says.

import Layers
import Tensors

/// The shape of a wav2vec 2.0 or HuBERT encoder, under transformers' names; what is not said is as transformers has it.
public struct Wav2Vec2Configuration: Sendable, Equatable {
    /// The width W of the hidden states.
    public let width: Int
    /// The number of blocks.
    public let layers: Int
    /// The number of attention heads.
    public let heads: Int
    /// The width inside the feed-forward layers.
    public let feedForwardWidth: Int
    /// ε of all normalisations but those of the convolutions.
    public let epsilon: Float
    /// Whether blocks normalise what they read (`do_stable_layer_norm`, the large models) or what they write.
    public let isPreNorm: Bool
    /// The channels of the convolutions over the waveform.
    public let convolutionWidths: [Int]
    /// Their kernels.
    public let convolutionKernels: [Int]
    /// Their strides.
    public let convolutionStrides: [Int]
    /// Whether they have biases.
    public let convolutionsHaveBias: Bool
    /// How they are normalised.
    public let convolutionNorm: ConvolutionNorm
    /// Whether what comes of them is normalised before it is projected (HuBERT may say no).
    public let normalizesProjection: Bool
    /// The kernel of the convolution that positions come of.
    public let positionKernel: Int
    /// The groups of that convolution.
    public let positionGroups: Int
    /// The classes of the CTC head, where the checkpoint has one.
    public let classes: Int
    /// The head's blank.
    public let blank: Int

    /// How the convolutions over the waveform are normalised.
    public enum ConvolutionNorm: String, Sendable, Codable {
        /// The first one by every channel's own mean and variance over time, the others not (base models).
        case group
        /// Every one by every frame's own (large models).
        case layer
    }

    /// The samples from one frame to the next: 320, 20 ms, for all public models.
    public var hopSamples: Int { convolutionStrides.reduce(1, *) }

    /// The fewest samples that make a frame: 400 for all public models.
    public var leastSamples: Int {
        zip(convolutionKernels, convolutionStrides).reversed().reduce(1) { ($0 - 1) * $1.1 + $1.0 }
    }

    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("hidden_size", width, in: 1...65_536)
        try folder.require("num_hidden_layers", layers, in: 1...1_024)
        try folder.require("num_attention_heads", heads, in: 1...1_024)
        try folder.require(
            width % heads == 0, "hidden_size to be a multiple of the heads", got: "\(width) and \(heads)")
        try folder.require("intermediate_size", feedForwardWidth, in: 1...262_144)
        try folder.require(epsilon > 0 && epsilon < 1, "layer_norm_eps between 0 and 1", got: "\(epsilon)")
        let count = convolutionWidths.count
        try folder.require("the number of conv_dim", count, in: 1...10)
        try folder.require(
            convolutionKernels.count == count && convolutionStrides.count == count,
            "\(count) numbers each in conv_dim, conv_kernel and conv_stride",
            got: "\(count), \(convolutionKernels.count) and \(convolutionStrides.count)")
        for index in 0..<count {
            try folder.require("conv_dim", convolutionWidths[index], in: 1...16_384)
            try folder.require("conv_kernel", convolutionKernels[index], in: 1...64)
            try folder.require("conv_stride", convolutionStrides[index], in: 1...16)
        }
        try folder.require("num_conv_pos_embeddings", positionKernel, in: 1...1_024)
        try folder.require("num_conv_pos_embedding_groups", positionGroups, in: 1...width)
        try folder.require(
            width % positionGroups == 0, "num_conv_pos_embedding_groups that divide \(width)", got: "\(positionGroups)")
        try folder.require("vocab_size", classes, in: 1...1_048_576)
    }
}

extension Wav2Vec2Configuration: Decodable {
    private enum CodingKeys: String, CodingKey {
        case hiddenSize = "hidden_size"
        case layers = "num_hidden_layers"
        case heads = "num_attention_heads"
        case intermediateSize = "intermediate_size"
        case activation = "hidden_act"
        case epsilon = "layer_norm_eps"
        case isPreNorm = "do_stable_layer_norm"
        case convolutionWidths = "conv_dim"
        case convolutionKernels = "conv_kernel"
        case convolutionStrides = "conv_stride"
        case convolutionsHaveBias = "conv_bias"
        case convolutionNorm = "feat_extract_norm"
        case convolutionActivation = "feat_extract_activation"
        case normalizesProjection = "feat_proj_layer_norm"
        case positionKernel = "num_conv_pos_embeddings"
        case positionGroups = "num_conv_pos_embedding_groups"
        case positionBatchNorm = "conv_pos_batch_norm"
        case hasAdapter = "add_adapter"
        case adapterWidth = "adapter_attn_dim"
        case classes = "vocab_size"
        case blank = "pad_token_id"
    }

    /// Decodes config.json; what this architecture can do in transformers and not here is refused by its key.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, or usual: Value) throws -> Value {
            try values.decodeIfPresent(Value.self, forKey: key) ?? usual
        }
        func require(_ key: CodingKeys, _ condition: Bool, _ expected: String) throws {
            guard !condition else { return }
            throw DecodingError.dataCorruptedError(forKey: key, in: values, debugDescription: "expected \(expected)")
        }
        width = try value(.hiddenSize, or: 768)
        layers = try value(.layers, or: 12)
        heads = try value(.heads, or: 12)
        feedForwardWidth = try value(.intermediateSize, or: 3_072)
        epsilon = try value(.epsilon, or: 1e-5)
        isPreNorm = try value(.isPreNorm, or: false)
        convolutionWidths = try value(.convolutionWidths, or: [Int](repeating: 512, count: 7))
        convolutionKernels = try value(.convolutionKernels, or: [10, 3, 3, 3, 3, 2, 2])
        convolutionStrides = try value(.convolutionStrides, or: [5, 2, 2, 2, 2, 2, 2])
        convolutionsHaveBias = try value(.convolutionsHaveBias, or: false)
        convolutionNorm = try value(.convolutionNorm, or: .group)
        normalizesProjection = try value(.normalizesProjection, or: true)
        positionKernel = try value(.positionKernel, or: 128)
        positionGroups = try value(.positionGroups, or: 16)
        classes = try value(.classes, or: 32)
        blank = try value(.blank, or: 0)
        for key in [CodingKeys.activation, .convolutionActivation] {
            try require(key, try value(key, or: "gelu") == "gelu", "\"gelu\"")
        }
        for key in [CodingKeys.positionBatchNorm, .hasAdapter] {
            try require(key, try !value(key, or: false), "false")
        }
        try require(.adapterWidth, try values.decodeIfPresent(Int.self, forKey: .adapterWidth) == nil, "null")
    }
}

// What config.json says of the architectures with rotary positions and gated feed-forward layers.

import Layers
import Tensors

/// The keys of Llama, Mistral, Qwen, Gemma and Phi-3 under transformers' names; each architecture fills in its own
/// defaults, and refuses what it does not have.
struct RotaryDecoderConfiguration: Decodable, Sendable {
    let width: Int
    let layers: Int
    let heads: Int
    let keyValueHeads: Int?
    let headSize: Int?
    let feedForwardWidth: Int
    let vocabularySize: Int
    let normEpsilon: Float?
    let positions: Int?
    let tiesEmbeddings: Bool?
    let attentionBias: Bool?
    let feedForwardBias: Bool?
    let activation: String?
    let hiddenActivation: String?
    /// Null is a value of its own here: no window. So are it no caps.
    let slidingWindow: Int??
    let usesSlidingWindow: Bool?
    let fullLayers: Int?
    let layerTypes: [String]?
    let windowPattern: Int?
    let queryScalar: Double?
    let scoreCap: Float??
    let logitCap: Float??
    let isBidirectional: Bool?
    let trainedPositions: Int?
    let rope: RopeConfiguration
    let hasQuantization: Bool

    enum CodingKeys: String, CodingKey {
        case width = "hidden_size"
        case layers = "num_hidden_layers"
        case heads = "num_attention_heads"
        case keyValueHeads = "num_key_value_heads"
        case headSize = "head_dim"
        case feedForwardWidth = "intermediate_size"
        case vocabularySize = "vocab_size"
        case normEpsilon = "rms_norm_eps"
        case positions = "max_position_embeddings"
        case tiesEmbeddings = "tie_word_embeddings"
        case attentionBias = "attention_bias"
        case feedForwardBias = "mlp_bias"
        case activation = "hidden_act"
        case hiddenActivation = "hidden_activation"
        case slidingWindow = "sliding_window"
        case usesSlidingWindow = "use_sliding_window"
        case fullLayers = "max_window_layers"
        case layerTypes = "layer_types"
        case windowPattern = "sliding_window_pattern"
        case queryScalar = "query_pre_attn_scalar"
        case scoreCap = "attn_logit_softcapping"
        case logitCap = "final_logit_softcapping"
        case isBidirectional = "use_bidirectional_attention"
        case trainedPositions = "original_max_position_embeddings"
        case quantization = "quantization_config"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func optional<Value: Decodable>(_ key: CodingKeys) throws -> Value? {
            try values.decodeIfPresent(Value.self, forKey: key)
        }
        func stated<Value: Decodable>(_ key: CodingKeys) throws -> Value?? {
            values.contains(key) ? .some(try values.decodeIfPresent(Value.self, forKey: key)) : .none
        }
        width = try values.decode(Int.self, forKey: .width)
        layers = try values.decode(Int.self, forKey: .layers)
        heads = try values.decode(Int.self, forKey: .heads)
        keyValueHeads = try optional(.keyValueHeads)
        headSize = try optional(.headSize)
        feedForwardWidth = try values.decode(Int.self, forKey: .feedForwardWidth)
        vocabularySize = try values.decode(Int.self, forKey: .vocabularySize)
        normEpsilon = try optional(.normEpsilon)
        positions = try optional(.positions)
        tiesEmbeddings = try optional(.tiesEmbeddings)
        attentionBias = try optional(.attentionBias)
        feedForwardBias = try optional(.feedForwardBias)
        activation = try optional(.activation)
        hiddenActivation = try optional(.hiddenActivation)
        slidingWindow = try stated(.slidingWindow)
        usesSlidingWindow = try optional(.usesSlidingWindow)
        fullLayers = try optional(.fullLayers)
        layerTypes = try optional(.layerTypes)
        windowPattern = try optional(.windowPattern)
        queryScalar = try optional(.queryScalar)
        scoreCap = try stated(.scoreCap)
        logitCap = try stated(.logitCap)
        isBidirectional = try optional(.isBidirectional)
        trainedPositions = try optional(.trainedPositions)
        rope = try RopeConfiguration(from: decoder)
        hasQuantization = try values.contains(.quantization) && !values.decodeNil(forKey: .quantization)
    }

    /// Throws `TensorFileError` unless the sizes that all these architectures have lie where they can.
    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("hidden_size", width, in: 1...65_536)
        try folder.require("num_hidden_layers", layers, in: 1...1_024)
        try folder.require("num_attention_heads", heads, in: 1...1_024)
        if let keyValueHeads { try folder.require("num_key_value_heads", keyValueHeads, in: 1...heads) }
        if let headSize { try folder.require("head_dim", headSize, in: 2...65_536) }
        try folder.require("intermediate_size", feedForwardWidth, in: 1...1_048_576)
        try folder.require("vocab_size", vocabularySize, in: 1...16_777_216)
        if let positions { try folder.require("max_position_embeddings", positions, in: 1...1 << 30) }
        if let window = slidingWindow.flatMap({ $0 }) { try folder.require("sliding_window", window, in: 1...1 << 30) }
        if let epsilon = normEpsilon {
            try folder.require(epsilon >= 0 && epsilon < 1, "rms_norm_eps from 0 to 1", got: "\(epsilon)")
        }
        try folder.require(isBidirectional != true, "use_bidirectional_attention false", got: "true")
        try folder.require(!hasQuantization, "weights that are plain numbers", got: "a quantization_config")
    }

    /// The windows of layers that "layer_types" names, or else `isSliding` tells; throws `TensorFileError`.
    func windows(
        of window: Int?, in folder: ComponentFolder, where isSliding: (Int) -> Bool
    ) throws(TensorFileError) -> [Int?] {
        guard let layerTypes else { return (0..<layers).map { isSliding($0) ? window : nil } }
        try folder.require(layerTypes.count == layers, "\(layers) layer_types", got: "\(layerTypes.count)")
        var windows: [Int?] = []
        for type in layerTypes {
            let known = type == "full_attention" || type == "sliding_attention"
            try folder.require(known, "layer_types full_attention and sliding_attention", got: "\"\(type)\"")
            try folder.require(
                type == "full_attention" || window != nil, "a sliding_window for sliding_attention", got: "none")
            windows.append(type == "full_attention" ? nil : window)
        }
        return windows
    }
}

extension ComponentFolder {
    /// The activation of transformers' name; throws `TensorFileError` for one that is not known.
    func activation(_ key: String, _ name: String) throws(TensorFileError) -> Activation {
        let known: [String: Activation] = [
            "relu": .relu, "silu": .silu, "swish": .silu, "gelu": .gelu, "gelu_python": .gelu,
            "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu_python_tanh": .geluTanh,
            "gelu_fast": .geluTanh,
        ]
        guard let activation = known[name] else {
            throw TensorFileError(
                path: configurationPath, expected: "\(key) of \(known.keys.sorted().joined(separator: ", "))",
                got: "\"\(name)\"")
        }
        return activation
    }

    /// Throws `TensorFileError` where a key says what the architecture does not have.
    func refuse(_ key: String, _ isSet: Bool) throws(TensorFileError) {
        try require(!isSet, "no \(key) of this architecture", got: "one")
    }
}

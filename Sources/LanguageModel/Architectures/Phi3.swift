// The language model "phi3".

public import Layers
public import Tensors

extension DecoderModel {
    /// Phi-3: a Llama whose maps of one input are one tensor, with LongRoPE (`Phi3ForCausalLM` in transformers); throws
    /// `TensorFileError`.
    public static func phi3(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel {
        let configuration = try folder.configuration(RotaryDecoderConfiguration.self)
        try configuration.validate(in: folder)
        try configuration.refuseGemmaKeys(in: folder)
        try folder.refuse("attention_bias", configuration.attentionBias == true)
        try folder.refuse("mlp_bias", configuration.feedForwardBias == true)
        try folder.refuse("layer_types", configuration.layerTypes != nil)
        let headSize = configuration.headSize ?? configuration.width / configuration.heads
        let longNames = ["longrope", "su", "yarn"]
        let type = configuration.rope.common?.type ?? "default"
        try folder.require(
            type == "default" || longNames.contains(type), "rope_scaling of \(longNames.joined(separator: ", "))",
            got: "\"\(type)\"")
        let context = RopeContext(
            headSize: headSize, defaultTheta: 10_000, positions: configuration.positions ?? 4_096,
            trainedPositions: configuration.trainedPositions ?? 4_096, longNames: longNames)
        var recipe = RotaryDecoder(
            configuration: configuration, keyValueHeads: configuration.keyValueHeads ?? configuration.heads,
            headSize: headSize, normEpsilon: configuration.normEpsilon ?? 1e-5,
            activation: try folder.activation("hidden_act", configuration.activation ?? "silu"),
            tiesEmbeddings: configuration.tiesEmbeddings ?? false,
            windows: [Int?](repeating: configuration.slidingWindow ?? nil, count: configuration.layers),
            rotaries: [try configuration.rope.embedding(context, in: folder)])
        recipe.isPacked = true
        return try DecoderModel(recipe, folder, precision: precision)
    }
}

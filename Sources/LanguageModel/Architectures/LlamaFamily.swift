// The language models "llama", "mistral", "qwen2" and "qwen3".

public import Layers
public import Tensors

extension DecoderModel {
    /// Llama 1 to 3, Vicuna, SmolLM2 and this project's own (Touvron et al. 2023; `LlamaForCausalLM` in transformers);
    /// throws `TensorFileError`.
    public static func llama(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel {
        let (configuration, base) = try llamaLike(folder)
        var recipe = base
        (recipe.hasInputBias, recipe.hasOutputBias) =
            (configuration.attentionBias ?? false, configuration.attentionBias ?? false)
        recipe.hasFeedForwardBias = configuration.feedForwardBias ?? false
        return try DecoderModel(recipe, folder, precision: precision)
    }

    /// Mistral: a window for all layers, of 4,096 tokens where config.json does not say (`MistralForCausalLM`).
    public static func mistral(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel
    {
        let (configuration, recipe) = try llamaLike(
            folder, keyValueHeads: 8, window: { $0.slidingWindow ?? 4_096 }, isSliding: { _, _ in true })
        try folder.refuse("attention_bias", configuration.attentionBias == true)
        try folder.refuse("mlp_bias", configuration.feedForwardBias == true)
        try folder.refuse("layer_types", configuration.layerTypes != nil)
        return try DecoderModel(recipe, folder, precision: precision)
    }

    /// Qwen2 and Qwen2.5: biases on queries, keys and values alone (`Qwen2ForCausalLM`).
    public static func qwen2(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel {
        let (configuration, base) = try llamaLike(folder, window: qwenWindow, isSliding: isSlidingInQwen)
        var recipe = base
        recipe.hasInputBias = true
        try folder.require(configuration.attentionBias != false, "attention_bias true, as Qwen2 has it", got: "false")
        try folder.refuse("mlp_bias", configuration.feedForwardBias == true)
        return try DecoderModel(recipe, folder, precision: precision)
    }

    /// Qwen3: each head's queries and keys are normalised (`Qwen3ForCausalLM`).
    public static func qwen3(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel {
        let (configuration, base) = try llamaLike(
            folder, headSize: 128, window: qwenWindow, isSliding: isSlidingInQwen)
        var recipe = base
        recipe.normalizesHeads = true
        (recipe.hasInputBias, recipe.hasOutputBias) =
            (configuration.attentionBias ?? false, configuration.attentionBias ?? false)
        try folder.refuse("mlp_bias", configuration.feedForwardBias == true)
        return try DecoderModel(recipe, folder, precision: precision)
    }

    /// Qwen's window counts only where "use_sliding_window" says so.
    private static func qwenWindow(_ configuration: RotaryDecoderConfiguration) -> Int? {
        configuration.usesSlidingWindow == true ? configuration.slidingWindow ?? 4_096 : nil
    }

    /// The first "max_window_layers" see everything.
    private static func isSlidingInQwen(_ configuration: RotaryDecoderConfiguration, _ layer: Int) -> Bool {
        layer >= configuration.fullLayers ?? 28
    }

    /// What the four have in common, with the defaults of each.
    private static func llamaLike(
        _ folder: ComponentFolder, keyValueHeads: Int? = nil, headSize: Int? = nil,
        window: (RotaryDecoderConfiguration) -> Int? = { _ in nil },
        isSliding: (RotaryDecoderConfiguration, Int) -> Bool = { _, _ in false }
    ) throws(TensorFileError) -> (RotaryDecoderConfiguration, RotaryDecoder) {
        let configuration = try folder.configuration(RotaryDecoderConfiguration.self)
        try configuration.validate(in: folder)
        try configuration.refuseGemmaKeys(in: folder)
        let headSize = configuration.headSize ?? headSize ?? configuration.width / configuration.heads
        let context = RopeContext(
            headSize: headSize, defaultTheta: 10_000, positions: configuration.positions,
            trainedPositions: nil)
        if let beside = configuration.trainedPositions {
            let inside = configuration.rope.common?.trainedPositions
            try folder.require(
                inside == nil || inside == Double(beside),
                "original_max_position_embeddings in rope_scaling alone", got: "\(beside) beside it")
        }
        let recipe = RotaryDecoder(
            configuration: configuration,
            keyValueHeads: configuration.keyValueHeads ?? keyValueHeads ?? configuration.heads,
            headSize: headSize, normEpsilon: configuration.normEpsilon ?? 1e-6,
            activation: try folder.activation("hidden_act", configuration.activation ?? "silu"),
            tiesEmbeddings: configuration.tiesEmbeddings ?? false,
            windows: try configuration.windows(of: window(configuration), in: folder) { isSliding(configuration, $0) },
            rotaries: [try configuration.rope.embedding(context, in: folder)])
        return (configuration, recipe)
    }
}

extension RotaryDecoderConfiguration {
    /// Throws `TensorFileError` for what only Gemma has.
    func refuseGemmaKeys(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.refuse("query_pre_attn_scalar", queryScalar != nil)
        try folder.refuse("attn_logit_softcapping", scoreCap.flatMap { $0 } != nil)
        try folder.refuse("final_logit_softcapping", logitCap.flatMap { $0 } != nil)
        try folder.refuse("sliding_window_pattern", windowPattern != nil)
    }
}

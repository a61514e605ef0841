// The language models "gemma", "gemma2" and "gemma3_text".

public import Layers
public import Tensors

extension DecoderModel {
    /// Gemma: norms whose weights are told from 1, embeddings times √W, GeGLU (`GemmaForCausalLM` in transformers);
    /// throws `TensorFileError`.
    public static func gemma(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel {
        let configuration = try folder.configuration(RotaryDecoderConfiguration.self)
        try configuration.validate(in: folder)
        try configuration.refuseGemmaKeys(in: folder)
        // Gemma's first files say "gelu" and mean the approximation, which transformers takes for it.
        let name = configuration.activation ?? "gelu_pytorch_tanh"
        let recipe = try gemmaLike(
            folder, configuration, keyValueHeads: 16, activation: name == "gelu" ? "gelu_pytorch_tanh" : name,
            windows: try configuration.windows(of: nil, in: folder) { _ in false },
            rotaries: [try configuration.rope.embedding(gemmaContext(configuration, theta: 10_000), in: folder)])
        return try DecoderModel(recipe, folder, precision: precision)
    }

    /// Gemma 2: norms on what layers give, caps on scores, a window in every other layer (`Gemma2ForCausalLM`).
    public static func gemma2(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel {
        let configuration = try folder.configuration(RotaryDecoderConfiguration.self)
        try configuration.validate(in: folder)
        try folder.refuse("sliding_window_pattern", configuration.windowPattern != nil)
        var recipe = try gemmaLike(
            folder, configuration, keyValueHeads: 4,
            activation: configuration.hiddenActivation ?? "gelu_pytorch_tanh",
            windows: try configuration.windows(of: configuration.slidingWindow ?? 4_096, in: folder) { $0 % 2 == 0 },
            rotaries: [try configuration.rope.embedding(gemmaContext(configuration, theta: 10_000), in: folder)])
        recipe.normalizesOutputs = true
        recipe.scoreScale = try gemmaScale(configuration, in: folder)
        recipe.scoreCap = configuration.scoreCap ?? 50
        recipe.logitCap = configuration.logitCap ?? 30
        return try DecoderModel(recipe, folder, precision: precision)
    }

    /// Gemma 3, text alone: norms of heads, a window in five layers of six, where rotations have a base of their own
    /// (`Gemma3ForCausalLM`).
    public static func gemma3(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> DecoderModel {
        let configuration = try folder.configuration(RotaryDecoderConfiguration.self)
        try configuration.validate(in: folder)
        let pattern = configuration.windowPattern ?? 6
        try folder.require("sliding_window_pattern", pattern, in: 1...1_024)
        let windows = try configuration.windows(of: configuration.slidingWindow ?? 4_096, in: folder) { layer in
            (layer + 1) % pattern != 0
        }
        // transformers reads this cap and does not apply it.
        try folder.refuse("attn_logit_softcapping", configuration.scoreCap.flatMap { $0 } != nil)
        let rope = configuration.rope
        try folder.require(
            rope.common == nil || rope.isOldForm, "rope_parameters for full_attention and sliding_attention",
            got: "one for both")
        let full = try RopeScaling(
            rope.full ?? rope.common, theta: rope.theta, partialFactor: nil,
            gemmaContext(configuration, theta: 1_000_000), in: folder)
        let sliding = try RopeScaling(
            rope.sliding, theta: rope.localTheta, partialFactor: nil, gemmaContext(configuration, theta: 10_000),
            in: folder)
        var recipe = try gemmaLike(
            folder, configuration, keyValueHeads: 4,
            activation: configuration.hiddenActivation ?? "gelu_pytorch_tanh", windows: windows,
            rotaries: [try full.embedding(), try sliding.embedding()])
        recipe.rotaryOfLayer = { windows[$0] == nil ? 0 : 1 }
        recipe.normalizesHeads = true
        recipe.normalizesOutputs = true
        recipe.scoreScale = try gemmaScale(configuration, in: folder)
        recipe.logitCap = configuration.logitCap ?? nil
        return try DecoderModel(recipe, folder, precision: precision)
    }

    /// What the three have in common.
    private static func gemmaLike(
        _ folder: ComponentFolder, _ configuration: RotaryDecoderConfiguration, keyValueHeads: Int, activation: String,
        windows: [Int?], rotaries: [RotaryEmbedding]
    ) throws(TensorFileError) -> RotaryDecoder {
        try folder.refuse("mlp_bias", configuration.feedForwardBias == true)
        var recipe = RotaryDecoder(
            configuration: configuration, keyValueHeads: configuration.keyValueHeads ?? keyValueHeads,
            headSize: configuration.headSize ?? 256, normEpsilon: configuration.normEpsilon ?? 1e-6,
            activation: try folder.activation("the activation", activation),
            tiesEmbeddings: configuration.tiesEmbeddings ?? true, windows: windows, rotaries: rotaries)
        (recipe.hasInputBias, recipe.hasOutputBias) =
            (configuration.attentionBias ?? false, configuration.attentionBias ?? false)
        recipe.normOffset = 1
        recipe.embeddingScale = Float(configuration.width).squareRoot()
        return recipe
    }

    private static func gemmaContext(_ configuration: RotaryDecoderConfiguration, theta: Double) -> RopeContext {
        RopeContext(
            headSize: configuration.headSize ?? 256, defaultTheta: theta, positions: configuration.positions)
    }

    /// Scores are divided by the root of a number of the configuration's, not of the head's size.
    private static func gemmaScale(
        _ configuration: RotaryDecoderConfiguration, in folder: ComponentFolder
    ) throws(TensorFileError) -> Float {
        let scalar = configuration.queryScalar ?? 256
        try folder.require(scalar > 0 && scalar < 1e12, "query_pre_attn_scalar above 0", got: "\(scalar)")
        return Float(1 / scalar.squareRoot())
    }
}

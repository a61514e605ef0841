// The modality encoders "wav2vec2" and "hubert": convolutions over the waveform, then a transformer.

public import Layers
public import Tensors

/// wav2vec 2.0 (Baevski et al. 2020) and HuBERT (Hsu et al. 2021), base and large, with the CTC head of a fine-tuned
/// checkpoint: transformers' `Wav2Vec2Model`, `Wav2Vec2ForCTC`, `HubertModel` and `HubertForCTC`.
///
/// Features are the waveform `[N, 1]`, normalised where preprocessor_config.json says so.
public struct Wav2Vec2Encoder: SpeechEncoder {
    /// The configuration that was loaded.
    public let configuration: Wav2Vec2Configuration
    /// The classes of the head, where they are known (by a vocab.json) and words can be made of them.
    public let phoneHead: CTCConfiguration?
    private let waveform: Waveform
    private let featureEncoder: Wav2Vec2FeatureEncoder  // feature_extractor
    private let projectionNorm: LayerNorm?  // feature_projection.layer_norm
    private let projection: Linear  // feature_projection.projection
    private let positions: PositionalConvolution  // encoder.pos_conv_embed.conv
    private let normalization: LayerNorm  // encoder.layer_norm
    private let blocks: [Wav2Vec2Block]  // encoder.layers
    private let head: CTCHead?  // lm_head

    /// Loads the folder's config.json, model.safetensors and vocab.json, and the preprocessor_config.json there or in
    /// the pipeline's folder; throws `TensorFileError`.
    ///
    /// What pre-training needed besides (the quantiser, the mask) is passed over.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration = try folder.configuration(Wav2Vec2Configuration.self)
        try configuration.validate(in: folder)
        waveform = try Waveform(of: folder, leastSamples: configuration.leastSamples)
        let checkpoint = try folder.weights(precision: precision)
        let weights = checkpoint.wav2Vec2Encoder
        let width = configuration.width
        let channels = configuration.convolutionWidths[configuration.convolutionWidths.count - 1]
        featureEncoder = try Wav2Vec2FeatureEncoder(weights["feature_extractor"], configuration)
        projectionNorm =
            configuration.normalizesProjection
            ? try LayerNorm(
                weights["feature_projection", "layer_norm"], width: channels, epsilon: configuration.epsilon) : nil
        projection = try Linear(weights["feature_projection", "projection"], inputs: channels, outputs: width)
        let encoder = weights["encoder"]
        positions = try PositionalConvolution(
            encoder["pos_conv_embed", "conv"], width: width, kernel: configuration.positionKernel,
            groups: configuration.positionGroups)
        normalization = try LayerNorm(encoder["layer_norm"], width: width, epsilon: configuration.epsilon)
        blocks = try (0..<configuration.layers).map { index throws(TensorFileError) in
            try Wav2Vec2Block(encoder["layers", index], configuration)
        }
        if checkpoint["lm_head"].has("weight") {
            let classes = configuration.classes
            try folder.require("pad_token_id", configuration.blank, in: 0...classes - 1)
            head = try CTCHead(checkpoint["lm_head"], width: width, classes: classes)
            phoneHead = try CTCConfiguration(vocabularyIn: folder, classes: classes, blank: configuration.blank)
        } else {
            (head, phoneHead) = (nil, nil)
        }
        try checkpoint.requireAllUsed()
        self.configuration = configuration
    }

    /// The rate that samples must have: 16 kHz for every public model.
    public var sampleRateHz: Int { waveform.sampleRateHz }

    /// A minute: positions have no end here, but attention looks from every frame to every other.
    public var longestSamples: Int { 60 * sampleRateHz }

    /// The width W of the hidden states.
    public var width: Int { configuration.width }

    /// Samples to the waveform that is heard: `[N] -> [N, 1]`.
    ///
    /// Throws `InputError` for fewer samples than the first frame sees (400).
    public func features(of samples: [Float]) throws(InputError) -> Tensor { try waveform(samples) }

    /// The waveform to what was heard: `[N, 1] -> [T, W]`, 50 a second, and the head's probabilities `[T, P]`.
    ///
    /// Throws `InputError` for another shape, and for too few samples or more than ``longestSamples``.
    public func encode(_ features: Tensor) throws(InputError) -> EncodedSpeech {
        guard features.shape.count == 2, features.columns == 1 else {
            throw InputError(expected: "a waveform [N, 1]", got: "\(features.shape)")
        }
        guard features.rows >= configuration.leastSamples, features.rows <= longestSamples else {
            throw InputError(
                expected: "\(configuration.leastSamples) to \(longestSamples) samples", got: "\(features.rows)")
        }
        let frames = featureEncoder(features)
        var hidden = projection(projectionNorm?(frames) ?? frames)
        hidden += positions(hidden)
        if !configuration.isPreNorm { hidden = normalization(hidden) }
        for block in blocks { hidden = block(hidden) }
        if configuration.isPreNorm { hidden = normalization(hidden) }
        return EncodedSpeech(hidden: hidden, phonePosteriors: head?(hidden))
    }
}

extension WeightScope {
    /// The encoder's weights below "wav2vec2" or "hubert", as a model with a head has them, or without a prefix.
    fileprivate var wav2Vec2Encoder: WeightScope {
        for name in ["quantizer", "project_hid", "project_q"] { self[name].ignoreAll() }
        let found = ["wav2vec2", "hubert"].map { self[$0] }
            .first { $0["feature_projection", "projection"].has("weight") }
        let weights = found ?? self
        weights.ignore("masked_spec_embed")
        return weights
    }
}

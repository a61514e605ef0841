// The modality encoder "beats": a transformer over patches of a Kaldi spectrogram.

import AudioFeatures
public import Layers
public import Tensors

/// BEATs (Chen et al. 2022, "BEATs: Audio Pre-Training with Acoustic Tokenizers"), pre-trained or fine-tuned; of the
/// latter the classifier is not read.
///
/// Reference: microsoft/unilm, beats/BEATs.py and backbone.py. A folder has the checkpoint's "cfg" as config.json, with
/// `"model_type": "beats"`, and its "model" as model.safetensors.
public struct BEATsEncoder: SpeechEncoder {
    /// The configuration that was loaded.
    public let configuration: BEATsConfiguration
    private let filterBank: BEATsFilterBank
    private let patches: Linear  // patch_embedding
    private let patchNorm: LayerNorm  // layer_norm
    private let projection: Linear?  // post_extract_proj
    private let positions: PositionalConvolution  // encoder.pos_conv.0
    private let relativePositions: RelativePositions?  // encoder.layers.0.self_attn.relative_attention_bias
    private let normalization: LayerNorm  // encoder.layer_norm
    private let blocks: [BEATsBlock]  // encoder.layers

    /// Loads the folder's config.json and model.safetensors, and the preprocessor_config.json there or in the pipeline's
    /// folder; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration = try folder.configuration(BEATsConfiguration.self)
        try configuration.validate(in: folder)
        filterBank = try BEATsFilterBank(of: folder)
        try folder.require(
            filterBank.bands >= configuration.patch, "input_patch_size of at most \(filterBank.bands)",
            got: "\(configuration.patch)")
        let weights = try folder.weights(precision: precision)
        let (width, patchWidth, patch) = (configuration.width, configuration.patchWidth, configuration.patch)
        let kernel = try weights["patch_embedding"].tensor("weight", shape: [patchWidth, 1, patch, patch])
        patches = Linear(
            .f32(kernel.reshaped(patchWidth, patch * patch)),
            bias: configuration.patchHasBias
                ? try weights["patch_embedding"].vector("bias", count: patchWidth) : nil,
            precision: precision)
        patchNorm = try LayerNorm(weights["layer_norm"], width: patchWidth)
        projection =
            patchWidth == width ? nil : try Linear(weights["post_extract_proj"], inputs: patchWidth, outputs: width)
        let encoder = weights["encoder"]
        positions = try PositionalConvolution(
            encoder["pos_conv", 0], width: width, kernel: configuration.positionKernel,
            groups: configuration.positionGroups)
        relativePositions = try Self.relativePositions(encoder, configuration)
        normalization = try LayerNorm(encoder["layer_norm"], width: width)
        blocks = try (0..<configuration.layers).map { index throws(TensorFileError) in
            try BEATsBlock(encoder["layers", index], configuration)
        }
        weights["predictor"].ignoreAll()
        try weights.requireAllUsed()
        self.configuration = configuration
    }

    /// The first block's table, which all blocks share; PyTorch writes it with every block.
    private static func relativePositions(
        _ encoder: WeightScope, _ configuration: BEATsConfiguration
    ) throws(TensorFileError) -> RelativePositions? {
        guard configuration.hasRelativePositions else { return nil }
        for index in 1..<max(1, configuration.layers) {
            encoder["layers", index, "self_attn", "relative_attention_bias"].ignoreAll()
        }
        return try RelativePositions(
            encoder["layers", 0, "self_attn", "relative_attention_bias"], buckets: configuration.buckets,
            heads: configuration.heads, maximumDistance: configuration.maximumDistance)
    }

    /// The rate that samples must have: 16 kHz.
    public var sampleRateHz: Int { filterBank.sampleRateHz }

    /// Half a minute, which is some 1,500 patches: positions have no end here, but attention looks from every patch to
    /// every other.
    public var longestSamples: Int { 30 * sampleRateHz }

    /// The width W of the hidden states.
    public var width: Int { configuration.width }

    /// BEATs has none.
    public var phoneHead: CTCConfiguration? { nil }

    /// Samples to Kaldi's filter bank, normalised: `[N] -> [T, 128]`, 100 a second.
    ///
    /// Throws `InputError` for fewer samples than a frame has (400).
    public func features(of samples: [Float]) throws(InputError) -> Tensor { try filterBank(samples) }

    /// Features to what was heard: `[T, 128] -> [T/16 · 8, W]`, the eight patches of 160 ms one after the other, from
    /// low to high. What is left of a patch is not heard, in the reference either.
    ///
    /// Throws `InputError` for features of another width, of less than a patch or of more than half a minute.
    public func encode(_ features: Tensor) throws(InputError) -> EncodedSpeech {
        guard features.shape.count == 2, features.columns == filterBank.bands else {
            throw InputError(expected: "features [T, \(filterBank.bands)]", got: "\(features.shape)")
        }
        let most = filterBank.frames(of: longestSamples)
        guard features.rows >= configuration.patch, features.rows <= most else {
            throw InputError(expected: "\(configuration.patch) to \(most) feature frames", got: "\(features.rows)")
        }
        var hidden = patchNorm(patches(cut(features)))
        if let projection { hidden = projection(hidden) }
        hidden += positions(hidden)
        if !configuration.isPreNorm { hidden = normalization(hidden) }
        let distances = relativePositions?.biases(length: hidden.rows)
        for block in blocks { hidden = block(hidden, distances: distances) }
        if configuration.isPreNorm { hidden = normalization(hidden) }
        return EncodedSpeech(hidden: hidden, phonePosteriors: nil)
    }

    /// Squares of the spectrogram, row by row: `[T, 128] -> [T/16 · 8, 16 · 16]`.
    private func cut(_ features: Tensor) -> Tensor {
        let patch = configuration.patch
        let (across, along) = (features.columns / patch, features.rows / patch)
        var values: [Float] = []
        values.reserveCapacity(across * along * patch * patch)
        for time in 0..<along {
            for band in 0..<across {
                for row in 0..<patch {
                    let start = (time * patch + row) * features.columns + band * patch
                    values += features.values[start..<start + patch]
                }
            }
        }
        return Tensor(shape: [along * across, patch * patch], values: values)
    }
}

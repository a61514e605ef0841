// The modality encoder "clap": CLAP's audio tower, a Swin transformer over a folded spectrogram.

public import Layers
public import Tensors

/// The audio tower of CLAP (Wu et al. 2023, "Large-scale Contrastive Language-Audio Pretraining"), HTS-AT (Chen et al.
/// 2022), without fusion: transformers' `ClapAudioModel`, `ClapAudioModelWithProjection` and `ClapModel`.
///
/// Of a whole `ClapModel` the text tower is not read. A sound fills a window of ten seconds by being repeated.
public struct CLAPEncoder: SpeechEncoder {
    /// The configuration that was loaded.
    public let configuration: CLAPConfiguration
    private let frontEnd: CLAPFrontEnd
    private let scale: [Float]  // batch_norm, as one affine map per band
    private let shift: [Float]
    private let patches: Linear  // patch_embed.proj
    private let patchNorm: LayerNorm?  // patch_embed.norm
    private let stages: [CLAPStage]  // layers
    private let normalization: LayerNorm  // norm
    private let projection: FeedForward?  // audio_projection.linear1, linear2

    /// Loads the folder's config.json and model.safetensors, and the preprocessor_config.json there or in the pipeline's
    /// folder; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration = try folder.configuration(AudioTower.self).configuration
        try configuration.validate(in: folder)
        frontEnd = try CLAPFrontEnd(of: folder)
        let bands = configuration.melBins
        try folder.require(
            bands == frontEnd.bands, "num_mel_bins \(frontEnd.bands), as the features have", got: "\(bands)")
        try folder.require(
            frontEnd.frames <= configuration.side * configuration.folds,
            "a spec_size that holds \(frontEnd.frames) frames of features", got: "\(configuration.side)")
        let checkpoint = try folder.weights(precision: precision)
        let weights = checkpoint.clapAudioEncoder
        (scale, shift) = try Self.bandNormalization(weights["batch_norm"], bands: bands)
        let (patch, patchWidth) = (configuration.patch, configuration.patchWidth)
        let embedding = weights["patch_embed"]
        patches = Linear(
            .f32(
                try embedding["proj"].tensor("weight", shape: [patchWidth, 1, patch, patch])
                    .reshaped(patchWidth, patch * patch)),
            bias: try embedding["proj"].vector("bias", count: patchWidth), precision: precision)
        patchNorm = configuration.normalizesPatches ? try LayerNorm(embedding["norm"], width: patchWidth) : nil
        stages = try configuration.depths.indices.map { index throws(TensorFileError) in
            try CLAPStage(weights["layers", index], configuration, stage: index)
        }
        normalization = try LayerNorm(weights["norm"], width: configuration.width)
        let ending = checkpoint["audio_projection"]
        projection =
            ending["linear1"].has("weight")
            ? try FeedForward(
                up: ending["linear1"], down: ending["linear2"], inputs: configuration.width,
                hidden: configuration.projectionWidth, outputs: configuration.projectionWidth,
                activation: configuration.projectionActivation) : nil
        try checkpoint.requireAllUsed()
        self.configuration = configuration
    }

    /// Batch normalisation by the statistics of training: x · scale + shift for every band.
    private static func bandNormalization(
        _ weights: WeightScope, bands: Int
    ) throws(TensorFileError) -> (scale: [Float], shift: [Float]) {
        weights.ignore("num_batches_tracked")
        let (gain, offset) = (
            try weights.vector("weight", count: bands), try weights.vector("bias", count: bands)
        )
        let mean = try weights.vector("running_mean", count: bands)
        let variance = try weights.vector("running_var", count: bands)
        let scale = zip(gain, variance).map { $0 / ($1 + 1e-5).squareRoot() }
        return (scale, bands == 0 ? [] : (0..<bands).map { offset[$0] - mean[$0] * scale[$0] })
    }

    /// The rate that samples must have: 48 kHz.
    public var sampleRateHz: Int { frontEnd.sampleRateHz }

    /// The window: ten seconds.
    public var longestSamples: Int { frontEnd.windowSamples }

    /// The width W of the hidden states.
    public var width: Int { configuration.width }

    /// CLAP has none.
    public var phoneHead: CTCConfiguration? { nil }

    /// Samples to mel bands in decibels over the whole window: `[N] -> [1001, 64]`.
    ///
    /// Throws `InputError` for no samples, or more than the window has.
    public func features(of samples: [Float]) throws(InputError) -> Tensor { try frontEnd(samples) }

    /// Features to what was heard: `[T, 64] -> [32 · 2, W]`, 32 moments in their order, each of a lower and an upper
    /// half of the spectrum. (transformers' last hidden state has the same numbers as `[W, 2, 32]`.)
    ///
    /// Throws `InputError` for features of another width, and for none or more frames than the square has places for.
    public func encode(_ features: Tensor) throws(InputError) -> EncodedSpeech {
        guard features.shape.count == 2, features.columns == configuration.melBins else {
            throw InputError(expected: "features [T, \(configuration.melBins)]", got: "\(features.shape)")
        }
        let (side, folds) = (configuration.side, configuration.folds)
        guard features.rows > 0, features.rows <= side * folds else {
            throw InputError(expected: "1 to \(side * folds) feature frames", got: "\(features.rows)")
        }
        var normalized = features
        for index in normalized.values.indices {
            let band = index % scale.count
            normalized.values[index] = normalized.values[index] * scale[band] + shift[band]
        }
        let square = normalized.stretched(rows: side * folds).folded(folds)
        var hidden = patches(cut(square))
        if let patchNorm { hidden = patchNorm(hidden) }
        for stage in stages { hidden = stage(hidden) }
        return EncodedSpeech(hidden: inTime(normalization(hidden)), phonePosteriors: nil)
    }

    /// The embedding that CLAP compares sounds and texts by, not yet of length 1: the hidden states' mean, projected.
    /// `[32 · 2, W] -> [1, projection_dim]`; nil for a checkpoint without the projection.
    public func embedding(_ hidden: Tensor) -> Tensor? {
        guard let projection else { return nil }
        var mean = Tensor(zeros: 1, hidden.columns)
        for row in 0..<hidden.rows {
            for (column, value) in hidden.row(row).enumerated() { mean.values[column] += value }
        }
        mean *= 1 / Float(max(1, hidden.rows))
        return projection(mean)
    }

    /// The patches of a square, row by row, with silence around it where patches reach beyond:
    /// `[side, side] -> [grid · grid, patch · patch]`.
    private func cut(_ square: Tensor) -> Tensor {
        let (side, patch, step, grid) = (
            configuration.side, configuration.patch, configuration.patchStride, configuration.grid
        )
        let padding = (patch - step) / 2
        var values: [Float] = []
        values.reserveCapacity(grid * grid * patch * patch)
        for row in 0..<grid {
            for column in 0..<grid {
                for y in row * step - padding..<row * step - padding + patch {
                    for x in column * step - padding..<column * step - padding + patch {
                        let isInside = (0..<side).contains(y) && (0..<side).contains(x)
                        values.append(isInside ? square.values[y * side + x] : 0)
                    }
                }
            }
        }
        return Tensor(shape: [grid * grid, patch * patch], values: values)
    }

    /// Unfolds what the last stage gives: rows of the square to moments, and the bands of each.
    private func inTime(_ hidden: Tensor) -> Tensor {
        let (grid, folds) = (configuration.lastGrid, configuration.folds)
        let bands = grid / folds
        return hidden.gatheringRows(
            (0..<folds * grid * bands).lazy.map { index in
                let (moment, band) = (index / bands, index % bands)
                return (moment / grid * bands + band) * grid + moment % grid
            })
    }
}

/// The audio tower's part of a config.json: all of it, or what a whole CLAP's has under "audio_config".
private struct AudioTower: Decodable {
    let configuration: CLAPConfiguration

    private enum CodingKeys: String, CodingKey {
        case audio = "audio_config"
    }

    init(from decoder: any Decoder) throws {
        let whole = try decoder.container(keyedBy: CodingKeys.self)
        configuration =
            try whole.decodeIfPresent(CLAPConfiguration.self, forKey: .audio) ?? CLAPConfiguration(from: decoder)
    }
}

extension WeightScope {
    /// The encoder's weights in any of the layouts that transformers writes: `ClapAudioModel` has them below
    /// "audio_encoder", the others below "audio_model.audio_encoder". The text tower is not read, and marked as known.
    fileprivate var clapAudioEncoder: WeightScope {
        for name in ["text_model", "text_projection"] { self[name].ignoreAll() }
        for name in ["logit_scale_a", "logit_scale_t"] { ignore(name) }
        let whole = self["audio_model", "audio_encoder"]
        return whole["patch_embed", "proj"].has("weight") ? whole : self["audio_encoder"]
    }
}

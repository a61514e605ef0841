// The modality encoder "whisper": Whisper's audio encoder over the recording's own length.

public import AudioFeatures
public import Layers
public import Tensors

/// Whisper's encoder (Radford et al. 2022; `WhisperEncoder` in transformers) without the padding to 30 s, with a phone
/// head for connectionist temporal classification where the checkpoint has one.
public struct WhisperEncoder: SpeechEncoder {
    /// The configuration that was loaded.
    public let configuration: WhisperConfiguration
    private let spectrogram: LogMelSpectrogram
    private let convolution1: Convolution  // conv1
    private let convolution2: Convolution  // conv2
    private let positions: Tensor  // embed_positions
    private let blocks: [WhisperBlock]  // layers
    private let normalization: LayerNorm  // layer_norm
    private let phoneMap: Linear?  // ctc_head

    /// Loads the folder's config.json and model.safetensors, and the preprocessor_config.json there or in the pipeline's
    /// folder; throws `TensorFileError`.
    ///
    /// A whole Whisper checkpoint of transformers does as well. Without a preprocessor_config.json, for a component by
    /// itself, the front end is Whisper's own for so many mel bands.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration = try folder.configuration(WhisperConfiguration.self)
        try configuration.validate(in: folder)
        spectrogram = try whisperFrontEnd(of: folder, melBins: configuration.melBins)
        let checkpoint = try folder.weights(precision: precision)
        let weights = checkpoint.whisperEncoder
        let width = configuration.width
        self.configuration = configuration
        convolution1 = try Convolution(weights["conv1"], inputs: configuration.melBins, outputs: width, stride: 1)
        convolution2 = try Convolution(weights["conv2"], inputs: width, outputs: width, stride: 2)
        positions = try weights["embed_positions"].tensor("weight", shape: [configuration.maximumPositions, width])
        var blocks: [WhisperBlock] = []
        for index in 0..<configuration.layers {
            blocks.append(try WhisperBlock(weights["layers", index], configuration))
        }
        self.blocks = blocks
        normalization = try LayerNorm(weights["layer_norm"], width: width)
        phoneMap =
            if let ctc = configuration.ctc {
                try Linear(checkpoint["ctc_head"], inputs: width, outputs: ctc.phones.count)
            } else {
                nil
            }
        try checkpoint.requireAllUsed()
    }

    /// What the features are made by.
    public var frontEnd: SpectrogramConfiguration { spectrogram.configuration }

    /// The rate that samples must have: 16 kHz for every public Whisper.
    public var sampleRateHz: Int { spectrogram.configuration.sampleRateHz }

    /// Two feature frames a position: 30 s for every public Whisper.
    public var longestSamples: Int { 2 * configuration.maximumPositions * spectrogram.configuration.hopSamples }

    /// The width W of the hidden states.
    public var width: Int { configuration.width }

    /// The classes of the phone head; nil for a checkpoint without one.
    public var phoneHead: CTCConfiguration? { configuration.ctc }

    /// Samples to log-mel features: `[N] -> [N / hop, mels]`.
    ///
    /// Throws `InputError` for half a window's samples or fewer.
    public func features(of samples: [Float]) throws(InputError) -> Tensor {
        do {
            let matrix = try spectrogram(samples)
            return Tensor(shape: [matrix.frames, matrix.features], values: matrix.values)
        } catch {
            throw InputError(expected: error.expected, got: error.got)
        }
    }

    /// Log-mel features to what was heard: `[T, mels] -> [⌈T/2⌉, W]`, 50 a second, and `[⌈T/2⌉, P]`.
    ///
    /// Throws `InputError` when the features have other bins or more frames than there are positions for.
    public func encode(_ features: Tensor) throws(InputError) -> EncodedSpeech {
        let hidden = try hiddenStates(features)
        return EncodedSpeech(hidden: hidden, phonePosteriors: phonePosteriors(hidden))
    }

    private func hiddenStates(_ features: Tensor) throws(InputError) -> Tensor {
        guard features.shape.count == 2, features.columns == configuration.melBins else {
            throw InputError(expected: "features [T, \(configuration.melBins)]", got: "\(features.shape)")
        }
        guard features.rows > 0, (features.rows + 1) / 2 <= configuration.maximumPositions else {
            throw InputError(
                expected: "1 to \(2 * configuration.maximumPositions) feature frames", got: "\(features.rows)")
        }
        var hidden = convolution2(convolution1(features))
        hidden += positions.rows(0..<hidden.rows)
        for block in blocks { hidden = block(hidden) }
        return normalization(hidden)
    }

    /// Hidden states to the phones' probabilities in every frame: `[T, W] -> [T, P]`; nil without a phone head.
    private func phonePosteriors(_ hidden: Tensor) -> Tensor? {
        guard let phoneMap else { return nil }
        var posteriors = phoneMap(hidden)
        let phones = posteriors.columns
        posteriors.values.withUnsafeMutableBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: phones) {
                softmax(values.baseAddress! + start, count: phones)
            }
        }
        return posteriors
    }
}

/// Whisper's log-mel spectrogram, by preprocessor_config.json where there is one.
private func whisperFrontEnd(of folder: ComponentFolder, melBins: Int) throws(TensorFileError) -> LogMelSpectrogram {
    let settings = folder.sharedFile("preprocessor_config.json")
    let configuration =
        if let settings {
            try decodeJSON(SpectrogramConfiguration.self, at: settings)
        } else {
            SpectrogramConfiguration(melBands: melBins)
        }
    let spectrogram: LogMelSpectrogram
    do {
        spectrogram = try LogMelSpectrogram(configuration)
    } catch {
        throw TensorFileError(path: settings ?? folder.configurationPath, expected: error.expected, got: error.got)
    }
    try folder.require(
        melBins == configuration.melBands, "num_mel_bins \(configuration.melBands), as the features have",
        got: "\(melBins)")
    return spectrogram
}

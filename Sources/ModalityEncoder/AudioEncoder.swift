// The modality encoder: Whisper's audio encoder over the recording's own length.

public import Layers
public import Tensors

/// Whisper's encoder (Radford et al. 2022; `WhisperEncoder` in transformers) without the padding to 30 s, with a phone
/// head for connectionist temporal classification where the checkpoint has one.
public struct AudioEncoder: Sendable {
    /// The configuration that was loaded.
    public let configuration: AudioEncoderConfiguration
    private let convolution1: Convolution  // conv1
    private let convolution2: Convolution  // conv2
    private let positions: Tensor  // embed_positions
    private let blocks: [EncoderBlock]  // layers
    private let normalization: LayerNorm  // layer_norm
    private let phoneHead: Linear?  // ctc_head

    /// Loads the folder's config.json and model.safetensors; throws `TensorFileError`.
    ///
    /// A whole Whisper checkpoint does as well: its encoder is found below "model.encoder".
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration = try folder.configuration(AudioEncoderConfiguration.self)
        try configuration.validate(in: folder)
        let file = try folder.weights(precision: precision)
        let weights = file.has("model.encoder.conv1.weight") ? file["model", "encoder"] : file
        let width = configuration.width
        self.configuration = configuration
        convolution1 = try Convolution(weights["conv1"], inputs: configuration.melBins, outputs: width, stride: 1)
        convolution2 = try Convolution(weights["conv2"], inputs: width, outputs: width, stride: 2)
        positions = try weights["embed_positions"].tensor("weight", shape: [configuration.maximumPositions, width])
        var blocks: [EncoderBlock] = []
        for index in 0..<configuration.layers {
            blocks.append(try EncoderBlock(weights["layers", index], configuration))
        }
        self.blocks = blocks
        normalization = try LayerNorm(weights["layer_norm"], width: width)
        phoneHead =
            if let ctc = configuration.ctc {
                try Linear(weights["ctc_head"], inputs: width, outputs: ctc.phones.count)
            } else {
                nil
            }
        try weights.requireAllUsed()
    }

    /// Log-mel features to hidden states: `[T, mels] -> [⌈T/2⌉, W]`, 50 a second for Whisper's features.
    ///
    /// Throws `InputError` when the features have other bins or more frames than there are positions for.
    public func callAsFunction(_ features: Tensor) throws(InputError) -> Tensor {
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
    public func phonePosteriors(_ hidden: Tensor) -> Tensor? {
        guard let phoneHead else { return nil }
        var posteriors = phoneHead(hidden)
        let phones = posteriors.columns
        posteriors.values.withUnsafeMutableBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: phones) {
                softmax(values.baseAddress! + start, count: phones)
            }
        }
        return posteriors
    }
}

/// Features that the encoder cannot take.
public struct InputError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the encoder takes.
    public let expected: String
    /// What it was given.
    public let got: String

    /// One line: what was expected, what was got.
    public var description: String { "expected \(expected), got \(got)" }
}

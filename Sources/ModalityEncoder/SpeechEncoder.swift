// The modality encoder of speech, as the rest of a pipeline sees it, and the table of its variants.

public import Layers
public import Tensors

/// What hears: samples in, hidden states and perhaps phone posteriors out.
///
/// The way has two stages, so that each can be timed and run alone: the front end's features, then the network.
public protocol SpeechEncoder: Sendable {
    /// The rate that samples must have.
    var sampleRateHz: Int { get }
    /// The longest sound, in samples, that is heard at once.
    var longestSamples: Int { get }
    /// The width W of the hidden states.
    var width: Int { get }
    /// The classes of the phone head; nil for an encoder without one.
    var phoneHead: CTCConfiguration? { get }

    /// The front end: samples `[N]` at `sampleRateHz` to features `[T, F]`.
    ///
    /// Throws `InputError` for samples that no features can be made of.
    func features(of samples: [Float]) throws(InputError) -> Tensor

    /// The network: features `[T, F]` to what was heard.
    ///
    /// Throws `InputError` for features of another width, or for more frames than the encoder has places for.
    func encode(_ features: Tensor) throws(InputError) -> EncodedSpeech
}

/// What was heard, frame by frame.
public struct EncodedSpeech: Sendable {
    /// The hidden states `[T, W]`.
    public let hidden: Tensor
    /// The probabilities of the phones `[T, P]`; nil without a phone head.
    public let phonePosteriors: Tensor?

    /// The results of an encoder.
    public init(hidden: Tensor, phonePosteriors: Tensor?) {
        (self.hidden, self.phonePosteriors) = (hidden, phonePosteriors)
    }
}

/// Samples or features that an encoder cannot take.
public struct InputError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the encoder takes.
    public let expected: String
    /// What it was given.
    public let got: String

    /// An encoder's refusal.
    public init(expected: String, got: String) {
        (self.expected, self.got) = (expected, got)
    }

    /// One line: what was expected, what was got.
    public var description: String { "expected \(expected), got \(got)" }
}

extension VariantTable<any SpeechEncoder> {
    /// The speech encoders that this package knows.
    public static var speechEncoders: VariantTable {
        VariantTable(
            role: "speech encoder",
            [
                "beats": BEATsEncoder.init(_:precision:),
                "clap": CLAPEncoder.init(_:precision:),
                "clap_audio_model": CLAPEncoder.init(_:precision:),
                "hubert": Wav2Vec2Encoder.init(_:precision:),
                "wav2vec2": Wav2Vec2Encoder.init(_:precision:),
                "whisper": WhisperEncoder.init(_:precision:),
            ])
    }
}

// The kinds of features by the names that users give, each with its reference's own settings.

/// A kind of features, as the command and the server name it.
public enum FeatureKind: String, Sendable, CaseIterable {
    /// openai-whisper's log-mel spectrogram.
    case whisper
    /// librosa's MFCCs.
    case mfcc
    /// librosa's spectrogram on a linear axis, squared or not.
    case power, amplitude
    /// Kaldi's log-mel filter bank.
    case kaldiFilterBank = "kaldi-fbank"
    /// Kaldi's MFCCs.
    case kaldiMFCC = "kaldi-mfcc"
    /// The front ends of AST, BEATs and SeamlessM4T.
    case ast, beats, seamless

    /// What the numbers are, for a picture's colour bar.
    public var unit: String {
        switch self {
        case .whisper: "scaled log10"
        case .mfcc, .kaldiMFCC: "value"
        case .power, .amplitude: "dB"
        case .kaldiFilterBank: "ln power"
        case .ast, .beats, .seamless: "normalised ln"
        }
    }

    /// The configuration that its reference has, for a recording of some rate.
    public func configuration(fileRateHz: Int) -> FeatureConfiguration {
        switch self {
        case .whisper: .whisper()
        case .mfcc: .librosaMFCC(sampleRateHz: fileRateHz)
        case .power: .linear(.power, sampleRateHz: fileRateHz)
        case .amplitude: .linear(.amplitude, sampleRateHz: fileRateHz)
        case .kaldiFilterBank: .kaldiFilterBank()
        case .kaldiMFCC: .kaldiMFCC()
        case .ast: .ast()
        case .beats: .beats()
        case .seamless: .seamless()
        }
    }
}

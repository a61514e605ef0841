// The front end's settings, under the names that transformers' preprocessor_config.json gives them.

/// What `WhisperFeatureExtractor` is configured by, as far as the features depend on it.
///
/// Decoding ignores the other keys of preprocessor_config.json (`chunk_length`, `n_samples`, ...): recordings keep
/// their own length here.
public struct SpectrogramConfiguration: Codable, Sendable, Equatable {
    /// Mel bands: 80, or 128 for Whisper large-v3.
    public let melBands: Int

    /// Samples from one frame to the next.
    public let hopSamples: Int

    /// Samples of a frame, and the size of its Fourier transform.
    public let windowSamples: Int

    /// The rate the samples must have.
    public let sampleRateHz: Int

    /// The defaults are those of every Whisper before large-v3.
    public init(melBands: Int = 80, hopSamples: Int = 160, windowSamples: Int = 400, sampleRateHz: Int = 16_000) {
        self.melBands = melBands
        self.hopSamples = hopSamples
        self.windowSamples = windowSamples
        self.sampleRateHz = sampleRateHz
    }

    private enum CodingKeys: String, CodingKey {
        case melBands = "feature_size"
        case hopSamples = "hop_length"
        case windowSamples = "n_fft"
        case sampleRateHz = "sampling_rate"
    }
}

/// Samples or settings that a spectrogram cannot be made of.
public struct SpectrogramError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was expected.
    public let expected: String

    /// What was got.
    public let got: String

    /// A refusal.
    public init(expected: String, got: String) { (self.expected, self.got) = (expected, got) }

    /// One line: `spectrogram: expected more than 200 samples, got 12`.
    public var description: String {
        "spectrogram: expected \(expected), got \(got)"
    }
}

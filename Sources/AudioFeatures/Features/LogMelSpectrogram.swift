// Whisper's log-mel spectrogram, over a recording's own length instead of a padded half minute.

/// Samples `[N]` to log-mel features `[T, mels]`, T = N / hop; equal to `whisper.log_mel_spectrogram` on the same array.
///
/// Make one and call it for every recording, from any thread: the Fourier plan and the filters are made once.
///
/// Source: openai/whisper, `whisper/audio.py`. Frames are centred (reflected half a window at both ends), the window is
/// a periodic Hann, the last frame is dropped, and the dynamic range is 8 decades below the loudest value *of the array
/// passed* (``Extent`` has transformers' way).
public struct LogMelSpectrogram: Sendable {
    /// What the features are made by.
    public let configuration: SpectrogramConfiguration

    private let extractor: FeatureExtractor

    /// - Throws: ``SpectrogramError`` for sizes that make no spectrogram.
    public init(
        _ configuration: SpectrogramConfiguration = SpectrogramConfiguration(), extent: Extent = .recording
    ) throws(SpectrogramError) {
        self.configuration = configuration
        extractor = try FeatureExtractor(.whisper(configuration, extent: extent))
    }

    /// The frequency at each band's peak `[mels]`, rising.
    public var centresHz: [Double] { extractor.centresHz }

    /// `samples [N] -> [N / hop, mels]`, values about -1...1.5.
    ///
    /// - Throws: ``SpectrogramError`` when there are not more than `n_fft / 2` samples: a reflection needs that many
    ///   (the reference fails there too).
    public func callAsFunction(_ samples: [Float]) throws(SpectrogramError) -> FeatureMatrix {
        try extractor(samples)
    }
}

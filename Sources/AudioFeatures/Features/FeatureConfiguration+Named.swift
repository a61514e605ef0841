// The kinds of features that people use, each with the reference it equals.

/// Single precision's epsilon, which is the floor that Kaldi and its followers put under a logarithm.
private let epsilon: Float = 0x1p-23

/// 16-bit integers in a unit of -1…1.
private let sixteenBits: Float = 32_768

extension FeatureConfiguration {
    /// Whisper's log-mel spectrogram, 80 bands or 128 (large-v3), at 16 kHz.
    ///
    /// Reference: `whisper.log_mel_spectrogram`. With `.recording` of the array as it is; with `.padded(samples:)` of
    /// `whisper.pad_or_trim`'s, which is what transformers' `WhisperFeatureExtractor` returns too; with
    /// `.paddedThenCut(samples:)` the frames of the recording out of the padded window, as transformers' attention
    /// mask selects them.
    public static func whisper(melBands: Int = 80, extent: Extent = .recording) -> Self {
        whisper(SpectrogramConfiguration(melBands: melBands), extent: extent)
    }

    /// Whisper's window of 30 s, in samples.
    public static let whisperWindowSamples = 480_000

    static func whisper(_ settings: SpectrogramConfiguration, extent: Extent) -> Self {
        FeatureConfiguration(
            name: "whisper", sampleRateHz: settings.sampleRateHz,
            layout: FrameLayout(
                windowSamples: settings.windowSamples, hopSamples: settings.hopSamples, placement: .centredMirrored,
                dropsLastFrame: true),
            preparation: FramePreparation(window: .periodicHann),
            spectrum: SpectrumConfiguration(
                filters: MelFilters(bands: settings.melBands, scale: .slaney),
                compression: .decimalLogarithm(floor: 1e-10)),
            normalisation: .whisper, extent: extent, hasFeaturesFirst: true)
    }

    /// MFCCs as `librosa.feature.mfcc(y=y, sr=rate)` computes them: 20 of 128 Slaney bands in dB, `top_db` 80.
    ///
    /// - Parameters:
    ///   - sampleRateHz: the samples' rate.
    ///   - coefficients: librosa's `n_mfcc`.
    ///   - windowSamples: librosa's `n_fft`; even.
    ///   - hopSamples: librosa's `hop_length`.
    ///   - melBands: librosa's `n_mels`.
    ///   - decibelSpan: librosa's `top_db`, which depends on the loudest value of the recording; nil for None.
    ///   - lifter: librosa's `lifter`; 0 for none.
    public static func librosaMFCC(
        sampleRateHz: Int, coefficients: Int = 20, windowSamples: Int = 2_048, hopSamples: Int = 512,
        melBands: Int = 128, decibelSpan: Float? = 80, lifter: Float = 0
    ) -> Self {
        FeatureConfiguration(
            name: "mfcc", sampleRateHz: sampleRateHz,
            layout: FrameLayout(windowSamples: windowSamples, hopSamples: hopSamples, placement: .centredSilent),
            preparation: FramePreparation(window: .periodicHann),
            spectrum: SpectrumConfiguration(
                precision: .doubleThroughout, filters: MelFilters(bands: melBands, scale: .slaney),
                compression: .decibels(floor: 1e-10)),
            normalisation: decibelSpan.map { .floorBelowLoudest(span: $0) } ?? .none,
            cepstrum: Cepstrum(coefficients: coefficients, lifter: lifter > 0 ? .librosa(lifter) : .none),
            hasFeaturesFirst: true)
    }

    /// A spectrogram on a linear frequency axis, `|librosa.stft(y)|` or its square.
    public static func linear(
        _ magnitude: SpectrumConfiguration.Magnitude, sampleRateHz: Int, windowSamples: Int = 2_048,
        hopSamples: Int = 512
    ) -> Self {
        FeatureConfiguration(
            name: magnitude == .power ? "power" : "amplitude", sampleRateHz: sampleRateHz,
            layout: FrameLayout(windowSamples: windowSamples, hopSamples: hopSamples, placement: .centredSilent),
            preparation: FramePreparation(window: .periodicHann),
            spectrum: SpectrumConfiguration(magnitude: magnitude), hasFeaturesFirst: true)
    }

    /// Kaldi's log-mel filter bank: frames of 25 ms every 10 ms, 20 Hz to half the rate, dither 0.
    ///
    /// Reference: kaldi-native-fbank, and `torchaudio.compliance.kaldi.fbank`.
    ///
    /// - Parameters:
    ///   - melBands: 80 is what recognisers use; Kaldi's own default is 23.
    ///   - sampleRateHz: the samples' rate.
    ///   - snipsEdges: only frames that lie inside; otherwise the ends are mirrored.
    ///   - scale: 2^15 unless told, since Kaldi reads 16-bit files as integers; 1 leaves -1…1.
    ///   - window: what each frame is weighted with.
    ///   - energy: a log-energy column before the bands.
    public static func kaldiFilterBank(
        melBands: Int = 80, sampleRateHz: Int = 16_000, snipsEdges: Bool = true, scale: Float = 32_768,
        window: WindowFunction = .povey, energy: SpectrumConfiguration.Energy? = nil
    ) -> Self {
        kaldi(
            name: "kaldi-fbank", bands: melBands, rateHz: sampleRateHz, snipsEdges: snipsEdges, scale: scale,
            window: window, energy: energy)
    }

    /// Kaldi's MFCCs: 13 of 23 bands, lifter 22, coefficient 0 the frame's log-energy.
    ///
    /// Reference: kaldi-native-fbank. `torchaudio.compliance.kaldi.mfcc` is the same with `energy` nil, its default,
    /// or with a floor of 1, its other one.
    public static func kaldiMFCC(
        coefficients: Int = 13, melBands: Int = 23, sampleRateHz: Int = 16_000, snipsEdges: Bool = true,
        scale: Float = 32_768, lifter: Float = 22, energy: SpectrumConfiguration.Energy? = .init()
    ) -> Self {
        kaldi(
            name: "kaldi-mfcc", bands: melBands, rateHz: sampleRateHz, snipsEdges: snipsEdges, scale: scale,
            window: .povey, energy: energy,
            cepstrum: Cepstrum(coefficients: coefficients, lifter: lifter > 0 ? .kaldi(lifter) : .none))
    }

    /// The Audio Spectrogram Transformer's: 128 Kaldi bands, Hann window, samples in -1…1, AudioSet's mean and twice
    /// its deviation.
    ///
    /// Reference: transformers' `ASTFeatureExtractor`, which also fills up to 1,024 rows: `.rows(1024)`.
    public static func ast(extent: Extent = .recording) -> Self {
        kaldi(
            name: "ast", bands: 128, snipsEdges: true, scale: 1, window: .symmetricHann, filterScale: .htk,
            normalisation: .fixed(mean: -4.2677393, divisor: 4.5689974 * 2), extent: extent)
    }

    /// BEATs': 128 Kaldi bands of samples scaled by 2^15, its own mean and twice its deviation.
    ///
    /// Reference: `BEATs.preprocess` (microsoft/unilm), which calls `torchaudio.compliance.kaldi.fbank`.
    public static func beats(melBands: Int = 128, mean: Float = 15.41663, deviation: Float = 6.55582) -> Self {
        kaldi(
            name: "beats", bands: melBands, snipsEdges: true, scale: sixteenBits, window: .povey,
            normalisation: .fixed(mean: mean, divisor: 2 * deviation))
    }

    /// CLAP's: Slaney's mel bands between two frequencies, in decibels, of centred frames.
    ///
    /// Reference: transformers' `ClapFeatureExtractor` with `truncation="rand_trunc"`; what it repeats and pads before,
    /// the caller does.
    public static func clap(
        melBands: Int = 64, sampleRateHz: Int = 48_000, windowSamples: Int = 1_024, hopSamples: Int = 480,
        lowHz: Double = 50, highHz: Double = 14_000
    ) -> Self {
        FeatureConfiguration(
            name: "clap", sampleRateHz: sampleRateHz,
            layout: FrameLayout(windowSamples: windowSamples, hopSamples: hopSamples, placement: .centredMirrored),
            preparation: FramePreparation(window: .periodicHann),
            spectrum: SpectrumConfiguration(
                precision: .doubleThroughout,
                filters: MelFilters(bands: melBands, scale: .slaney, lowHz: lowHz, highHz: highHz),
                compression: .decibels(floor: 1e-10)))
    }

    /// SeamlessM4T's: 80 Kaldi bands, every band normalised over the recording, two rows in one: `[T / 2, 160]`.
    ///
    /// Reference: transformers' `SeamlessM4TFeatureExtractor` (its mask hides a last row that is half padding).
    public static func seamless() -> Self {
        kaldi(
            name: "seamless", bands: 80, snipsEdges: true, scale: sixteenBits, window: .povey, filterScale: .htk,
            precision: .doubleThroughout,
            normalisation: .perFeature(epsilon: 1e-7), stackedRows: 2)
    }

    private static func kaldi(
        name: String, bands: Int, rateHz: Int = 16_000, snipsEdges: Bool, scale: Float, window: WindowFunction,
        filterScale: MelFilters.Scale = .kaldi, precision: TransformPrecision = .double,
        energy: SpectrumConfiguration.Energy? = nil,
        normalisation: Normalisation = .none, cepstrum: Cepstrum? = nil, extent: Extent = .recording,
        stackedRows: Int = 1
    ) -> Self {
        let windowSamples = rateHz / 40
        var fourierSamples = 2
        while fourierSamples < windowSamples { fourierSamples *= 2 }
        return FeatureConfiguration(
            name: name, sampleRateHz: rateHz,
            layout: FrameLayout(
                windowSamples: windowSamples, hopSamples: rateHz / 100, fourierSamples: fourierSamples,
                placement: snipsEdges ? .inside : .covering),
            preparation: FramePreparation(scale: scale, removesMean: true, preemphasis: 0.97, window: window),
            spectrum: SpectrumConfiguration(
                precision: precision, filters: MelFilters(bands: bands, scale: filterScale, lowHz: 20),
                compression: .naturalLogarithm(floor: epsilon), energy: energy),
            normalisation: normalisation, cepstrum: cepstrum, extent: extent, stackedRows: stackedRows)
    }
}

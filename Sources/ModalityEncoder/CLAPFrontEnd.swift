// The front end of CLAP: a mel spectrogram of ten seconds, which shorter sounds fill by being repeated.

import AudioFeatures
import Layers
import Tensors

/// Samples to mel bands in decibels, always over the whole window: `[N] -> [T, mels]`.
///
/// Reference: transformers' `ClapFeatureExtractor`, by its preprocessor_config.json. Longer sounds are refused: of those
/// the reference hears a random part.
struct CLAPFrontEnd: Sendable {
    /// What a preprocessor_config.json of a `ClapFeatureExtractor` says; what is not said is as transformers has it.
    struct Settings: Decodable {
        let bands: Int?
        let sampleRateHz: Int?
        let hopSamples: Int?
        let windowSeconds: Int?
        let fourierSamples: Int?
        let lowHz: Double?
        let highHz: Double?
        let truncation: String?
        let padding: Padding?

        enum CodingKeys: String, CodingKey {
            case truncation, padding
            case bands = "feature_size"
            case sampleRateHz = "sampling_rate"
            case hopSamples = "hop_length"
            case windowSeconds = "max_length_s"
            case fourierSamples = "fft_window_size"
            case lowHz = "frequency_min"
            case highHz = "frequency_max"
        }
    }

    /// What fills the window after a shorter sound.
    enum Padding: String, Decodable {
        /// Silence.
        case pad
        /// The sound again and again, the last time in part.
        case `repeat`
        /// The sound as often as it fits whole, then silence.
        case repeatpad
    }

    /// The samples of the window.
    let windowSamples: Int
    private let extractor: FeatureExtractor
    private let padding: Padding

    init(of folder: ComponentFolder) throws(TensorFileError) {
        let path = folder.sharedFile("preprocessor_config.json")
        let settings: Settings? = if let path { try decodeJSON(Settings.self, at: path) } else { nil }
        let require = Requirement {
            TensorFileError(path: path ?? folder.configurationPath, expected: $0, got: $1)
        }
        // A component by itself is taken for what its weights are: one that hears no more than one window.
        let truncation = settings == nil ? "rand_trunc" : settings?.truncation ?? "fusion"
        try require(
            truncation == "rand_trunc", "truncation \"rand_trunc\", as a tower without fusion has",
            got: "\"\(truncation)\"")
        padding = settings?.padding ?? .repeatpad
        let (rate, seconds) = (settings?.sampleRateHz ?? 48_000, settings?.windowSeconds ?? 10)
        try require((1_000...768_000).contains(rate), "sampling_rate from 1000 to 768000", got: "\(rate)")
        try require((1...600).contains(seconds), "max_length_s from 1 to 600", got: "\(seconds)")
        windowSamples = rate * seconds
        do {
            extractor = try FeatureExtractor(
                .clap(
                    melBands: settings?.bands ?? 64, sampleRateHz: rate,
                    windowSamples: settings?.fourierSamples ?? 1_024, hopSamples: settings?.hopSamples ?? 480,
                    lowHz: settings?.lowHz ?? 0, highHz: settings?.highHz ?? 14_000))
        } catch {
            throw TensorFileError(path: path ?? folder.configurationPath, expected: error.expected, got: error.got)
        }
    }

    var bands: Int { extractor.features }
    var sampleRateHz: Int { extractor.configuration.sampleRateHz }

    /// The frames of the window.
    var frames: Int { extractor.configuration.layout.frames(of: windowSamples) }

    func callAsFunction(_ samples: [Float]) throws(InputError) -> Tensor {
        guard !samples.isEmpty, samples.count <= windowSamples else {
            throw InputError(expected: "1 to \(windowSamples) samples", got: "\(samples.count)")
        }
        do {
            let matrix = try extractor(filled(samples))
            return Tensor(shape: [matrix.frames, matrix.features], values: matrix.values)
        } catch {
            throw InputError(expected: error.expected, got: error.got)
        }
    }

    private func filled(_ samples: [Float]) -> [Float] {
        let times =
            switch padding {
            case .pad: 1
            case .repeat: windowSamples / samples.count + 1
            case .repeatpad: windowSamples / samples.count
            }
        var window: [Float] = []
        window.reserveCapacity(windowSamples + samples.count)
        for _ in 0..<times where window.count < windowSamples { window += samples }
        if window.count > windowSamples { window.removeLast(window.count - windowSamples) }
        return window + [Float](repeating: 0, count: windowSamples - window.count)
    }
}

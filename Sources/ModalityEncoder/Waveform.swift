// The front end of encoders that hear the waveform itself.

import Layers
import Tensors

/// Samples as they are, or brought to mean 0 and variance 1: `[N] -> [N, 1]`.
///
/// Reference: transformers' `Wav2Vec2FeatureExtractor`, by its preprocessor_config.json.
struct Waveform: Sendable {
    /// What a preprocessor_config.json of a `Wav2Vec2FeatureExtractor` says.
    struct Settings: Decodable {
        let channels: Int?
        let sampleRateHz: Int?
        let isNormalized: Bool?

        enum CodingKeys: String, CodingKey {
            case channels = "feature_size"
            case sampleRateHz = "sampling_rate"
            case isNormalized = "do_normalize"
        }
    }

    let sampleRateHz: Int
    private let isNormalized: Bool
    private let leastSamples: Int

    /// Reads the preprocessor_config.json of the folder or of its pipeline; without one the front end is transformers'
    /// own: 16 kHz, normalised.
    init(of folder: ComponentFolder, leastSamples: Int) throws(TensorFileError) {
        self.leastSamples = leastSamples
        guard let path = folder.sharedFile("preprocessor_config.json") else {
            (sampleRateHz, isNormalized) = (16_000, true)
            return
        }
        let settings = try decodeJSON(Settings.self, at: path)
        let require = Requirement { TensorFileError(path: path, expected: $0, got: $1) }
        let (channels, rate) = (settings.channels ?? 1, settings.sampleRateHz ?? 16_000)
        try require(channels == 1, "feature_size 1, as a waveform has", got: "\(channels)")
        try require((1_000...768_000).contains(rate), "sampling_rate from 1000 to 768000", got: "\(rate)")
        (sampleRateHz, isNormalized) = (rate, settings.isNormalized ?? true)
    }

    func callAsFunction(_ samples: [Float]) throws(InputError) -> Tensor {
        guard samples.count >= leastSamples else {
            throw InputError(
                expected: "at least \(leastSamples) samples at \(sampleRateHz) Hz", got: "\(samples.count)")
        }
        guard isNormalized else { return Tensor(shape: [samples.count, 1], values: samples) }
        let count = Double(samples.count)
        let mean = samples.reduce(0.0) { $0 + Double($1) } / count
        let variance = samples.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        let factor = 1 / (variance + 1e-7).squareRoot()
        return Tensor(shape: [samples.count, 1], values: samples.map { Float((Double($0) - mean) * factor) })
    }
}

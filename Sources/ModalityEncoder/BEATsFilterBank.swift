// The front end of BEATs: Kaldi's filter bank of 16-bit samples, with the mean and deviation of its training set.

import AudioFeatures
import Layers
import Tensors

/// Samples to normalised log-mel bands: `[N] -> [T, 128]`.
///
/// Reference: `BEATs.preprocess`. A preprocessor_config.json may say otherwise, under the names of transformers'
/// `ASTFeatureExtractor`.
struct BEATsFilterBank: Sendable {
    /// What a preprocessor_config.json may say.
    struct Settings: Decodable {
        let bands: Int?
        let sampleRateHz: Int?
        let mean: Float?
        let deviation: Float?

        enum CodingKeys: String, CodingKey {
            case mean
            case bands = "num_mel_bins"
            case sampleRateHz = "sampling_rate"
            case deviation = "std"
        }
    }

    private let extractor: FeatureExtractor

    init(of folder: ComponentFolder) throws(TensorFileError) {
        let path = folder.sharedFile("preprocessor_config.json")
        let settings: Settings? = if let path { try decodeJSON(Settings.self, at: path) } else { nil }
        let usual = FeatureConfiguration.beats()
        let (deviation, rate) = (settings?.deviation ?? 6.55582, settings?.sampleRateHz ?? usual.sampleRateHz)
        let require = Requirement {
            TensorFileError(path: path ?? folder.configurationPath, expected: $0, got: $1)
        }
        try require(deviation > 0 && deviation.isFinite, "std above 0", got: "\(deviation)")
        try require(rate == usual.sampleRateHz, "sampling_rate \(usual.sampleRateHz)", got: "\(rate)")
        do {
            extractor = try FeatureExtractor(
                .beats(melBands: settings?.bands ?? 128, mean: settings?.mean ?? 15.41663, deviation: deviation))
        } catch {
            throw TensorFileError(path: path ?? folder.configurationPath, expected: error.expected, got: error.got)
        }
    }

    var bands: Int { extractor.features }
    var sampleRateHz: Int { extractor.configuration.sampleRateHz }

    /// Frames of so many samples.
    func frames(of samples: Int) -> Int { extractor.configuration.layout.frames(of: samples) }

    func callAsFunction(_ samples: [Float]) throws(InputError) -> Tensor {
        do {
            let matrix = try extractor(samples)
            return Tensor(shape: [matrix.frames, matrix.features], values: matrix.values)
        } catch {
            throw InputError(expected: error.expected, got: error.got)
        }
    }
}

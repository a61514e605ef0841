// Features as a picture: which axis, which unit, and decibels for what is not logarithmic.

import AudioFeatures
import Pictures

#if canImport(Glibc)
    import Glibc
#endif

/// Draws features of one kind.
struct FeaturePicture {
    let picture: Picture

    init(_ features: FeatureMatrix, of extractor: FeatureExtractor, _ kind: FeatureKind, start: Double) {
        let configuration = extractor.configuration
        // Rows that were joined are drawn one after the other.
        let stacked = configuration.stackedRows
        let (frames, width) = (features.frames * stacked, features.features / stacked)
        let axis: SpectrogramPicture.Axis =
            width == extractor.centresHz.count
            ? .frequencies(extractor.centresHz)
            : .numbers(width, name: configuration.cepstrum == nil ? "band" : "number")
        let values: [Float] =
            switch kind {
            case .power: Self.decibels(features.values, factor: 10)
            case .amplitude: Self.decibels(features.values, factor: 20)
            default: features.values
            }
        picture =
            SpectrogramPicture(
                values: values, frames: frames, secondsPerFrame: extractor.secondsPerRow / Double(stacked),
                start: start, axis: axis, unit: kind.unit
            ).picture
    }

    /// Decibels relative to the loudest value, down to -80: a spectrogram that shows something.
    private static func decibels(_ values: [Float], factor: Float) -> [Float] {
        let loudest = max(values.max() ?? 1, 1e-30)
        return values.map { max(-80, factor * log10(max($0 / loudest, 1e-10))) }
    }
}

// Recordings on disk.

import AudioFeatures
import ModalityEncoder

extension Pipeline {
    /// Reads a recording and converts it; reading counts as part of the features' time.
    ///
    /// Throws `AudioFileError` for a file that cannot be read and `ConversionError` for one without a description.
    public func convert(
        file path: String, options: ConversionOptions = ConversionOptions()
    ) throws -> Conversion {
        let start = ContinuousClock.now
        // What the encoder cannot hear need not be read.
        let rate = encoder.sampleRateHz
        let limits = AudioLimits(duration: .seconds(Double(encoder.longestSamples) / Double(rate)))
        let recording = try Recording(contentsOf: path, sampleRateHz: rate, limits: limits)
        let reading = (ContinuousClock.now - start).inSeconds
        var conversion = try convert(recording, source: path, options: options)
        conversion.seconds.features += reading
        conversion.seconds.total += reading
        return conversion
    }
}

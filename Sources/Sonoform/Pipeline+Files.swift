// Recordings on disk.

import AudioFeatures
import ModalityEncoder

extension Pipeline {
    /// Reads a recording and converts it; reading counts as part of the features' time.
    ///
    /// All of it is one description; ``convertUtterances(of:options:splitting:body:)`` parts it at its silences.
    public func convert(
        file path: String, options: ConversionOptions = ConversionOptions()
    ) throws(SonoformError) -> Conversion {
        try check(options, source: path)
        var clock = StageClock()
        let recording = try clock.measure(\.features) { () throws(SonoformError) in try read(path) }
        let scene = try understand(recording, source: path, clock: &clock)
        return try convert(scene, source: path, options: options, clock: clock)
    }

    /// Reads a recording and tells what it describes.
    public func understand(file path: String) throws(SonoformError) -> Scene {
        try understand(try read(path), source: path)
    }

    private func read(_ path: String) throws(SonoformError) -> Recording {
        // What the encoder cannot hear need not be read.
        let rate = encoder.sampleRateHz
        let limits = AudioLimits(duration: .seconds(Double(encoder.longestSamples) / Double(rate)))
        do {
            return try Recording(contentsOf: path, sampleRateHz: rate, limits: limits)
        } catch {
            throw SonoformError(error)
        }
    }
}

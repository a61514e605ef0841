// Recordings in files, pipes and memory.

import AtomicFiles
public import AudioFeatures
import ModalityEncoder

extension Pipeline {
    /// Reads a recording and converts it; reading counts as part of the features' time.
    ///
    /// All of it is one description; ``convertUtterances(of:reading:options:splitting:body:)`` parts it at its silences.
    public func convert(
        file recording: some RecordingSource, reading: ReadingOptions = ReadingOptions(),
        options: ConversionOptions = ConversionOptions()
    ) throws(SonoformError) -> Conversion {
        try check(options)
        var clock = StageClock()
        let (samples, source) = try clock.measure(\.features) { () throws(SonoformError) in
            try read(recording, reading)
        }
        let scene = try understand(
            samples, source: source, options: options.understanding, clock: &clock)
        return try convert(scene, source: source, options: options, clock: clock)
    }

    /// Reads a recording and tells what it describes.
    public func understand(
        file recording: some RecordingSource, reading: ReadingOptions = ReadingOptions()
    ) throws(SonoformError) -> Scene {
        let (samples, source) = try read(recording, reading)
        return try understand(samples, source: source)
    }

    private func read(
        _ recording: some RecordingSource, _ reading: ReadingOptions
    ) throws(SonoformError) -> (Recording, source: String) {
        var reading = heard(reading)
        // What the encoder cannot hear need not be read.
        reading.limits.duration = .seconds(Double(encoder.longestSamples) / Double(encoder.sampleRateHz))
        do {
            let input = try recording.opened(reading)
            return (try Recording(contentsOf: input, reading), input.path.printable)
        } catch {
            throw SonoformError(error)
        }
    }

    /// The options of reading at the rate that the encoder hears.
    func heard(_ reading: ReadingOptions) -> ReadingOptions {
        var reading = reading
        reading.sampleRateHz = encoder.sampleRateHz
        return reading
    }
}

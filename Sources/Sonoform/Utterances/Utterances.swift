// A recording's utterances, one at a time.

import AtomicFiles
import AudioFeatures
import ModalityEncoder

/// A recording's utterances, found and ready to be heard: those of one channel or the mean, or of every channel in turn.
///
/// A class, because an utterance is read when its turn comes; used by one task at a time.
final class Utterances {
    /// What errors call the recording.
    let source: String
    /// What was odd about it.
    let warnings: [RecordingWarning]
    private let readers: [UtteranceReader]
    private let readingSeconds: Double
    private let count: Int
    private var channel = 0
    private var cursor: UtteranceCursor
    /// How many were given, and of how many something was made.
    private var (index, madeCount) = (0, 0)

    init(
        of recording: some RecordingSource, reading: ReadingOptions, for pipeline: Pipeline,
        splitting: UtteranceSplitting
    ) throws(SonoformError) {
        let start = ContinuousClock.now
        let options = pipeline.heard(reading)
        var readers: [UtteranceReader] = []
        do {
            let input = try recording.opened(options)
            source = input.path.printable
            for options in try Self.channels(of: input, options) {
                readers.append(
                    try UtteranceReader(
                        contentsOf: input, options, splitting: splitting,
                        longestSamples: pipeline.encoder.longestSamples))
            }
        } catch {
            throw SonoformError(error)
        }
        self.readers = readers
        count = readers.reduce(0) { $0 + $1.utterances.count }
        warnings = readers.flatMap(\.source.warnings).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        cursor = UtteranceCursor(readers[0])
        readingSeconds = (ContinuousClock.now - start).inSeconds
        guard count > 0 else {
            throw SonoformError(.noSpeech, source: source, expected: "a spoken description", got: "no speech")
        }
    }

    /// The options of every reading: one per channel where each is heard by itself.
    private static func channels(
        of input: AudioInput, _ options: ReadingOptions
    ) throws(AudioFileError) -> [ReadingOptions] {
        guard options.channel == .each else { return [options] }
        var first = options
        first.channel = .number(1)
        return options.each(of: try RecordingBlocks(contentsOf: input, first).source.channels)
    }

    /// What `make` makes of the next utterance; nil after the last one. The time of reading is the first one's.
    ///
    /// - Throws: ``SonoformError``: the only utterance's own, and after the last one where nothing was made of any.
    func next<Made: Sendable>(
        _ make: (Recording, _ source: String, inout StageClock) throws(SonoformError) -> Made
    ) throws(SonoformError) -> UtteranceOutcome<Made>? {
        guard let (number, samples) = try nextSamples() else {
            guard madeCount > 0 else {
                throw SonoformError(
                    .notADescription, source: source,
                    expected: "the description of an object in one of \(count) utterances", got: "none")
            }
            return nil
        }
        defer { index += 1 }
        let reader = readers[channel]
        let (range, rate) = (reader.utterances[number], Double(reader.sampleRateHz))
        let seconds = Double(range.lowerBound) / rate..<Double(range.upperBound) / rate
        let own = readers.count > 1 ? channel + 1 : nil
        var clock = StageClock()
        if index == 0 { clock.add(\.features, readingSeconds) }
        let outcome: Result<Made, SonoformError>
        do throws(SonoformError) {
            let recording = Recording(samples: samples, sampleRateHz: reader.sampleRateHz)
            let name = count == 1 ? source : "\(source), \(place(of: seconds, channel: own))"
            outcome = .success(try make(recording, name, &clock))
            madeCount += 1
        } catch {
            guard count > 1, error.reason != .cancelled else { throw error }
            outcome = .failure(error)
        }
        return UtteranceOutcome(index: index, count: count, channel: own, seconds: seconds, outcome: outcome)
    }

    private func nextSamples() throws(SonoformError) -> (number: Int, samples: [Float])? {
        do {
            while true {
                if let next = try cursor.next() { return next }
                guard channel + 1 < readers.count else { return nil }
                channel += 1
                cursor = UtteranceCursor(readers[channel])
            }
        } catch {
            throw SonoformError(error)
        }
    }
}

/// "from 1.5 to 3.2 s", "channel 2, from 1.5 to 3.2 s".
private func place(of seconds: Range<Double>, channel: Int?) -> String {
    func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
    let times = "from \(tenths(seconds.lowerBound)) to \(tenths(seconds.upperBound)) s"
    return channel.map { "channel \($0), \(times)" } ?? times
}

// Recordings on disk, utterance by utterance.

import AtomicFiles
public import AudioFeatures
import ModalityEncoder

extension Pipeline {
    /// Reads a recording, splits it at its silences and converts each utterance; `body` gets them in order, one at a
    /// time, so that memory does not grow with the recording.
    ///
    /// A recording with one utterance is converted as a whole, and its error is thrown; of several, those that say
    /// nothing are told to `body`.
    ///
    /// - Returns: what was odd about the recording.
    /// - Throws: ``SonoformError`` for a file that cannot be read and when no utterance describes anything, and what
    ///   `body` throws.
    @discardableResult
    public func convertUtterances(
        of recording: some RecordingSource, reading: ReadingOptions = ReadingOptions(),
        options: ConversionOptions = ConversionOptions(), splitting: UtteranceSplitting = UtteranceSplitting(),
        body: (UtteranceConversion) throws -> Void
    ) throws -> [RecordingWarning] {
        try check(options)
        let utterances = try Utterances(of: recording, reading: reading, for: self, splitting: splitting)
        try utterances.forEach(
            { recording, source, clock throws(SonoformError) in
                let scene = try understand(recording, source: source, clock: &clock)
                return try convert(scene, source: source, options: options, clock: clock)
            }, body: body)
        return utterances.warnings
    }

    /// Reads a recording, splits it at its silences and puts what its utterances describe into one scene.
    ///
    /// `options.points` is shared out among the utterances that describe something.
    public func convertJoined(
        _ recording: some RecordingSource, reading: ReadingOptions = ReadingOptions(),
        options: ConversionOptions = ConversionOptions(), splitting: UtteranceSplitting = UtteranceSplitting()
    ) throws(SonoformError) -> JoinedConversion {
        try check(options)
        var outcomes: [UtteranceUnderstanding] = []
        var whole = Scene([])
        var clock = StageClock()
        let utterances = try Utterances(of: recording, reading: reading, for: self, splitting: splitting)
        do {
            try utterances.forEach(
                { recording, source, own throws(SonoformError) in
                    defer { clock.add(own.seconds) }
                    return try understand(recording, source: source, clock: &own)
                },
                body: { utterance in
                    outcomes.append(utterance)
                    if case .success(let scene) = utterance.outcome { whole.append(scene) }
                })
        } catch let error as SonoformError {
            throw error
        } catch {
            preconditionFailure("collecting throws nothing of its own: \(error)")
        }
        let conversion = try convert(whole, source: utterances.source, options: options, clock: clock)
        return JoinedConversion(conversion: conversion, utterances: outcomes, warnings: utterances.warnings)
    }
}

/// A recording's utterances, found and ready to be heard: those of one channel or the mean, or of every channel in turn.
private struct Utterances {
    /// What errors call the recording.
    let source: String
    /// What was odd about it.
    let warnings: [RecordingWarning]
    private let readers: [UtteranceReader]
    private let reading: Double

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
        warnings = readers.flatMap(\.source.warnings).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        guard readers.contains(where: { !$0.utterances.isEmpty }) else {
            throw SonoformError(.noSpeech, source: source, expected: "a spoken description", got: "no speech")
        }
        self.reading = (ContinuousClock.now - start).inSeconds
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

    /// Has `make` make something of every utterance, and tells `body` of it; the time of reading is the first one's.
    func forEach<Made: Sendable>(
        _ make: (Recording, _ source: String, inout StageClock) throws(SonoformError) -> Made,
        body: (UtteranceOutcome<Made>) throws -> Void
    ) throws {
        let count = readers.reduce(0) { $0 + $1.utterances.count }
        var (index, madeCount) = (0, 0)
        for (channel, reader) in readers.enumerated() {
            do {
                try reader.forEach { number, samples in
                    let rate = Double(reader.sampleRateHz)
                    let range = reader.utterances[number]
                    let seconds = Double(range.lowerBound) / rate..<Double(range.upperBound) / rate
                    var clock = StageClock()
                    if index == 0 { clock.add(\.features, reading) }
                    let own = readers.count > 1 ? channel + 1 : nil
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
                    try body(
                        UtteranceOutcome(index: index, count: count, channel: own, seconds: seconds, outcome: outcome))
                    index += 1
                }
            } catch let error as AudioFileError {
                throw SonoformError(error)
            }
        }
        guard madeCount > 0 else {
            throw SonoformError(
                .notADescription, source: source,
                expected: "the description of an object in one of \(count) utterances", got: "none")
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

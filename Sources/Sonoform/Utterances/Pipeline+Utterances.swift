// Recordings on disk, utterance by utterance.

public import AudioFeatures
import ModalityEncoder

extension Pipeline {
    /// Reads a recording, splits it at its silences and converts each utterance; `body` gets them in order, one at a
    /// time, so that memory does not grow with the recording.
    ///
    /// A recording with one utterance is converted as a whole, and its error is thrown; of several, those that say
    /// nothing are told to `body`.
    ///
    /// - Throws: ``SonoformError`` for a file that cannot be read and when no utterance describes anything, and what
    ///   `body` throws.
    public func convertUtterances(
        of path: String, options: ConversionOptions = ConversionOptions(),
        splitting: UtteranceSplitting = UtteranceSplitting(), body: (UtteranceConversion) throws -> Void
    ) throws {
        try check(options, source: path)
        try Utterances(of: path, for: self, splitting: splitting).forEach(
            { recording, source, clock throws(SonoformError) in
                let scene = try understand(recording, source: source, clock: &clock)
                return try convert(scene, source: source, options: options, clock: clock)
            }, body: body)
    }

    /// Reads a recording, splits it at its silences and puts what its utterances describe into one scene.
    ///
    /// `options.points` is shared out among the utterances that describe something.
    public func convertJoined(
        _ path: String, options: ConversionOptions = ConversionOptions(),
        splitting: UtteranceSplitting = UtteranceSplitting()
    ) throws(SonoformError) -> JoinedConversion {
        try check(options, source: path)
        var utterances: [UtteranceUnderstanding] = []
        var whole = Scene([])
        var clock = StageClock()
        do {
            try Utterances(of: path, for: self, splitting: splitting).forEach(
                { recording, source, own throws(SonoformError) in
                    defer { clock.add(own.seconds) }
                    return try understand(recording, source: source, clock: &own)
                },
                body: { utterance in
                    utterances.append(utterance)
                    if case .success(let scene) = utterance.outcome { whole.append(scene) }
                })
        } catch let error as SonoformError {
            throw error
        } catch {
            // The body above throws nothing of its own.
            throw SonoformError(.incomplete, source: path, expected: "utterances", got: "\(error)")
        }
        let conversion = try convert(whole, source: path, options: options, clock: clock)
        return JoinedConversion(conversion: conversion, utterances: utterances)
    }
}

/// A recording's utterances, found and ready to be heard.
private struct Utterances {
    let path: String
    private let reader: UtteranceReader
    private let reading: Double

    init(of path: String, for pipeline: Pipeline, splitting: UtteranceSplitting) throws(SonoformError) {
        let start = ContinuousClock.now
        let rate = pipeline.encoder.sampleRateHz
        do {
            reader = try UtteranceReader(
                contentsOf: path, ReadingOptions(sampleRateHz: rate), splitting: splitting,
                longestSamples: pipeline.encoder.longestSamples)
        } catch {
            throw SonoformError(error)
        }
        guard !reader.utterances.isEmpty else {
            throw SonoformError(.noSpeech, source: path, expected: "a spoken description", got: "no speech")
        }
        self.path = path
        reading = (ContinuousClock.now - start).inSeconds
    }

    /// Has `make` make something of every utterance, and tells `body` of it; the time of reading is the first one's.
    func forEach<Made: Sendable>(
        _ make: (Recording, _ source: String, inout StageClock) throws(SonoformError) -> Made,
        body: (UtteranceOutcome<Made>) throws -> Void
    ) throws {
        let count = reader.utterances.count
        var madeCount = 0
        do {
            try reader.forEach { index, samples in
                let range = reader.utterances[index]
                let rate = Double(reader.sampleRateHz)
                let seconds = Double(range.lowerBound) / rate..<Double(range.upperBound) / rate
                let recording = Recording(samples: samples, sampleRateHz: reader.sampleRateHz)
                var clock = StageClock()
                if index == 0 { clock.add(\.features, reading) }
                let outcome: Result<Made, SonoformError>
                do throws(SonoformError) {
                    outcome = .success(
                        try make(recording, count == 1 ? path : "\(path), \(times(seconds))", &clock))
                    madeCount += 1
                } catch {
                    guard count > 1, error.reason != .cancelled else { throw error }
                    outcome = .failure(error)
                }
                try body(UtteranceOutcome(index: index, count: count, seconds: seconds, outcome: outcome))
            }
        } catch let error as AudioFileError {
            throw SonoformError(error)
        }
        guard madeCount > 0 else {
            throw SonoformError(
                .notADescription, source: path, expected: "the description of an object in one of \(count) utterances",
                got: "none")
        }
    }
}

/// "from 1.5 to 3.2 s".
private func times(_ seconds: Range<Double>) -> String {
    func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
    return "from \(tenths(seconds.lowerBound)) to \(tenths(seconds.upperBound)) s"
}

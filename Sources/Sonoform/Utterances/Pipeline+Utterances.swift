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
    /// - Throws: `AudioFileError` for a file that cannot be read, `ConversionError` when no utterance describes
    ///   anything, and what `body` throws.
    public func convertUtterances(
        of path: String, options: ConversionOptions = ConversionOptions(),
        splitting: UtteranceSplitting = UtteranceSplitting(), body: (UtteranceConversion) throws -> Void
    ) throws {
        try Utterances(of: path, for: self, splitting: splitting)
            .convert(options: { _, _ in options }, body: body)
    }

    /// Reads a recording, splits it at its silences and puts what its utterances describe into one scene.
    ///
    /// `options.points` is shared out among the utterances that describe something.
    public func convertJoined(
        _ path: String, options: ConversionOptions = ConversionOptions(),
        splitting: UtteranceSplitting = UtteranceSplitting()
    ) throws -> JoinedConversion {
        let utterances = try Utterances(of: path, for: self, splitting: splitting)
        var refused: Set<Int> = []
        // How many take part is known once all were heard: where some are refused, the rest is made again.
        while true {
            let accepted = utterances.indices.filter { !refused.contains($0) }
            guard accepted.count <= options.points else {
                throw ConversionError(
                    source: path, expected: "at least a point for each of \(accepted.count) utterances",
                    got: "\(options.points)")
            }
            var results: [UtteranceConversion] = []
            let refusedBefore = refused
            try utterances.convert(
                options: { index, _ in
                    var own = options
                    if let place = accepted.firstIndex(of: index) {
                        let (share, rest) = options.points.quotientAndRemainder(dividingBy: accepted.count)
                        own.points = share + (place < rest ? 1 : 0)
                    }
                    return own
                },
                body: { utterance in
                    results.append(utterance)
                    if case .failure = utterance.outcome { refused.insert(utterance.index) }
                })
            if refused == refusedBefore {
                let made = results.compactMap { try? $0.outcome.get() }
                return JoinedConversion(scene: made.count == 1 ? made[0] : .row(of: made), utterances: results)
            }
        }
    }
}

/// A recording's utterances, found and ready to be converted.
private struct Utterances {
    let pipeline: Pipeline
    let path: String
    private let reader: UtteranceReader
    private let reading: Double

    init(of path: String, for pipeline: Pipeline, splitting: UtteranceSplitting) throws {
        let start = ContinuousClock.now
        let rate = pipeline.encoder.sampleRateHz
        reader = try UtteranceReader(
            contentsOf: path, ReadingOptions(sampleRateHz: rate), splitting: splitting,
            longestSamples: pipeline.encoder.longestSamples)
        guard !reader.utterances.isEmpty else {
            throw ConversionError(source: path, expected: "a spoken description", got: "no speech")
        }
        (self.pipeline, self.path) = (pipeline, path)
        reading = (ContinuousClock.now - start).inSeconds
    }

    var indices: Range<Int> { reader.utterances.indices }

    func convert(
        options: (_ index: Int, _ count: Int) -> ConversionOptions, body: (UtteranceConversion) throws -> Void
    ) throws {
        let count = reader.utterances.count
        var converted = 0
        try reader.forEach { index, samples in
            let range = reader.utterances[index]
            let seconds =
                Double(range.lowerBound) / Double(reader.sampleRateHz)..<Double(range.upperBound)
                / Double(reader.sampleRateHz)
            let recording = Recording(samples: samples, sampleRateHz: reader.sampleRateHz)
            let outcome: Result<Conversion, ConversionError>
            do throws(ConversionError) {
                var conversion = try pipeline.convert(
                    recording, source: count == 1 ? path : "\(path), \(times(seconds))", options: options(index, count))
                if index == 0 {
                    conversion.seconds.features += reading
                    conversion.seconds.total += reading
                }
                outcome = .success(conversion)
                converted += 1
            } catch {
                guard count > 1 else { throw error }
                outcome = .failure(error)
            }
            try body(UtteranceConversion(index: index, count: count, seconds: seconds, outcome: outcome))
        }
        guard converted > 0 else {
            throw ConversionError(
                source: path, expected: "the description of an object in one of \(count) utterances", got: "none")
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

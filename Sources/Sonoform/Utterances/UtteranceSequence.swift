// A recording's utterances for callers that must not wait, each converted when it is asked for.

public import AudioFeatures

extension AsyncPipeline {
    /// The utterances of a recording, each converted when it is asked for.
    ///
    /// Those that say nothing are among them with their error; a recording with a single utterance throws its error.
    public func utterances(
        of recording: some RecordingSource & Sendable, reading: ReadingOptions = ReadingOptions(),
        options: ConversionOptions = ConversionOptions(), splitting: UtteranceSplitting = UtteranceSplitting()
    ) -> UtteranceSequence {
        UtteranceSequence(pipeline: self, options: options) { pipeline throws(SonoformError) in
            try pipeline.check(options)
            return try Utterances(of: recording, reading: reading, for: pipeline, splitting: splitting)
        }
    }
}

/// A recording's utterances in their order; see ``AsyncPipeline/utterances(of:reading:options:splitting:)``.
public struct UtteranceSequence: AsyncSequence, Sendable {
    fileprivate let pipeline: AsyncPipeline
    fileprivate let options: ConversionOptions
    fileprivate let open: @Sendable (Pipeline) throws(SonoformError) -> Utterances

    init(
        pipeline: AsyncPipeline, options: ConversionOptions,
        open: @escaping @Sendable (Pipeline) throws(SonoformError) -> Utterances
    ) {
        (self.pipeline, self.options, self.open) = (pipeline, options, open)
    }

    /// Reads and converts, utterance by utterance.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let sequence: UtteranceSequence
        private let position = Position()

        fileprivate init(_ sequence: UtteranceSequence) { self.sequence = sequence }

        /// The next utterance; nil after the last one. Throws ``SonoformError``.
        public mutating func next() async throws(SonoformError) -> UtteranceConversion? {
            let (sequence, position) = (sequence, position)
            return try await sequence.pipeline.run { () throws(SonoformError) in
                let pipeline = sequence.pipeline.pipeline
                if let utterances = position.utterances {
                    return try pipeline.nextConversion(of: utterances, options: sequence.options)
                }
                let utterances = try sequence.open(pipeline)
                position.utterances = utterances
                return try pipeline.nextConversion(of: utterances, options: sequence.options)
            }
        }
    }

    /// Where an iterator is. Not checked, because an iterator is asked again only when it has answered.
    private final class Position: @unchecked Sendable {
        var utterances: Utterances?
    }

    /// A reading from the recording's start.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

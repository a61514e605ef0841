// Recordings on disk, utterance by utterance.

public import AudioFeatures

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
        while let utterance = try nextConversion(of: utterances, options: options) { try body(utterance) }
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
        var clock = StageClock()
        let understood = try understandJoined(
            recording, reading: reading, splitting: splitting, options: options.understanding, clock: &clock
        ) { _ in }
        let conversion = try convert(understood.scene, source: understood.source, options: options, clock: clock)
        return JoinedConversion(
            conversion: conversion, utterances: understood.utterances, warnings: understood.warnings)
    }

    /// Reads a recording, splits it at its silences and tells what its utterances describe, as one scene.
    ///
    /// `body` is told of every utterance as soon as it is understood or refused.
    ///
    /// - Throws: ``SonoformError`` for a file that cannot be read and when no utterance describes anything; the only
    ///   utterance's own error where there is one.
    public func understandJoined(
        _ recording: some RecordingSource, reading: ReadingOptions = ReadingOptions(),
        splitting: UtteranceSplitting = UtteranceSplitting(), options: UnderstandingOptions = UnderstandingOptions(),
        body: (UtteranceUnderstanding) -> Void = { _ in }
    ) throws(SonoformError) -> JoinedUnderstanding {
        var clock = StageClock()
        return try understandJoined(
            recording, reading: reading, splitting: splitting, options: options, clock: &clock,
            body: body)
    }

    private func understandJoined(
        _ recording: some RecordingSource, reading: ReadingOptions, splitting: UtteranceSplitting,
        options: UnderstandingOptions, clock: inout StageClock, body: (UtteranceUnderstanding) -> Void
    ) throws(SonoformError) -> JoinedUnderstanding {
        var outcomes: [UtteranceUnderstanding] = []
        var whole = Scene([])
        let utterances = try Utterances(of: recording, reading: reading, for: self, splitting: splitting)
        while let utterance = try utterances.next({ recording, source, own throws(SonoformError) in
            defer { clock.add(own.seconds) }
            return try understand(recording, source: source, options: options, clock: &own)
        }) {
            outcomes.append(utterance)
            if case .success(let scene) = utterance.outcome { whole.append(scene) }
            body(utterance)
        }
        return JoinedUnderstanding(
            scene: whole, utterances: outcomes, warnings: utterances.warnings, source: utterances.source)
    }

    /// Reads a recording, splits it at its silences and gives the words of every utterance, whether they describe
    /// anything or not.
    ///
    /// - Throws: ``SonoformError`` for a file that cannot be read, and where nobody speaks.
    public func transcribe(
        utterancesOf recording: some RecordingSource, reading: ReadingOptions = ReadingOptions(),
        splitting: UtteranceSplitting = UtteranceSplitting()
    ) throws(SonoformError) -> [(seconds: Range<Double>, text: String)] {
        var heard: [(seconds: Range<Double>, text: String)] = []
        let utterances = try Utterances(of: recording, reading: reading, for: self, splitting: splitting)
        while let utterance = try utterances.next({ recording, source, _ throws(SonoformError) in
            try transcribe(recording, source: source)
        }) {
            if case .success(let text) = utterance.outcome { heard.append((utterance.seconds, text)) }
        }
        return heard
    }

    /// The next utterance, converted or refused; nil after the last one.
    func nextConversion(
        of utterances: Utterances, options: ConversionOptions
    ) throws(SonoformError) -> UtteranceConversion? {
        try utterances.next { recording, source, clock throws(SonoformError) in
            let scene = try understand(
                recording, source: source, options: options.understanding, clock: &clock)
            return try convert(scene, source: source, options: options, clock: clock)
        }
    }
}

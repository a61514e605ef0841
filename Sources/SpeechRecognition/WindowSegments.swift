// A window's transcript as segments with times.

/// The segments of a window, and how much of it they are about.
struct WindowSegments {
    /// The segments, those without words included.
    private(set) var segments: [Transcript.Segment] = []
    /// The frames that are done with: the next window begins after them.
    private(set) var framesDone = 0

    /// Cuts where timestamps stand in pairs; what follows the last pair is heard again in the next window
    /// (openai/whisper, `transcribe.py`).
    init(
        _ transcript: WindowTranscript, _ window: Range<Int>, _ frames: WhisperRecognizer.Frames,
        _ vocabulary: WhisperVocabulary
    ) {
        let tokens = transcript.tokens
        let first = vocabulary.firstTimestamp
        let isTimestamp = tokens.map { $0 >= first }
        let offset = Double(window.lowerBound) * frames.seconds
        // Two frames a timestamp, as two make one position of the encoder.
        let timestampSeconds = 2 * frames.seconds
        let compressionRatio = transcript.compressionRatio
        func add(_ tokens: ArraySlice<Int>, _ times: Range<Double>) {
            segments.append(
                Transcript.Segment(
                    start: times.lowerBound, end: times.upperBound, text: vocabulary.text(of: tokens),
                    tokens: Array(tokens), temperature: transcript.temperature,
                    averageLogProbability: transcript.averageLogProbability,
                    compressionRatio: compressionRatio,
                    noSpeechProbability: transcript.noSpeechProbability))
        }
        func time(_ timestamp: Int) -> Double { offset + Double(timestamp - first) * timestampSeconds }

        let endsWithOne = isTimestamp.suffix(2) == [false, true]
        var cuts = tokens.indices.dropFirst().filter { isTimestamp[$0] && isTimestamp[$0 - 1] }
        guard !cuts.isEmpty else {
            var end = Double(window.upperBound) * frames.seconds
            if let last = tokens.last(where: { $0 >= first }), last != first { end = time(last) }
            add(tokens[...], offset..<max(offset, end))
            framesDone = window.count
            return
        }
        if endsWithOne { cuts.append(tokens.count) }
        var start = 0
        for cut in cuts {
            let (begins, ends) = (time(tokens[start]), time(tokens[cut - 1]))
            add(tokens[start..<cut], begins..<max(begins, ends))
            start = cut
        }
        framesDone = endsWithOne ? window.count : min(window.count, 2 * (tokens[start - 1] - first))
    }
}

/// What was written so far, and how much of it the next window's transcript is read after.
struct WrittenSegments {
    /// The segments with words.
    private(set) var segments: [Transcript.Segment] = []
    private var tokens: [Int]
    private let promptCount: Int
    /// Where the context begins.
    private var contextStart = 0
    private let conditions: Bool
    private let vocabulary: WhisperVocabulary

    /// Nothing but the options' prompt.
    init(_ options: TranscriptionOptions, _ vocabulary: WhisperVocabulary) throws(RecognitionFailure) {
        do {
            let prompt = options.prompt.map { String($0.trimmed) } ?? ""
            tokens = prompt.isEmpty ? [] : try vocabulary.encoder().encode(" " + prompt)
        } catch {
            throw .file(error)
        }
        promptCount = tokens.count
        conditions = options.conditionsOnPrevious
        self.vocabulary = vocabulary
    }

    /// The tokens that a window's transcript is read after.
    var context: ArraySlice<Int> { tokens[contextStart...] }

    /// All words.
    var text: String { String(vocabulary.text(of: tokens.dropFirst(promptCount)).trimmed) }

    /// Adds a window's segments.
    mutating func append(_ new: [Transcript.Segment], of transcript: WindowTranscript) {
        for var segment in new {
            // Neither heard words nor of any length: as if it were not there.
            guard segment.start < segment.end, !segment.text.trimmed.isEmpty else { continue }
            tokens += segment.tokens
            segment.text = String(segment.text.trimmed)
            segments.append(segment)
        }
        // What was drawn by much chance is no good example.
        if !conditions || transcript.temperature > 0.5 { contextStart = tokens.count }
    }
}

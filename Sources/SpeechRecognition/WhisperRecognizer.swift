// Whisper as what writes speech down: windows of sound in, a transcript with times out.

public import Layers
public import Tensors

/// A whole Whisper but for its encoder, which whoever calls it brings (Radford et al. 2022; openai/whisper,
/// `whisper/transcribe.py`).
public struct WhisperRecognizer: Sendable {
    /// The decoder.
    public let decoder: WhisperDecoder
    /// The tokens.
    public let vocabulary: WhisperVocabulary
    let generation: WhisperGeneration

    /// Loads the checkpoint's decoder, vocabulary and generation_config.json; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        decoder = try WhisperDecoder(folder, precision: precision)
        vocabulary = try WhisperVocabulary(folder, count: decoder.configuration.vocabularySize)
        generation = try WhisperGeneration(folder, decoder.configuration, vocabulary)
    }

    /// The codes of the languages that it writes.
    public var languages: [String] {
        guard generation.isMultilingual else { return ["en"] }
        return SpokenLanguage.all.map(\.code).filter { vocabulary.languages[$0] != nil }
    }

    /// Feature frames, of which windows are taken.
    public struct Frames: Sendable {
        /// Frames of the recording.
        public let count: Int
        /// Frames of a window.
        public let window: Int
        /// The time from one frame to the next.
        public let seconds: Double

        /// A recording's frames.
        public init(count: Int, window: Int, seconds: Double) {
            (self.count, self.window, self.seconds) = (count, window, seconds)
        }
    }

    /// Writes a recording down, window by window.
    ///
    /// - Parameters:
    ///   - frames: how long it is, at least one frame.
    ///   - options: how it is written down.
    ///   - encode: the encoder's hidden states `[T, W]` of a window of so many frames. Frames from `frames.count` on are
    ///     silence, which only the search for the language hears; where fewer than a window's are asked for, zeros follow.
    public func transcribe(
        _ frames: Frames, options: TranscriptionOptions = TranscriptionOptions(),
        encode: (Range<Int>) throws(RecognitionFailure) -> Tensor
    ) throws(RecognitionFailure) -> Transcript {
        if let fault = options.fault { throw .unsupported(expected: fault.expected, got: fault.got) }
        // The last window is kept: the language is found by the first.
        var last: (window: Range<Int>, memory: SoundMemory)?
        func memory(of window: Range<Int>) throws(RecognitionFailure) -> SoundMemory {
            if let last, last.window == window { return last.memory }
            let memory = decoder.remember(try encode(window))
            last = (window, memory)
            return memory
        }
        let language = try language(options) { () throws(RecognitionFailure) in try memory(of: 0..<frames.window) }
        let windows = WindowDecoder(
            decoder: decoder, vocabulary: vocabulary, rules: rules(options), options: options,
            beginning: try beginning(language, options), longest: generation.longest)
        var random = SampledNumbers(seed: options.seed)
        var written = try WrittenSegments(options, vocabulary)
        var seek = 0
        while seek < frames.count {
            let window = seek..<min(frames.count, seek + frames.window)
            let transcript = try windows.decode(
                try memory(of: window), after: written.context, random: &random)
            guard !transcript.isSilence(options) else {
                seek = window.upperBound
                continue
            }
            let parts = WindowSegments(transcript, window, frames, vocabulary)
            written.append(parts.segments, of: transcript)
            seek += max(1, parts.framesDone)
        }
        return Transcript(language: language, text: written.text, segments: written.segments)
    }

    /// The language that is asked for, or else the likeliest one of the first window.
    private func language(
        _ options: TranscriptionOptions, hearing memory: () throws(RecognitionFailure) -> SoundMemory
    ) throws(RecognitionFailure) -> String {
        if let language = options.language {
            guard languages.contains(language) else {
                let known = generation.isMultilingual ? languages.joined(separator: ", ") : "en, of an English model"
                throw .unsupported(expected: "a language of \(known)", got: language)
            }
            return language
        }
        guard generation.isMultilingual else { return "en" }
        let (hidden, _) = decoder.read([vocabulary.startOfTranscript], hearing: try memory())
        let scores = decoder.logits(hidden)
        let likeliest = languages.compactMap { code in
            vocabulary.languages[code].map { (code: code, score: scores.values[$0]) }
        }.max { $0.score < $1.score }
        guard let likeliest, !likeliest.score.isNaN else { throw .notNumbers }
        return likeliest.code
    }

    private func beginning(
        _ language: String, _ options: TranscriptionOptions
    ) throws(RecognitionFailure) -> [Int] {
        var tokens = [vocabulary.startOfTranscript]
        if generation.isMultilingual {
            if let token = vocabulary.languages[language] { tokens.append(token) }
            tokens.append(options.task == .translate ? vocabulary.translate : vocabulary.transcribe)
        } else if options.task == .translate {
            throw .unsupported(expected: "a multilingual model, to translate", got: "an English one")
        }
        if !options.timestamps { tokens.append(vocabulary.noTimestamps) }
        return tokens
    }

    private func rules(_ options: TranscriptionOptions) -> TokenRules {
        let timestamps = TokenRules.Timestamps(
            endOfText: vocabulary.endOfText, noTimestamps: vocabulary.noTimestamps,
            latestBeginning: generation.latestBeginning)
        return TokenRules(
            suppressed: generation.suppressed, suppressedFirst: generation.suppressedFirst,
            timestamps: options.timestamps ? timestamps : nil)
    }
}

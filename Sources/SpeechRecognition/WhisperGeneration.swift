// What a checkpoint says of how transcripts are written: generation_config.json.

import Layers
import SystemPackage
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// The rules of a checkpoint's generation_config.json that decoding follows; where there is none, openai/whisper's own.
struct WhisperGeneration: Sendable {
    /// Whether the model was trained on more than English.
    let isMultilingual: Bool
    /// Tokens that are never written.
    let suppressed: [Int]
    /// Tokens that no transcript begins with.
    let suppressedFirst: [Int]
    /// The latest time, as a number of timestamps, at which a window's first words may begin.
    let latestBeginning: Int
    /// The most tokens of a window, the prompt's included.
    let longest: Int

    /// As transformers writes it. Keys that concern other ways of decoding (`alignment_heads`, `forced_decoder_ids` and
    /// others) have no effect here.
    private struct File: Decodable {
        let isMultilingual: Bool?
        let suppressed: [Int]?
        let suppressedFirst: [Int]?
        let latestBeginning: Int?
        let longest: Int?
        let noTimestamps: Int?
        let startOfTranscript: Int?
        let startOfPrevious: Int?
        let languages: [String: Int]?
        let tasks: [String: Int]?

        enum CodingKeys: String, CodingKey {
            case isMultilingual = "is_multilingual"
            case suppressed = "suppress_tokens"
            case suppressedFirst = "begin_suppress_tokens"
            case latestBeginning = "max_initial_timestamp_index"
            case longest = "max_length"
            case noTimestamps = "no_timestamps_token_id"
            case startOfTranscript = "decoder_start_token_id"
            case startOfPrevious = "prev_sot_token_id"
            case languages = "lang_to_id"
            case tasks = "task_to_id"
        }
    }

    /// openai/whisper's multilingual vocabularies have at least so many tokens (`Whisper.is_multilingual`).
    private static let leastMultilingual = 51_865
    /// A second, by openai/whisper's `max_initial_timestamp`.
    private static let latestBeginning = 50

    init(
        _ folder: ComponentFolder, _ configuration: WhisperDecoderConfiguration, _ vocabulary: WhisperVocabulary
    ) throws(TensorFileError) {
        let path = folder.path.appending("generation_config.json")
        let isThere = path.withPlatformString { access($0, F_OK) == 0 }
        let file = isThere ? try decodeJSON(File.self, at: path) : nil
        func require(_ name: String, _ value: Int?, _ expected: Int?) throws(TensorFileError) {
            guard let value, value != expected else { return }
            throw TensorFileError(
                path: path, expected: "\(name) \(expected.map { "\($0)" } ?? "absent"), as the vocabulary has it",
                got: "\(value)")
        }
        try require("no_timestamps_token_id", file?.noTimestamps, vocabulary.noTimestamps)
        try require("decoder_start_token_id", file?.startOfTranscript, vocabulary.startOfTranscript)
        try require("prev_sot_token_id", file?.startOfPrevious, vocabulary.startOfPrevious)
        for (language, token) in file?.languages ?? [:] {
            let code = String(language.dropFirst(2).dropLast(2))
            try require("lang_to_id.\(language)", token, vocabulary.languages[code])
        }
        try require("task_to_id.transcribe", file?.tasks?["transcribe"], vocabulary.transcribe)
        try require("task_to_id.translate", file?.tasks?["translate"], vocabulary.translate)
        isMultilingual = file?.isMultilingual ?? (vocabulary.count >= Self.leastMultilingual)
        let listed = file?.suppressed ?? configuration.suppressedTokens
        // What tells the decoder what to do is never its to write.
        let control = [
            vocabulary.transcribe, vocabulary.translate, vocabulary.startOfTranscript, vocabulary.startOfPrevious,
            vocabulary.noSpeech, vocabulary.startOfLanguageModel,
        ]
        let unspoken = if let listed { listed } else { try vocabulary.nonSpeechTokens() }
        suppressed = Set(unspoken + control.compactMap(\.self)).sorted()
        let first = file?.suppressedFirst ?? configuration.suppressedFirstTokens
        suppressedFirst = if let first { first } else { try vocabulary.encoder().encode(" ") + [vocabulary.endOfText] }
        latestBeginning = file?.latestBeginning ?? Self.latestBeginning
        let longest = file?.longest ?? configuration.maximumPositions
        // The last token is not read any more, and needs no place.
        self.longest = longest == configuration.maximumPositions ? longest + 1 : longest
        for (name, tokens) in [("suppress_tokens", suppressed), ("begin_suppress_tokens", suppressedFirst)] {
            guard let wrong = tokens.first(where: { !(0..<vocabulary.count).contains($0) }) else { continue }
            throw TensorFileError(
                path: isThere ? path : folder.configurationPath,
                expected: "\(name) from 0 to \(vocabulary.count - 1)", got: "\(wrong)")
        }
        guard latestBeginning >= 0, (1...configuration.maximumPositions).contains(longest) else {
            throw TensorFileError(
                path: path,
                expected: "max_initial_timestamp_index from 0, max_length from 1 to \(configuration.maximumPositions)",
                got: "\(latestBeginning) and \(longest)")
        }
        guard !isMultilingual || !vocabulary.languages.isEmpty else {
            throw TensorFileError(
                path: path, expected: "languages in the vocabulary of a multilingual model", got: "none")
        }
    }
}

// Whisper's tokens: text, and what tells the decoder what to write.

public import Layers
public import Tensors

/// The vocabulary of a Whisper checkpoint: a byte-level one of text, tokens of control and languages after it, and a
/// token for every 20 ms of a window after those.
public struct WhisperVocabulary: Sendable {
    /// The number V of tokens.
    public let count: Int
    /// Ends a transcript: "<|endoftext|>". All tokens of text are less than it.
    public let endOfText: Int
    /// Begins one: "<|startoftranscript|>".
    public let startOfTranscript: Int
    /// Stands before what was said earlier: "<|startofprev|>".
    public let startOfPrevious: Int
    /// Asks for English words whatever is spoken: "<|translate|>".
    public let translate: Int
    /// Asks for the words that are spoken: "<|transcribe|>".
    public let transcribe: Int
    /// Is likely where nobody speaks: "<|nospeech|>", "<|nocaptions|>" in older vocabularies.
    public let noSpeech: Int
    /// Asks for a transcript without timestamps: "<|notimestamps|>". What follows it are timestamps.
    public let noTimestamps: Int
    /// "<|startoflm|>", which Whisper never writes; nil in vocabularies without it.
    public let startOfLanguageModel: Int?
    /// The tokens of languages, by their codes.
    public let languages: [String: Int]

    /// The first timestamp, of 0 s.
    public var firstTimestamp: Int { noTimestamps + 1 }

    /// The bytes of tokens of text, one after the other.
    private let bytes: [UInt8]
    /// Where each token's bytes begin, and where the last one's end.
    private let starts: [Int]
    private let files: VocabularyFiles
    private let ordinary: [String: Int]

    /// Reads the vocabulary beside a checkpoint of `count` tokens; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, count: Int) throws(TensorFileError) {
        let files = VocabularyFiles(folder)
        let (ordinary, added) = try files.identifiers()
        func failure(_ expected: String, _ got: String) -> TensorFileError {
            TensorFileError(path: files.path, expected: expected, got: got)
        }
        for (token, identifier) in [ordinary, added].joined() where !(0..<count).contains(identifier) {
            throw failure("tokens from 0 to \(count - 1), as config.json has", "\(identifier) for \"\(token)\"")
        }
        func special(_ names: String...) throws(TensorFileError) -> Int {
            for name in names { if let found = added["<|\(name)|>"] ?? ordinary["<|\(name)|>"] { return found } }
            throw failure("a token <|\(names[0])|>", "none")
        }
        self.count = count
        endOfText = try special("endoftext")
        startOfTranscript = try special("startoftranscript")
        startOfPrevious = try special("startofprev")
        translate = try special("translate")
        transcribe = try special("transcribe")
        noSpeech = try special("nospeech", "nocaptions")
        noTimestamps = try special("notimestamps")
        startOfLanguageModel = try? special("startoflm")
        let languages = SpokenLanguage.all.compactMap { language in
            (added["<|\(language.code)|>"] ?? ordinary["<|\(language.code)|>"]).map { (language.code, $0) }
        }
        self.languages = Dictionary(uniqueKeysWithValues: languages)
        let control = [startOfTranscript, startOfPrevious, translate, transcribe, noSpeech] + self.languages.values
        let (text, timestamps) = (endOfText, noTimestamps)
        guard control.allSatisfy({ $0 > text && $0 < timestamps }), timestamps + 1 < count else {
            throw failure(
                "text, then <|endoftext|>, then control tokens, then <|notimestamps|>, then timestamps", "another order"
            )
        }
        var texts = [[UInt8]](repeating: [], count: endOfText)
        for (token, identifier) in ordinary where identifier < endOfText {
            guard let bytes = ByteAlphabet.bytes(of: token) else {
                throw failure("a byte-level vocabulary", "\"\(token)\"")
            }
            texts[identifier] = bytes
        }
        bytes = texts.flatMap(\.self)
        starts = texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        (self.files, self.ordinary) = (files, ordinary)
    }

    /// The text of tokens, all others left out; what is no UTF-8 becomes U+FFFD.
    public func text(of tokens: some Sequence<Int>) -> String {
        var text: [UInt8] = []
        for token in tokens where token >= 0 && token < endOfText { text += bytes[starts[token]..<starts[token + 1]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// What turns prompts into tokens; reads the merges, which throws `TensorFileError` where they are missing.
    func encoder() throws(TensorFileError) -> BytePairEncoder { try BytePairEncoder(files, ordinary: ordinary) }

    /// Tokens that are no speech, as openai/whisper has them (`whisper/tokenizer.py`, `non_speech_tokens`): brackets,
    /// notes and other signs by which transcribers describe sounds, where one token is such a sign.
    func nonSpeechTokens() throws(TensorFileError) -> [Int] {
        let encoder = try encoder()
        let notes = ["♩", "♪", "♫", "♬", "♭", "♮", "♯"]
        let signs =
            "\"#()*+/:;<=>@[\\]^_`{|}~「」『』".map(String.init)
            + "<< >> <<< >>> -- --- -( -[ (' (\" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪".split(separator: " ").map(
                String.init)
        // A dash or an apostrophe at a word's beginning is no speech, within one it is.
        var found: Set<Int> = [encoder.encode(" -")[0], encoder.encode(" '")[0]]
        for sign in signs + notes {
            for tokens in [encoder.encode(sign), encoder.encode(" " + sign)]
            where tokens.count == 1 || notes.contains(sign) {
                found.insert(tokens[0])
            }
        }
        return found.sorted()
    }
}

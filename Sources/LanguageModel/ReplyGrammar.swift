// What a reply may look like, so that it always carries its signals.

import Tensors

/// The special tokens' names; "tokens" in pipeline.json.
public struct SpecialTokens: Codable, Sendable, Equatable {
    /// Stands for a word that the vocabulary lacks.
    public let unknown: String
    /// Begins a prefix that was heard.
    public let speech: String
    /// Begins a prefix that was read.
    public let text: String
    /// Begins the reply.
    public let begin: String
    /// Begins an object's block.
    public let object: String
    /// The K signals of an object, in order.
    public let signals: [String]
    /// Ends a reply with objects.
    public let end: String
    /// Ends a reply without any.
    public let none: String
}

/// How replies are decoded; part of "decoding" in pipeline.json.
public struct DecodingOptions: Codable, Sendable, Equatable {
    /// The number of hypotheses of the transcript.
    public let beam: Int
    /// The weight of the phone head's log-probability beside the language model's.
    public let ctcWeight: Float
    /// Of how many of the likeliest next words the phone head is asked while the transcript is written; nil where it is
    /// only asked about whole transcripts.
    public let ctcCandidates: Int?
    /// The least probability of a label in a frame of the phone head's, so that no single frame rules a transcript out.
    public let ctcFloor: Double
    /// Below this share of its largest, the probability of a transcript's first words is not followed any further.
    public let ctcNegligible: Double
    /// The probability of `<none>` at a word of the transcript or before it, above which nothing was described.
    public let noneThreshold: Float
    /// The least confidence (see `Reply.confidence`) with which a heard transcript is believed.
    public let minimumConfidence: Float
    /// The least mean log-probability of a heard transcript's tokens with which it is believed; nil for any.
    public let minimumLogProbability: Float?
    /// The least mean log-probability of the tokens that describe what was seen, with which they are believed.
    public let minimumSeenLogProbability: Float
    /// The longest transcript.
    public let maximumTranscript: Int
    /// The longest description of an object.
    public let maximumDescription: Int
    /// The most objects.
    public let maximumObjects: Int

    enum CodingKeys: String, CodingKey {
        case beam
        case ctcWeight = "ctc_weight"
        case ctcCandidates = "ctc_candidates"
        case ctcFloor = "ctc_floor"
        case ctcNegligible = "ctc_negligible"
        case noneThreshold = "none_threshold"
        case minimumConfidence = "min_confidence"
        case minimumLogProbability = "min_log_probability"
        case minimumSeenLogProbability = "min_seen_log_probability"
        case maximumTranscript = "max_transcript_tokens"
        case maximumDescription = "max_description_tokens"
        case maximumObjects = "max_objects"
    }
}

/// The grammar of replies, on token identifiers:
/// `transcript ( <object> description <signal 1> … <signal K> )+ <end>` or `transcript <none>`.
struct ReplyGrammar: Sendable {
    let begin: Int
    let speech: Int
    let text: Int
    let object: Int
    let signals: [Int]
    let end: Int
    let none: Int
    /// Whether a token is a word: whatever is not special.
    let isWord: [Bool]

    init(_ tokens: SpecialTokens, _ tokenizer: Tokenizer) throws(TensorFileError) {
        begin = try tokenizer.identifier(of: tokens.begin)
        speech = try tokenizer.identifier(of: tokens.speech)
        text = try tokenizer.identifier(of: tokens.text)
        object = try tokenizer.identifier(of: tokens.object)
        end = try tokenizer.identifier(of: tokens.end)
        none = try tokenizer.identifier(of: tokens.none)
        var signals: [Int] = []
        for signal in tokens.signals { signals.append(try tokenizer.identifier(of: signal)) }
        self.signals = signals
        let special = Set([begin, speech, text, object, end, none] + signals)
        // Other tokens in angle brackets (padding, the unknown word) are never written either.
        isWord = (0..<tokenizer.count).map { !special.contains($0) && !tokenizer.word($0).hasPrefix("<") }
    }

    /// The tokens that may follow in the transcript of a description, of `length` words so far.
    func allowedInTranscript(length: Int, _ options: DecodingOptions) -> [Int] {
        length < options.maximumTranscript ? isWord.indices.filter { isWord[$0] } + [object] : [object]
    }

    /// The tokens that may follow in a description of `length` words.
    func allowedInDescription(length: Int, _ options: DecodingOptions) -> [Int] {
        length < options.maximumDescription ? isWord.indices.filter { isWord[$0] } + [signals[0]] : [signals[0]]
    }
}

/// Of the tokens, the first whose score is highest.
func likeliest(of tokens: [Int], _ scores: [Float]) -> Int {
    tokens.dropFirst().reduce(tokens[0]) { scores[$1] > scores[$0] ? $1 : $0 }
}

// What a search for a transcript asks of the ears.

/// How well a transcript explains what was heard, told word by word while it is written.
///
/// Log-probabilities are relative to the likeliest labels of all, so that about 0 is a perfect match.
public protocol TranscriptScorer {
    /// What is known of a transcript's first words, with what is needed to add another.
    associatedtype PrefixState

    /// The transcript without a word.
    var empty: PrefixState { get }
    /// A prefix with one more word, a token.
    func extend(_ prefix: PrefixState, by word: Int) -> PrefixState
    /// log P(what was heard begins with these words); at most 0.
    func logProbability(of prefix: PrefixState) -> Float
    /// log P(what was heard is these words and nothing more).
    func logProbability(ofAll transcript: PrefixState) -> Float
    /// How well the whole transcript explains what was heard; nil where nobody can tell.
    func score(of transcript: PrefixState) -> PhoneScore?
}

/// How well a transcript explains what was heard.
public struct PhoneScore: Sendable, Equatable {
    /// log P(phones | audio).
    public let logProbability: Float
    /// The same above the likeliest labels' log-probability, a phone.
    public let confidence: Float

    /// A score of the phone head.
    public init(logProbability: Float, confidence: Float) {
        (self.logProbability, self.confidence) = (logProbability, confidence)
    }
}

/// Finds every transcript as good as any other: for text, and for encoders without a phone head.
public struct NoScorer: TranscriptScorer, Sendable {
    /// The only one.
    public init() {}
    /// Nothing to go on from.
    public var empty: Void { () }
    /// Still nothing.
    public func extend(_ prefix: Void, by word: Int) {}
    /// Always 0.
    public func logProbability(of prefix: Void) -> Float { 0 }
    /// Always 0.
    public func logProbability(ofAll transcript: Void) -> Float { 0 }
    /// Always nil.
    public func score(of transcript: Void) -> PhoneScore? { nil }
}

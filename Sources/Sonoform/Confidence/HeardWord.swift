// A word that was heard, where, and how surely.

/// A word of what was heard.
public struct HeardWord: Codable, Sendable, Equatable {
    /// The word.
    public let word: String
    /// The probability that it was said; nil where the pipeline is not calibrated.
    public let confidence: Float?
    /// Where it begins, in seconds of the recording.
    public var start: Double
    /// Where it ends.
    public var end: Double
    /// What the confidence comes from.
    public let evidence: Evidence

    /// The word of an utterance that begins so many seconds later.
    func later(by seconds: Double) -> HeardWord {
        var word = self
        word.start = ((start + seconds) * 1_000).rounded() / 1_000
        word.end = ((end + seconds) * 1_000).rounded() / 1_000
        return word
    }
}

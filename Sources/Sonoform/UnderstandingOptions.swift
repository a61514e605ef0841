// What understanding is asked for.

/// When an answer is taken, and when it is refused.
public struct UnderstandingOptions: Sendable, Equatable {
    /// Below this probability of being right, 0 to 1, what was heard or read is refused; nil for the pipeline's own.
    public var leastConfidence: Float?
    /// Whether an object that the pipeline's language has no word for is refused even where it is a kind of one that
    /// the pipeline makes: a cottage, of a house.
    public var isStrict: Bool

    /// The defaults: the pipeline's own threshold, and kinds are made as what they are kinds of.
    public init(leastConfidence: Float? = nil, isStrict: Bool = false) {
        (self.leastConfidence, self.isStrict) = (leastConfidence, isStrict)
    }
}

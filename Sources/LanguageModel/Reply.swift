// What the language model answers.

public import Tensors

/// A reply: what was heard, and the objects that it asks for.
public struct Reply: Sendable, Equatable {
    /// One object's block.
    public struct Object: Sendable, Equatable {
        /// The words of its description, as tokens.
        public let description: [Int]
        /// The hidden states at its signal tokens, `[K, W]`.
        public let signals: Tensor
    }

    /// The transcript, as tokens.
    public let transcript: [Int]
    /// The objects; empty for `<none>`.
    public let objects: [Object]
    /// The log-probability of the transcript's tokens and of its ending.
    public let logProbability: Float
    /// The phone head's log-probability of the transcript; nil where there was no scoring.
    public let phoneLogProbability: Float?
    /// How well the transcript explains what was heard: the phone head's log-probability of it above that of the
    /// likeliest labels of all, a phone; about 0 is a perfect match. Nil where there was no scoring.
    public let confidence: Float?
    /// The probability of `<none>` at a word of the transcript or before it, or of the one that the model writes by
    /// itself; the larger.
    public let noneProbability: Float
    /// What speaks for the transcript and for the descriptions; nil where nothing was described.
    public let evidence: ReplyEvidence?
    /// Why there are no objects, or why those there are should not be trusted; nil for a good reply.
    public let refusal: Refusal?

    /// Why a reply is refused.
    public enum Refusal: String, Sendable, Equatable {
        /// The words describe no object of the language.
        case noObject
        /// The words found do not explain what was heard.
        case unintelligible
    }
}

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
    /// The mean log-probability of the transcript's tokens and of its ending.
    public let meanLogProbability: Float
    /// The phone head's log-probability of the transcript; nil where there was no scoring.
    public let phoneLogProbability: Float?
}

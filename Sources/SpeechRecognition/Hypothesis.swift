// A transcript that may become a window's.

#if canImport(Glibc)
    import Glibc
#endif

/// Tokens since the prompt, and how likely they are.
struct Hypothesis: Sendable {
    /// The tokens, without the end of the text.
    var tokens: [Int] = []
    /// The sum of the logarithms of their probabilities, the end's included where it was reached.
    var sum: Float = 0

    /// What hypotheses of different lengths are compared by.
    func rank(lengthPenalty: Float?) -> Float {
        let length = Float(tokens.count)
        guard let lengthPenalty else { return sum / max(1, length) }
        return sum / powf((5 + length) / 6, lengthPenalty)
    }
}

// From evidence to a probability.

#if canImport(Glibc)
    import Glibc
#endif

/// What speaks for something and against it, by names that calibration weighs.
public typealias Evidence = [String: Float]

/// Logistic regression on evidence (Platt 1999, "Probabilistic Outputs for Support Vector Machines").
struct Logistic: Codable, Sendable, Equatable {
    let bias: Float
    let weights: Evidence

    /// The probability; evidence without a weight does not count, and a weight without evidence counts as 0.
    func callAsFunction(_ evidence: Evidence) -> Float {
        // In the order of the names, so that the sum is the same every time.
        let sum = weights.sorted { $0.key < $1.key }.reduce(bias) { $0 + $1.value * (evidence[$1.key] ?? 0) }
        return 1 / (1 + expf(-sum))
    }
}

/// "confidence" in pipeline.json: how evidence becomes probabilities, and what is done about low ones.
///
/// `Training/sonoform_training/confidence` fits it on recordings whose words are known.
struct ConfidenceRules: Codable, Sendable, Equatable {
    /// The probability that what was heard is meant: every object with its attributes.
    let heard: Logistic
    /// The same of what was read.
    let read: Logistic
    /// The probability that a heard word was said.
    let word: Logistic
    /// Below this the user is told how sure the answer is.
    let low: Float
    /// Below this what was heard is refused, unless the caller says another.
    let least: Float

    /// The names of the evidence that there is.
    static let heardNames: Set<String> = ["phones", "language", "token", "share", "described", "none", "word"]
    static let readNames: Set<String> = ["language", "token", "described", "none"]
    static let wordNames: Set<String> = ["phones", "language", "share", "reply"]

    /// Why these rules cannot be used: what was expected and what was got; nil for rules that are sound.
    var fault: (expected: String, got: String)? {
        for (name, logistic, known) in [
            ("heard", heard, Self.heardNames), ("read", read, Self.readNames), ("word", word, Self.wordNames),
        ] {
            if let other = logistic.weights.keys.sorted().first(where: { !known.contains($0) }) {
                return ("weights of \(known.sorted()) for \"confidence.\(name)\"", "\"\(other)\"")
            }
            guard ([logistic.bias] + logistic.weights.values).allSatisfy({ abs($0) <= 1_000 }) else {
                return ("weights of -1000 to 1000 for \"confidence.\(name)\"", "others")
            }
        }
        guard (0...1).contains(low), (0...1).contains(least) else {
            return ("low and least confidence of 0 to 1", "\(low) and \(least)")
        }
        return nil
    }
}

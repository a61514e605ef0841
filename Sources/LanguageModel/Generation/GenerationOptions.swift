// How text is written: how the next token is chosen, and when to stop.

/// The choices of generation, under the names and in the meaning of transformers' `GenerationConfig`.
public struct GenerationOptions: Sendable, Equatable {
    /// The most tokens that are written.
    public var maximumTokens = 256
    /// The fewest: before that no stop token is written.
    public var minimumTokens = 0
    /// Whether tokens are drawn; otherwise the likeliest is taken, and only the penalty counts of what follows.
    public var samples = false
    /// What scores are divided by before drawing; below 1 the likely become likelier.
    public var temperature: Float = 1
    /// Only so many of the likeliest are drawn from; nil for all.
    public var topK: Int? = 50
    /// Of the rest only the likeliest whose probabilities together reach this.
    public var topP: Float = 1
    /// Of the rest only those at least so likely as a share of the likeliest; nil for all.
    public var minP: Float?
    /// What the scores of tokens that are there already are made worse by: positive ones divided, negative multiplied.
    public var repetitionPenalty: Float = 1
    /// What drawing follows: the same seed gives the same tokens.
    public var seed: UInt64 = 0
    /// Tokens that end the text; they are not part of it.
    public var stopTokens: Set<Int> = []
    /// Texts that end the text; neither they nor what follows is part of it.
    public var stopTexts: [String] = []

    /// The likeliest token, always, up to 256 of them.
    public init() {}

    /// What is wrong with the choices; nil for nothing.
    func failure(vocabularySize: Int) -> GenerationError? {
        func failure(_ expected: String, _ got: String) -> GenerationError {
            GenerationError(expected: expected, got: got)
        }
        if maximumTokens < 0 { return failure("a number of tokens from 0", "\(maximumTokens)") }
        if minimumTokens < 0 { return failure("a least number of tokens from 0", "\(minimumTokens)") }
        if !(temperature > 0 && temperature.isFinite) { return failure("a temperature above 0", "\(temperature)") }
        if let topK, topK < 1 { return failure("a top-k from 1", "\(topK)") }
        if !(topP >= 0 && topP <= 1) { return failure("a top-p from 0 to 1", "\(topP)") }
        if let minP, !(minP >= 0 && minP <= 1) { return failure("a min-p from 0 to 1", "\(minP)") }
        if !(repetitionPenalty > 0 && repetitionPenalty.isFinite) {
            return failure("a repetition penalty above 0", "\(repetitionPenalty)")
        }
        if let token = stopTokens.first(where: { !(0..<vocabularySize).contains($0) }) {
            return failure("stop tokens below \(vocabularySize)", "\(token)")
        }
        if stopTexts.contains("") { return failure("stop texts of at least one character", "an empty one") }
        return nil
    }
}

/// Why nothing, or nothing more, can be written.
public struct GenerationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the model or the options ask for.
    public let expected: String
    /// What there was.
    public let got: String

    /// One line: what was expected, what was got.
    public var description: String { "expected \(expected), got \(got)" }
}

// Writing tokens after a prompt.

import Layers
import Tensors

/// What was written after a prompt.
public struct Generation: Sendable, Equatable {
    /// Why it ended.
    public enum Ending: String, Sendable, Equatable {
        /// The model wrote a stop token.
        case stopToken = "stop_token"
        /// One of the stop texts came up.
        case stopText = "stop_text"
        /// There are as many tokens as were asked for.
        case length
        /// The model knows no further position.
        case positions
        /// Whoever receives the tokens wants no more.
        case cancelled
    }

    /// The tokens, without the stop token.
    public let tokens: [Int]
    /// Why there are no more.
    public let ending: Ending
}

/// Writes tokens, one after another, by a language model.
public struct TokenGenerator: Sendable {
    private let reader: @Sendable (_ prompt: [Int]) -> any TokenReader
    private let vocabularySize: Int
    /// The most tokens of prompt and text together.
    private let mostTokens: Int

    /// A generator by a causal model, which goes on where the prompt ends.
    public init(_ model: any CausalModel) {
        reader = { _ in CausalReader(model) }
        (vocabularySize, mostTokens) = (model.vocabularySize, model.positionCount ?? .max)
    }

    /// A generator by a model of two halves, which writes an answer to the prompt.
    public init(_ model: any SequenceToSequenceModel) {
        reader = { AnswerReader(model, prompt: $0) }
        (vocabularySize, mostTokens) = (model.vocabularySize, .max)
    }

    /// Writes what follows a prompt of at least one token, and gives every token as soon as it is there.
    ///
    /// - Parameters:
    ///   - prompt: the tokens before it, those that begin a text among them.
    ///   - options: how tokens are chosen, and when to stop; its stop texts are ``TextGenerator``'s affair.
    ///   - receive: is given each token that belongs to the text; false ends it.
    /// - Throws: ``GenerationError`` for a prompt or options that the model cannot follow, or when it computes NaN.
    public func generate(
        after prompt: [Int], options: GenerationOptions = GenerationOptions(),
        _ receive: (Int) -> Bool = { _ in true }
    ) throws(GenerationError) -> Generation {
        if let failure = options.failure(vocabularySize: vocabularySize) { throw failure }
        guard !prompt.isEmpty else {
            throw GenerationError(expected: "a prompt of at least one token", got: "none")
        }
        if let token = prompt.first(where: { !(0..<vocabularySize).contains($0) }) {
            throw GenerationError(expected: "tokens below \(vocabularySize)", got: "\(token)")
        }
        guard prompt.count <= mostTokens else {
            throw GenerationError(expected: "a prompt of at most \(mostTokens) tokens", got: "\(prompt.count)")
        }
        do {
            return try write(after: prompt, options: options, receive)
        } catch {
            throw GenerationError(expected: "finite scores of the language model", got: "NaN")
        }
    }

    private func write(
        after prompt: [Int], options: GenerationOptions, _ receive: (Int) -> Bool
    ) throws(NumericalError) -> Generation {
        var reader = self.reader(prompt)
        var sampler = TokenSampler(options, prompt: reader.start(prompt))
        var sequence = prompt
        func generation(_ ending: Generation.Ending) -> Generation {
            Generation(tokens: Array(sequence[prompt.count...]), ending: ending)
        }
        while true {
            let written = sequence.count - prompt.count
            if written == options.maximumTokens { return generation(.length) }
            if sequence.count > mostTokens { return generation(.positions) }
            let token = try sampler.next(reader.scores(after: sequence), written: written)
            if options.stopTokens.contains(token) { return generation(.stopToken) }
            sequence.append(token)
            guard receive(token) else { return generation(.cancelled) }
        }
    }
}

/// Reads a sequence that grows by a token at a time.
private protocol TokenReader {
    /// The tokens before the text, as repetitions are told from them.
    func start(_ prompt: [Int]) -> [Int]
    /// The scores of what follows the prompt and what was written so far: one token more than the last time.
    mutating func scores(after sequence: [Int]) -> [Float]
}

/// A causal model's reading: the prompt at once, then token by token.
private struct CausalReader: TokenReader {
    private let model: any CausalModel
    private var caches: [KVCache] = []

    init(_ model: any CausalModel) { self.model = model }

    func start(_ prompt: [Int]) -> [Int] { prompt }

    mutating func scores(after sequence: [Int]) -> [Float] {
        if caches.isEmpty || sequence.count == model.rereadLength {
            let rows = Array(sequence.indices)
            caches = [model.makeCache()]
            let hidden = model.prefill(
                model.embed(sequence), positions: rows, visible: rows.map { $0 + 1 }, cache: &caches[0])
            return model.logits(hidden.rows(sequence.count - 1..<sequence.count)).values
        }
        let last = sequence.count - 1
        return model.logits(model.step([sequence[last]], position: last, caches: &caches)).values
    }
}

/// A decoder's reading of what it writes itself; the prompt is the encoder's.
private struct AnswerReader: TokenReader {
    private let model: any SequenceToSequenceModel
    private let promptLength: Int
    private var memory: DecoderMemory

    init(_ model: any SequenceToSequenceModel, prompt: [Int]) {
        (self.model, promptLength) = (model, prompt.count)
        memory = model.makeMemory(of: model.encode(model.embed(prompt)))
    }

    func start(_ prompt: [Int]) -> [Int] { [model.startToken] }

    mutating func scores(after sequence: [Int]) -> [Float] {
        let last = sequence.count == promptLength ? model.startToken : sequence[sequence.count - 1]
        return model.logits(model.step(last, memory: &memory)).values
    }
}

// Writing text after a prompt, piece by piece.

import Dispatch
import Synchronization

/// What turns text into a model's tokens and back.
public protocol TextTokenizer: Sendable {
    /// A prompt's tokens, with those that begin a text where the model has such.
    func encode(prompt text: String) -> [Int]
    /// The text of tokens; bytes that are no whole character give U+FFFD.
    func decode(generated tokens: [Int]) -> String
}

/// Writes text by a language model.
public struct TextGenerator: Sendable {
    /// What writes tokens.
    public let tokens: TokenGenerator
    /// What turns them into text.
    public let tokenizer: any TextTokenizer

    /// A generator of text by one of tokens and the model's tokenizer.
    public init(_ tokens: TokenGenerator, tokenizer: any TextTokenizer) {
        (self.tokens, self.tokenizer) = (tokens, tokenizer)
    }

    /// Writes what follows a prompt, and gives every piece of text as soon as it is whole: no piece ends within a
    /// character, and none is given that may turn out to begin a stop text.
    ///
    /// - Parameters:
    ///   - prompt: the text before it.
    ///   - options: how tokens are chosen, and when to stop.
    ///   - receive: is given the pieces; false ends it.
    /// - Returns: the whole text, its tokens and why it ended.
    /// - Throws: ``GenerationError``.
    @discardableResult
    public func generate(
        after prompt: String, options: GenerationOptions = GenerationOptions(),
        _ receive: (String) -> Bool = { _ in true }
    ) throws(GenerationError) -> (text: String, generation: Generation) {
        var pieces = TextPieces(tokenizer)
        var stops = StopTexts(options.stopTexts)
        var text = ""
        var isStopped = false
        /// False where nothing more is wanted.
        func give(_ piece: String) -> Bool {
            guard !piece.isEmpty else { return true }
            text += piece
            return receive(piece)
        }
        let generation = try tokens.generate(after: tokenizer.encode(prompt: prompt), options: options) {
            token in
            let (piece, isEnd) = stops.add(pieces.add(token))
            isStopped = isEnd
            return give(piece) && !isEnd
        }
        if isStopped { return (text, Generation(tokens: generation.tokens, ending: .stopText)) }
        if generation.ending != .cancelled {
            let (piece, isEnd) = stops.add(pieces.finish())
            _ = give(piece + (isEnd ? "" : stops.finish()))
            if isEnd { return (text, Generation(tokens: generation.tokens, ending: .stopText)) }
        }
        return (text, generation)
    }

    /// As ``generate(after:options:_:)``, in a thread of its own: an asynchronous sequence of pieces of text. Whoever
    /// stops reading it, or is cancelled, ends the writing at the next token.
    public func pieces(
        after prompt: String, options: GenerationOptions = GenerationOptions()
    ) -> AsyncThrowingStream<String, any Error> {
        AsyncThrowingStream { continuation in
            let flag = Flag()
            continuation.onTermination = { _ in flag.lower() }
            DispatchQueue.global().async {
                do {
                    try generate(after: prompt, options: options) { piece in
                        continuation.yield(piece)
                        return flag.isUp
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
        }
    }
}

/// Whether somebody still reads.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(true)

    var isUp: Bool { value.load(ordering: .relaxed) }
    func lower() { value.store(false, ordering: .relaxed) }
}

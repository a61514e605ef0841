// Writing the reply: a small beam over the transcript, then the objects' blocks.

public import Tensors

/// Decodes replies: a beam over the transcript, scored jointly with the phone head, then each object's block, greedily
/// by the grammar.
public struct ReplyDecoder: Sendable {
    /// The model that writes.
    public let model: LanguageModel
    /// The words and their numbers.
    public let tokenizer: Tokenizer
    private let prompt: Prompt
    private let options: DecodingOptions
    private let grammar: ReplyGrammar

    /// A decoder of the given model; throws `TensorFileError` when the vocabulary lacks a special token or does not
    /// fit the model.
    public init(
        model: LanguageModel, tokenizer: Tokenizer, tokens: SpecialTokens, prompt: Prompt, options: DecodingOptions
    ) throws(TensorFileError) {
        guard tokenizer.count <= model.configuration.vocabularySize else {
            throw TensorFileError(
                path: tokenizer.path, expected: "at most \(model.configuration.vocabularySize) tokens, the model's",
                got: "\(tokenizer.count)")
        }
        (self.model, self.tokenizer, self.prompt, self.options) = (model, tokenizer, prompt, options)
        grammar = try ReplyGrammar(tokens, tokenizer)
    }

    /// Answers to what was heard: vectors `[N, W]` of the input projector. Throws when the model computes no numbers.
    ///
    /// - Parameter phoneScore: the phone head's log-probability of a transcript.
    public func reply(heard vectors: Tensor, phoneScore: @escaping ([Int]) -> Float) throws(NumericalError) -> Reply {
        try reply(to: .concatenatingRows([model.embed([grammar.speech]), vectors]), phoneScore: phoneScore)
    }

    /// Answers to what was read: the text's tokens. Throws when the model computes no numbers.
    public func reply(read tokens: [Int]) throws(NumericalError) -> Reply {
        try reply(to: model.embed([grammar.text] + tokens), phoneScore: nil)
    }

    private func reply(to prefix: Tensor, phoneScore: (([Int]) -> Float)?) throws(NumericalError) -> Reply {
        var cache = model.makeCache()
        _ = model.hiddenStates(
            prefix, positions: prompt.prefixPositions(prefix.rows), visible: prompt.prefixVisible(prefix.rows),
            cache: &cache)
        let search = TranscriptSearch(
            model: model, grammar: grammar, options: options, prompt: prompt, prefix: prefix.rows)
        let found = search.run(from: cache)
        guard !found.isEmpty else { throw NumericalError() }
        let (best, phones) = choose(found, phoneScore)
        let mean = best.score / Float(best.transcript.count + 1)
        guard best.ending == grammar.object else {
            return Reply(
                transcript: best.transcript, objects: [], meanLogProbability: mean, phoneLogProbability: phones)
        }
        return Reply(
            transcript: best.transcript, objects: writeObjects(after: best, prefix: prefix.rows),
            meanLogProbability: mean, phoneLogProbability: phones)
    }

    /// The kind of reply is the language model's choice; among transcripts of objects, the phone head has its say.
    private func choose(
        _ found: [TranscriptSearch.Hypothesis], _ phoneScore: (([Int]) -> Float)?
    ) -> (TranscriptSearch.Hypothesis, Float?) {
        var likeliest = found[0]
        for hypothesis in found.dropFirst() where hypothesis.score > likeliest.score { likeliest = hypothesis }
        guard let phoneScore else { return (likeliest, nil) }
        guard likeliest.ending == grammar.object else { return (likeliest, phoneScore(likeliest.transcript)) }
        var best: (hypothesis: TranscriptSearch.Hypothesis, phones: Float, score: Float)?
        for hypothesis in found where hypothesis.ending == grammar.object {
            let phones = phoneScore(hypothesis.transcript)
            let score = hypothesis.score + options.ctcWeight * phones
            // The likeliest stands when no transcript can be aligned at all.
            if best.map({ score > $0.score }) ?? true { best = (hypothesis, phones, score) }
        }
        guard let best, best.score > -.infinity else { return (likeliest, phoneScore(likeliest.transcript)) }
        return (best.hypothesis, best.phones)
    }

    /// Writes `<object> description <signal 1> … <signal K>` blocks until the model ends the reply.
    private func writeObjects(after hypothesis: TranscriptSearch.Hypothesis, prefix: Int) -> [Reply.Object] {
        var objects: [Reply.Object] = []
        var caches = [hypothesis.cache]
        // <begin> is token 0 of the reply; the ending of the transcript, <object>, is not yet in the cache.
        var written = hypothesis.transcript.count + 1
        var token = grammar.object
        func feed(_ token: Int) -> Tensor {
            let hidden = model.step([token], position: prompt.replyPosition(written, prefix: prefix), caches: &caches)
            written += 1
            return hidden
        }
        while token == grammar.object, objects.count < options.maximumObjects {
            var description: [Int] = []
            var hidden = feed(token)
            while true {
                let scores = model.logits(hidden).values
                let next = best(of: grammar.allowedInDescription(length: description.count, options), scores)
                if next == grammar.signals[0] { break }
                description.append(next)
                hidden = feed(next)
            }
            // The signals are forced, so the model reads all K at once.
            let cached = prefix + written
            let count = grammar.signals.count
            let signals = model.hiddenStates(
                model.embed(grammar.signals),
                positions: (0..<count).map { prompt.replyPosition(written + $0, prefix: prefix) },
                visible: (0..<count).map { cached + $0 + 1 }, cache: &caches[0])
            written += count
            objects.append(Reply.Object(description: description, signals: signals))
            let scores = model.logits(signals.rows(count - 1..<count)).values
            token = best(of: [grammar.object, grammar.end], scores)
        }
        return objects
    }

    private func best(of allowed: [Int], _ scores: [Float]) -> Int {
        var best = allowed[0]
        for token in allowed.dropFirst() where scores[token] > scores[best] { best = token }
        return best
    }
}

/// The model's scores are no numbers: its weights are damaged.
public struct NumericalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line: what was expected, what was got.
    public var description: String { "expected finite scores of the language model, got NaN" }
}

// Writing the reply: a small beam over the transcript, then the objects' blocks.

import Layers
public import Tensors

/// Decodes replies: a beam over the transcript, scored jointly with the phone head, then each object's block, greedily
/// by the grammar.
public struct ReplyDecoder: Sendable {
    /// The model that writes.
    public let model: any CausalModel
    /// The words and their numbers.
    public let tokenizer: Tokenizer
    private let prompt: Prompt
    private let options: DecodingOptions
    private let grammar: ReplyGrammar

    /// A decoder of the given model; throws `TensorFileError` when the vocabulary lacks a special token or does not
    /// fit the model.
    public init(
        model: any CausalModel, tokenizer: Tokenizer, tokens: SpecialTokens, prompt: Prompt, options: DecodingOptions
    ) throws(TensorFileError) {
        guard tokenizer.count <= model.vocabularySize else {
            throw TensorFileError(
                path: tokenizer.path, expected: "at most \(model.vocabularySize) tokens, the model's",
                got: "\(tokenizer.count)")
        }
        (self.model, self.tokenizer, self.prompt, self.options) = (model, tokenizer, prompt, options)
        grammar = try ReplyGrammar(tokens, tokenizer)
    }

    /// Answers to what was heard: vectors `[N, W]` of the input projector. Throws when the model computes NaN.
    ///
    /// - Parameter scorer: how well a transcript explains what was heard.
    public func reply(heard vectors: Tensor, scorer: some TranscriptScorer) throws(NumericalError) -> Reply {
        try reply(to: .concatenatingRows([model.embed([grammar.speech]), vectors]), beam: options.beam, scorer: scorer)
    }

    /// The words of what was heard, without objects. Throws when the model computes NaN.
    ///
    /// - Parameters:
    ///   - scorer: how well a transcript explains what was heard.
    ///   - isQuick: whether only the likeliest word is followed, as suits talk that goes on.
    public func transcript(
        heard vectors: Tensor, scorer: some TranscriptScorer, isQuick: Bool = false
    ) throws(NumericalError) -> [Int] {
        let prefix = Tensor.concatenatingRows([model.embed([grammar.speech]), vectors])
        let found = hypotheses(to: prefix, scorer: scorer, beam: isQuick ? 1 : options.beam)
        guard (found.greedyScore + found.greedyNoneProbability).isFinite else { throw NumericalError() }
        return found.describing.first?.transcript ?? found.greedy
    }

    /// Answers to what was read, greedily: the text's tokens. Throws when the model computes NaN.
    public func reply(read tokens: [Int]) throws(NumericalError) -> Reply {
        try reply(to: model.embed([grammar.text] + tokens), beam: 1, scorer: NoScorer())
    }

    /// Answers to what was seen: vectors `[M, W]` that stand where a text's words would.
    public func reply(seen vectors: Tensor) throws(NumericalError) -> Reply {
        let prefix = Tensor.concatenatingRows([model.embed([grammar.text]), vectors])
        return try reply(to: prefix, beam: options.beam, scorer: NoScorer())
    }

    private func reply(
        to prefix: Tensor, beam: Int, scorer: some TranscriptScorer
    ) throws(NumericalError) -> Reply {
        let found = hypotheses(to: prefix, scorer: scorer, beam: beam)
        guard (found.greedyScore + found.greedyNoneProbability).isFinite else { throw NumericalError() }
        guard let best = found.describing.first else {
            return Reply(
                transcript: found.greedy, objects: [], logProbability: found.greedyScore, phoneLogProbability: nil,
                confidence: nil, noneProbability: found.greedyNoneProbability, evidence: nil, refusal: .noObject)
        }
        let phones = scorer.score(of: best.heard)
        let (objects, leastDescribed) = writeObjects(
            after: best.transcript, cache: best.cache, prefix: prefix.rows)
        return Reply(
            transcript: best.transcript,
            objects: objects,
            logProbability: best.score, phoneLogProbability: phones?.logProbability, confidence: phones?.confidence,
            noneProbability: max(best.noneProbability, found.greedyNoneProbability),
            evidence: best.evidence(among: found.describing, leastDescribed: leastDescribed),
            refusal: isBelieved(best.score, words: best.transcript.count, phones) ? nil : .unintelligible)
    }

    /// Whether a transcript is likely enough to have been said; only what was heard is ever doubted.
    private func isBelieved(_ score: Float, words: Int, _ phones: PhoneScore?) -> Bool {
        guard let phones else { return true }
        let mean = score / Float(words + 1)
        return phones.confidence >= options.minimumConfidence && mean >= options.minimumLogProbability ?? -.infinity
    }

    /// The transcripts that the beam finds, the best first.
    func hypotheses<Scorer: TranscriptScorer>(
        to prefix: Tensor, scorer: Scorer, beam: Int? = nil
    ) -> TranscriptSearch<Scorer>.Found {
        var cache = model.makeCache()
        _ = model.prefill(
            prefix, positions: prompt.prefixPositions(prefix.rows), visible: prompt.prefixVisible(prefix.rows),
            cache: &cache)
        let search = TranscriptSearch(
            scorer: scorer, candidates: options.ctcCandidates, model: model, grammar: grammar,
            options: options, prompt: prompt, prefix: prefix.rows)
        return search.run(from: cache, beam: beam ?? options.beam)
    }

    /// Writes `<object> description <signal 1> … <signal K>` blocks until the model ends the reply; gives them with the
    /// least log-probability of a token that the grammar left free.
    private func writeObjects(
        after transcript: [Int], cache: KVCache, prefix: Int
    ) -> (objects: [Reply.Object], leastDescribed: Float) {
        var leastDescribed: Float = 0
        var objects: [Reply.Object] = []
        var caches = [cache]
        // <begin> is token 0 of the reply; the ending of the transcript, <object>, is not yet in the cache.
        var written = transcript.count + 1
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
                let allowed = grammar.allowedInDescription(length: description.count, options)
                let next = likeliest(of: allowed, scores)
                leastDescribed = min(leastDescribed, logSoftmax(scores)[next])
                if next == grammar.signals[0] { break }
                description.append(next)
                hidden = feed(next)
            }
            // The signals are forced, so the model reads all K at once.
            let cached = prefix + written
            let count = grammar.signals.count
            let signals = model.prefill(
                model.embed(grammar.signals),
                positions: (0..<count).map { prompt.replyPosition(written + $0, prefix: prefix) },
                visible: (0..<count).map { cached + $0 + 1 }, cache: &caches[0])
            written += count
            objects.append(Reply.Object(description: description, signals: signals))
            let scores = model.logits(signals.rows(count - 1..<count)).values
            token = likeliest(of: [grammar.object, grammar.end], scores)
        }
        return (objects, leastDescribed)
    }
}

/// The model's scores are NaN: its weights are damaged.
public struct NumericalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line: what was expected, what was got.
    public var description: String { "expected finite scores of the language model, got NaN" }
}

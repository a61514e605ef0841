// The beam search for the transcript.

import Layers
import Tensors

/// A beam over the words of the transcript, up to the token that ends it (`<object>` or `<none>`).
struct TranscriptSearch {
    /// A transcript that ended, with the cache after its last word.
    struct Hypothesis {
        var transcript: [Int] = []
        var ending = -1
        /// The sum of the tokens' log-probabilities.
        var score: Float = 0
        var cache: KVCache
    }

    let model: LanguageModel
    let grammar: ReplyGrammar
    let options: DecodingOptions
    let prompt: Prompt
    /// The number of rows of the prefix, which the cache holds.
    let prefix: Int

    /// The `beam` best hypotheses that ended, the best first; none only if the scores are no numbers.
    ///
    /// A round extends every live hypothesis by every allowed token and keeps the `beam` best extensions in all. The
    /// search ends when nothing is live, or when `beam` are finished and no live one is better than the worst of them.
    func run(from cache: KVCache, beam: Int) -> [Hypothesis] {
        var live = [Hypothesis(cache: cache)]
        var finished: [Hypothesis] = []
        var length = 0
        while !live.isEmpty {
            var caches = live.map(\.cache)
            for index in live.indices { live[index].cache = KVCache(layers: 0) }  // so that the caches are unique
            let tokens = live.map { $0.transcript.last ?? grammar.begin }
            let hidden = model.step(tokens, position: prompt.replyPosition(length, prefix: prefix), caches: &caches)
            let logits = model.logits(hidden)
            var next: [Hypothesis] = []
            for candidate in best(beam, of: live, logits, length: length) {
                var hypothesis = Hypothesis(
                    transcript: live[candidate.parent].transcript, score: candidate.score,
                    cache: caches[candidate.parent])
                if grammar.isWord[candidate.token] {
                    hypothesis.transcript.append(candidate.token)
                    next.append(hypothesis)
                } else {
                    hypothesis.ending = candidate.token
                    finished.append(hypothesis)
                }
            }
            live = next
            length += 1
            finished = stablySorted(finished)
            if finished.count >= beam, let best = live.first, best.score <= finished[beam - 1].score { break }
        }
        return Array(finished.prefix(beam))
    }

    private struct Candidate {
        let parent: Int
        let token: Int
        let score: Float
    }

    /// The best continuations over all hypotheses, the best first; NaN scores are never among them.
    private func best(_ count: Int, of live: [Hypothesis], _ logits: Tensor, length: Int) -> [Candidate] {
        let allowed = grammar.allowedInTranscript(length: length, options)
        var best: [Candidate] = []
        for (parent, hypothesis) in live.enumerated() {
            let logProbabilities = logSoftmax(logits.row(parent))
            for token in allowed {
                let score = hypothesis.score + logProbabilities[token]
                guard score > (best.count < count ? -.infinity : best[count - 1].score) else { continue }
                // Of equal scores, the earlier found stays first.
                let place = best.firstIndex { $0.score < score } ?? best.count
                best.insert(Candidate(parent: parent, token: token, score: score), at: place)
                if best.count > count { best.removeLast() }
            }
        }
        return best
    }

    private func stablySorted(_ hypotheses: [Hypothesis]) -> [Hypothesis] {
        hypotheses.enumerated()
            .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
            .map(\.element)
    }
}

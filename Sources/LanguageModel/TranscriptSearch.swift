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

    /// Every hypothesis that ended before the beam was full or empty; none only if the scores are no numbers.
    func run(from cache: KVCache) -> [Hypothesis] {
        var live = [Hypothesis(cache: cache)]
        var finished: [Hypothesis] = []
        var length = 0
        while !live.isEmpty, finished.count < options.beam {
            var caches = live.map(\.cache)
            for index in live.indices { live[index].cache = KVCache(layers: 0) }  // so that the caches are unique
            let tokens = live.map { $0.transcript.last ?? grammar.begin }
            let hidden = model.step(tokens, position: prompt.replyPosition(length, prefix: prefix), caches: &caches)
            let logits = model.logits(hidden)
            let candidates = best(of: live, logits, length: length)
            let bar = max(candidates[0].score, finished.map(\.score).max() ?? -.infinity) - options.beamMargin
            var next: [Hypothesis] = []
            for candidate in candidates where candidate.score >= bar {
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
        }
        return finished
    }

    private struct Candidate {
        let parent: Int
        let token: Int
        let score: Float
    }

    /// The `beam` best continuations over all hypotheses, the best first.
    private func best(of live: [Hypothesis], _ logits: Tensor, length: Int) -> [Candidate] {
        let allowed = grammar.allowedInTranscript(length: length, options)
        var candidates: [Candidate] = []
        for (parent, hypothesis) in live.enumerated() {
            let logProbabilities = logSoftmax(logits.row(parent))
            for token in allowed {
                candidates.append(
                    Candidate(parent: parent, token: token, score: hypothesis.score + logProbabilities[token]))
            }
        }
        // Stable: of equal scores, the earlier found comes first.
        let order = candidates.indices.sorted {
            (candidates[$1].score, $0) < (candidates[$0].score, $1)
        }
        return order.prefix(options.beam).map { candidates[$0] }
    }
}

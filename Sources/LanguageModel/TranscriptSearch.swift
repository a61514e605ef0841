// The beam search for the transcript.

import Layers
import Tensors

/// A beam over the words of the transcript, up to the `<object>` that begins the first block.
///
/// With a scorer, language model and phone head choose together, word by word: of the continuations that the language
/// model finds likeliest, those survive whose sum of log-probabilities, the scorer's weighted, is best. That finds a
/// word that the language model did not expect, if it was clearly spoken.
struct TranscriptSearch<Scorer: TranscriptScorer> {
    /// A transcript, with the cache after its last word.
    struct Hypothesis {
        var transcript: [Int] = []
        /// The log-probabilities of its tokens, and at last of its ending.
        var logProbabilities: [Float] = []
        /// Their sum.
        var score: Float = 0
        /// The same with the scorer's.
        var joint: Float = 0
        /// The probability that the model would have written `<none>` here or before.
        var noneProbability: Float = 0
        var heard: Scorer.PrefixState
        var cache: KVCache
    }

    /// What a search finds.
    struct Found {
        /// Transcripts that describe something, the best first.
        var describing: [Hypothesis] = []
        /// The greedy transcript, which the language model writes without the scorer, always going on with the
        /// likeliest token; up to where it was given up, if it was.
        var greedy: [Int] = []
        /// The sum of its tokens' log-probabilities.
        var greedyScore: Float = 0
        /// The probability of `<none>` at any word of it.
        var greedyNoneProbability: Float = 0
    }

    let scorer: Scorer
    /// How many words a hypothesis may go on with, the likeliest; nil for all, and the scorer is only asked about
    /// finished transcripts.
    let candidates: Int?
    let model: any CausalModel
    let grammar: ReplyGrammar
    let options: DecodingOptions
    let prompt: Prompt
    /// The number of rows of the prefix, which the cache holds.
    let prefix: Int

    /// The `beam` best transcripts; none where nothing is described, or if the scores are NaN.
    ///
    /// A round extends every live hypothesis and keeps the `beam` best extensions in all. Hypotheses whose probability of
    /// `<none>` is above the threshold are given up, and with the greedy transcript the whole search. It ends when
    /// nothing is live, or when `beam` are finished and no live one is better than the worst of them.
    func run(from cache: KVCache, beam: Int) -> Found {
        var live = [Hypothesis(heard: scorer.empty, cache: cache)]
        var greedy: Hypothesis? = live[0]
        var found = Found()
        var length = 0
        while !live.isEmpty || greedy != nil {
            var rows = live
            if let greedy { rows.append(greedy) }
            let hasGreedy = greedy != nil
            (live, greedy) = ([], nil)  // so that the caches are unique
            let logProbabilities = advance(&rows, length: length)
            if hasGreedy {
                let mine = rows.removeLast()
                (found.greedy, found.greedyScore) = (mine.transcript, mine.score)
                found.greedyNoneProbability = mine.noneProbability
                guard mine.noneProbability <= options.noneThreshold else {
                    found.describing = []
                    return found
                }
                greedy = longer(mine, logProbabilities[rows.count], length: length)
            }
            for candidate in best(beam, of: rows, logProbabilities, length: length) {
                var hypothesis = rows[candidate.parent]
                hypothesis.logProbabilities.append(candidate.score - hypothesis.score)
                (hypothesis.score, hypothesis.joint) = (candidate.score, candidate.joint)
                hypothesis.heard = candidate.heard
                if candidate.token == grammar.object {
                    found.describing.append(hypothesis)
                } else {
                    hypothesis.transcript.append(candidate.token)
                    live.append(hypothesis)
                }
            }
            length += 1
            found.describing = Array(stablySorted(found.describing).prefix(beam))
            if found.describing.count == beam, let best = live.first, best.joint <= found.describing[beam - 1].joint {
                live = []
            }
        }
        if candidates == nil { found.describing = stablySorted(found.describing.map(scored)) }
        return found
    }

    /// A hypothesis that the language model found by itself, with what the scorer says of it.
    private func scored(_ hypothesis: Hypothesis) -> Hypothesis {
        var scored = hypothesis
        scored.heard = hypothesis.transcript.reduce(scorer.empty) { scorer.extend($0, by: $1) }
        scored.joint = hypothesis.score + options.ctcWeight * scorer.logProbability(ofAll: scored.heard)
        return scored
    }

    /// Reads every hypothesis's last token: log-probabilities of the next one, by hypothesis.
    private func advance(_ rows: inout [Hypothesis], length: Int) -> [[Float]] {
        var caches = rows.map(\.cache)
        for index in rows.indices { rows[index].cache = KVCache(layers: 0) }
        let tokens = rows.map { $0.transcript.last ?? grammar.begin }
        let hidden = model.step(tokens, position: prompt.replyPosition(length, prefix: prefix), caches: &caches)
        let logits = model.logits(hidden)
        return rows.indices.map { index in
            let logProbabilities = logSoftmax(logits.row(index))
            let none = exponential(SIMD8(repeating: logProbabilities[grammar.none]))[0]
            rows[index].noneProbability += (1 - rows[index].noneProbability) * none
            rows[index].cache = caches[index]
            return logProbabilities
        }
    }

    /// A hypothesis with its likeliest next word; nil where that is the end.
    private func longer(_ hypothesis: Hypothesis, _ logProbabilities: [Float], length: Int) -> Hypothesis? {
        let next = likeliest(of: grammar.allowedInTranscript(length: length, options), logProbabilities)
        guard next != grammar.object else { return nil }
        var longer = hypothesis
        longer.transcript.append(next)
        longer.score += logProbabilities[next]
        return longer
    }

    private struct Candidate {
        let parent: Int
        let token: Int
        let score: Float
        let joint: Float
        let heard: Scorer.PrefixState
    }

    /// The best continuations over all hypotheses, the best first; NaN scores are never among them.
    private func best(
        _ count: Int, of live: [Hypothesis], _ logProbabilities: [[Float]], length: Int
    ) -> [Candidate] {
        let allowed = grammar.allowedInTranscript(length: length, options)
        var best: [Candidate] = []
        for (parent, hypothesis) in live.enumerated() where hypothesis.noneProbability <= options.noneThreshold {
            let logs = logProbabilities[parent]
            for token in candidates.map({ worthAsking($0, of: allowed, logs) }) ?? allowed {
                let score = hypothesis.score + logs[token]
                func isWorthwhile(_ joint: Float) -> Bool {
                    joint > (best.count < count ? -.infinity : best[count - 1].joint)
                }
                var (joint, heard) = (score, hypothesis.heard)
                let isWord = token != grammar.object
                // A scorer never raises a prefix's score, so most words need not ask it.
                guard !isWord || isWorthwhile(joint) else { continue }
                if candidates != nil {
                    if isWord { heard = scorer.extend(heard, by: token) }
                    let explained = isWord ? scorer.logProbability(of: heard) : scorer.logProbability(ofAll: heard)
                    joint += options.ctcWeight * explained
                }
                guard isWorthwhile(joint) else { continue }
                // Of equal scores, the earlier found stays first.
                let place = best.firstIndex { $0.joint < joint } ?? best.count
                best.insert(
                    Candidate(parent: parent, token: token, score: score, joint: joint, heard: heard), at: place)
                if best.count > count { best.removeLast() }
            }
        }
        return best
    }

    /// `<object>` and the likeliest words, the likeliest first.
    private func worthAsking(_ count: Int, of allowed: [Int], _ logProbabilities: [Float]) -> [Int] {
        let ordered = allowed.sorted { (logProbabilities[$1], $0) < (logProbabilities[$0], $1) }
        var words = 0
        return ordered.filter { token in
            guard grammar.isWord[token] else { return true }
            words += 1
            return words <= count
        }
    }

    private func stablySorted(_ hypotheses: [Hypothesis]) -> [Hypothesis] {
        hypotheses.enumerated()
            .sorted { ($1.element.joint, $0.offset) < ($0.element.joint, $1.offset) }
            .map(\.element)
    }
}

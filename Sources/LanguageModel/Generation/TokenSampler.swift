// Choosing the next token from scores.

import Tensors

/// Chooses tokens by ``GenerationOptions``, in the order of transformers' processors: penalty, stop tokens held back,
/// temperature, top-k, top-p, min-p, and then a draw.
struct TokenSampler {
    /// A token that may be drawn.
    struct Candidate: Equatable {
        let token: Int
        /// Its score, and at last its probability.
        var weight: Float
    }

    private let options: GenerationOptions
    private var generator: SplitMix64
    /// The tokens that are there already.
    private var seen: Set<Int>

    /// A sampler for what follows a prompt.
    init(_ options: GenerationOptions, prompt: [Int]) {
        self.options = options
        generator = SplitMix64(state: options.seed)
        seen = options.repetitionPenalty == 1 ? [] : Set(prompt)
    }

    /// The next token by the scores of all; `written` is how many were written before. Throws when scores are NaN.
    mutating func next(_ scores: some Collection<Float>, written: Int) throws(NumericalError) -> Int {
        let scores = penalized(scores, written: written)
        let token = options.samples ? try draw(from: candidates(scores)) : try likeliest(scores)
        if options.repetitionPenalty != 1 { seen.insert(token) }
        return token
    }

    /// The scores after the penalty, stop tokens at -∞ where none may come yet.
    func penalized(_ scores: some Collection<Float>, written: Int) -> [Float] {
        var scores = Array(scores)
        for token in seen {
            let (score, penalty) = (scores[token], options.repetitionPenalty)
            scores[token] = score < 0 ? score * penalty : score / penalty
        }
        if written < options.minimumTokens {
            for token in options.stopTokens { scores[token] = -.infinity }
        }
        return scores
    }

    /// The token of the highest score, of equal ones the first.
    private func likeliest(_ scores: [Float]) throws(NumericalError) -> Int {
        var best = 0
        for (token, score) in scores.enumerated() where score > scores[best] || score.isNaN {
            best = token
            if score.isNaN { break }
        }
        guard scores[best].isFinite else { throw NumericalError() }
        return best
    }

    /// What may be drawn, by token, with probabilities. Throws when scores are NaN.
    func candidates(_ scores: [Float]) throws(NumericalError) -> [Candidate] {
        guard scores.allSatisfy({ !$0.isNaN && $0 < .infinity }), let largest = scores.max(), largest.isFinite else {
            throw NumericalError()
        }
        let least = options.topK.map { Self.score(number: $0, of: scores) } ?? -.infinity
        var candidates: [Candidate] = []
        for (token, score) in scores.enumerated() where score >= least && score > -.infinity {
            candidates.append(Candidate(token: token, weight: score / options.temperature))
        }
        if options.topP < 1 { keepLikeliest(&candidates, share: options.topP) }
        Self.normalize(&candidates)
        if let minP = options.minP {
            let least = minP * (candidates.map(\.weight).max() ?? 0)
            candidates.removeAll { $0.weight < least }
            let sum = candidates.reduce(0) { $0 + $1.weight }
            for index in candidates.indices { candidates[index].weight /= sum }
        }
        return candidates
    }

    /// Leaves out the least likely, as long as their probabilities together are at most 1 - share; one always stays.
    private func keepLikeliest(_ candidates: inout [Candidate], share: Float) {
        var ordered = candidates.sorted { ($0.weight, $0.token) < ($1.weight, $1.token) }
        let scores = ordered
        Self.normalize(&ordered)
        var sum: Float = 0
        var omitted = 0
        for candidate in ordered.dropLast() {
            sum += candidate.weight
            guard sum <= 1 - share else { break }
            omitted += 1
        }
        candidates = scores[omitted...].sorted { $0.token < $1.token }
    }

    /// Scores to probabilities.
    private static func normalize(_ candidates: inout [Candidate]) {
        var weights = candidates.map(\.weight)
        weights.withUnsafeMutableBufferPointer { if let start = $0.baseAddress { softmax(start, count: $0.count) } }
        for index in candidates.indices { candidates[index].weight = weights[index] }
    }

    /// The score number `count` from the highest; the lowest where there are fewer.
    private static func score(number count: Int, of scores: [Float]) -> Float {
        guard count < scores.count else { return -.infinity }
        // Few of many: the best so far in order, which most scores do not get into.
        guard count <= 256 else { return scores.sorted(by: >)[count - 1] }
        var best: [Float] = []
        for score in scores where best.count < count || score > best[count - 1] {
            if best.count == count { best.removeLast() }
            let place = best.firstIndex { $0 < score } ?? best.count
            best.insert(score, at: place)
        }
        return best[count - 1]
    }

    /// A token by its probability.
    private mutating func draw(from candidates: [Candidate]) throws(NumericalError) -> Int {
        let sum = candidates.reduce(0) { $0 + Double($1.weight) }
        guard sum.isFinite, var last = candidates.last?.token else { throw NumericalError() }
        var rest = generator.uniform() * sum
        for candidate in candidates where candidate.weight > 0 {
            last = candidate.token
            rest -= Double(candidate.weight)
            if rest < 0 { break }
        }
        return last
    }
}

/// Random numbers that a seed determines (Steele, Lea and Flood 2014).
struct SplitMix64 {
    var state: UInt64

    /// The next 64 bits.
    mutating func bits() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number from 0, below 1.
    mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }
}

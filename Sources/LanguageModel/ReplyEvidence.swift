// What speaks for a reply and against it, for whoever says how sure it is.

import Tensors

/// What a search knows of a reply beside its words.
public struct ReplyEvidence: Sendable, Equatable {
    /// log P of every token of the transcript after those before it, then of its ending.
    public let tokenLogProbabilities: [Float]
    /// The transcript's share of the probability of all that the beam found, by language model and phone head together.
    public let share: Float
    /// Of every word the share of the transcripts that have it in its place.
    public let wordShares: [Float]
    /// The least log-probability of a token of the objects' descriptions; 0 where there are none.
    public let leastDescribed: Float
}

extension TranscriptSearch.Hypothesis {
    /// What is known of it among the transcripts that were found, itself among them.
    func evidence(among found: [Self], leastDescribed: Float) -> ReplyEvidence {
        let largest = found.map(\.joint).max() ?? 0
        let weights = found.map { exponential(SIMD8(repeating: max(-80, $0.joint - largest)))[0] }
        let whole = max(weights.reduce(0, +), .leastNormalMagnitude)
        var shares = [Float](repeating: 0, count: transcript.count)
        var own: Float = 0
        for (other, weight) in zip(found, weights) {
            if other.transcript == transcript { own += weight }
            for place in places(of: transcript, sharedWith: other.transcript) { shares[place] += weight }
        }
        return ReplyEvidence(
            tokenLogProbabilities: logProbabilities, share: own / whole, wordShares: shares.map { $0 / whole },
            leastDescribed: leastDescribed)
    }
}

/// The places of `words` that a longest common subsequence with `others` has.
private func places(of words: [Int], sharedWith others: [Int]) -> [Int] {
    let columns = others.count + 1
    var lengths = [Int](repeating: 0, count: (words.count + 1) * columns)
    for row in words.indices.reversed() {
        for column in others.indices.reversed() {
            lengths[row * columns + column] =
                words[row] == others[column]
                ? lengths[(row + 1) * columns + column + 1] + 1
                : max(lengths[(row + 1) * columns + column], lengths[row * columns + column + 1])
        }
    }
    var (row, column) = (0, 0)
    var shared: [Int] = []
    while row < words.count, column < others.count {
        if words[row] == others[column] {
            shared.append(row)
            (row, column) = (row + 1, column + 1)
        } else if lengths[(row + 1) * columns + column] >= lengths[row * columns + column + 1] {
            row += 1
        } else {
            column += 1
        }
    }
    return shared
}

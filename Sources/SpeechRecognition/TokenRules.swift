// What may be written next: tokens that are suppressed, and the order of timestamps.

/// The rules under which a transcript's next token is chosen; they set scores to −∞.
///
/// Source: openai/whisper, `whisper/decoding.py` (`SuppressBlank`, `SuppressTokens`, `ApplyTimestampRules`), which
/// transformers' logits processors of the same names follow.
struct TokenRules: Sendable {
    /// Tokens that are never written.
    let suppressed: [Int]
    /// Tokens that no transcript begins with.
    let suppressedFirst: [Int]
    /// The tokens that timestamps hang on; nil for transcripts without them.
    let timestamps: Timestamps?

    /// Where timestamps begin among the tokens, and what comes before them.
    struct Timestamps: Sendable {
        /// The first token that is no text.
        let endOfText: Int
        /// Asks for no timestamps, and is never written.
        let noTimestamps: Int
        /// The latest timestamp, counted from the first, that a transcript may begin with.
        let latestBeginning: Int

        /// The token of 0 s.
        var first: Int { noTimestamps + 1 }
    }

    /// Changes the scores `[V]` of what may follow the tokens that were written since the prompt.
    func apply(to scores: UnsafeMutableBufferPointer<Float>, after written: [Int]) {
        if written.isEmpty { suppressedFirst.forEach { scores[$0] = -.infinity } }
        suppressed.forEach { scores[$0] = -.infinity }
        if let timestamps { timestamps.apply(to: scores, after: written) }
    }
}

extension TokenRules.Timestamps {
    fileprivate func apply(to scores: UnsafeMutableBufferPointer<Float>, after written: [Int]) {
        func forbid(_ tokens: Range<Int>) {
            for token in tokens.clamped(to: 0..<scores.count) { scores[token] = -.infinity }
        }
        scores[noTimestamps] = -.infinity
        // They come in pairs, a segment's end and the next one's beginning, but at the transcript's two ends.
        let isAfterOne = written.last.map { $0 >= first } ?? false
        let isAfterTwo = written.count < 2 || written[written.count - 2] >= first
        if isAfterOne { isAfterTwo ? forbid(first..<scores.count) : forbid(0..<endOfText) }
        if let latest = written.last(where: { $0 >= first }) {
            // They never go back; a segment may begin where one ended, but does not end where it began.
            forbid(first..<(isAfterOne && !isAfterTwo ? latest : latest + 1))
        }
        if written.isEmpty {
            forbid(0..<first)
            // In two steps, since nothing keeps the sum of two numbers from a file in range.
            if latestBeginning < scores.count - first { forbid(first + latestBeginning + 1..<scores.count) }
        }
        // Where all timestamps together are likelier than any other token, one of them it is.
        let timed = UnsafeBufferPointer(rebasing: scores[first...])
        let untimed = UnsafeBufferPointer(rebasing: scores[..<first])
        if let best = largest(of: untimed), logSumOfExponentials(timed) > untimed[best] { forbid(0..<first) }
    }
}

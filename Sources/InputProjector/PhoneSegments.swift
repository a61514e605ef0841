// Cutting phone posteriors into phones and words.

public import Tensors

/// What the CTC posteriors of a recording amount to: phone segments, and the words that they form.
public struct PhoneSegments: Sendable, Equatable {
    /// The mean posterior of each phone segment, P numbers each; word boundaries are not among them.
    public let vectors: [[Float]]
    /// The words: ranges of `vectors`, none of them empty.
    public let words: [Range<Int>]

    /// Cuts posteriors `[T, P]`.
    ///
    /// Frames in which the blank has `blankThreshold` or more are dropped; runs of adjacent frames with the same
    /// likeliest phone are one segment, averaged with weights 1 − blank; the boundary phone ends a word, and so does
    /// the segment that would be its `longestWord + 1`th.
    public init(
        _ posteriors: Tensor, blank: Int, wordBoundary: Int, blankThreshold: Float, longestWord: Int
    ) {
        var vectors: [[Float]] = []
        var words: [Range<Int>] = []
        var wordStart = 0
        var run: (phone: Int, lastFrame: Int, sums: [Float], weight: Float)?

        func endWord() {
            if wordStart < vectors.count { words.append(wordStart..<vectors.count) }
            wordStart = vectors.count
        }
        func endRun() {
            guard let ended = run else { return }
            run = nil
            if ended.phone == wordBoundary {
                endWord()
            } else {
                if vectors.count - wordStart == longestWord { endWord() }
                vectors.append(ended.sums.map { $0 / ended.weight })
            }
        }

        for frame in 0..<posteriors.rows {
            let row = posteriors.row(frame)
            let blankMass = row[row.startIndex + blank]
            guard blankMass < blankThreshold else { continue }
            var phone = -1
            for (index, probability) in row.enumerated()
            where index != blank && (phone < 0 || probability > row[row.startIndex + phone]) {
                phone = index
            }
            if let current = run, current.phone != phone || current.lastFrame != frame - 1 { endRun() }
            var next = run ?? (phone, frame, [Float](repeating: 0, count: row.count), 0)
            let weight = 1 - blankMass
            for (index, probability) in row.enumerated() { next.sums[index] += weight * probability }
            next.weight += weight
            next.lastFrame = frame
            run = next
        }
        endRun()
        endWord()
        self.vectors = vectors
        self.words = words
    }
}

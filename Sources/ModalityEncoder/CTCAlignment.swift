// Where in a recording the labels of a sequence are said.

public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// The natural logarithm.
func logarithm(_ value: Float) -> Float { logf(value) }

/// The likeliest alignment of labels to the frames of CTC posteriors.
public struct CTCAlignment: Sendable, Equatable {
    /// Of every label the frames in which it is said, the blanks after it not among them; none is empty.
    public let frames: [Range<Int>]
    /// Of every label the log-probability of its frames, and of the blanks up to the next label, above that of the
    /// likeliest labels there; at most 0.
    public let logProbabilities: [Float]

    /// Aligns `labels` to posteriors `[T, P]` (Viterbi over Graves et al.'s states); nil where they do not fit into the
    /// frames, and for no labels.
    ///
    /// - Parameters:
    ///   - blank: the class of CTC's blank, which is not among the labels.
    ///   - floor: the least probability of a label in a frame.
    public init?(of labels: [Int], posteriors: Tensor, blank: Int, floor: Float) {
        // The states: blank, label, blank, label, …, blank.
        let states = 2 * labels.count + 1
        let frameCount = posteriors.rows
        guard !labels.isEmpty, frameCount > 0 else { return nil }
        func label(_ state: Int) -> Int { state % 2 == 0 ? blank : labels[state / 2] }
        func maySkip(_ state: Int) -> Bool { state >= 3 && state % 2 == 1 && label(state) != label(state - 2) }
        var scores = [Float](repeating: -.infinity, count: states)
        // By how many states every state of every frame was reached from below.
        var steps = [UInt8](repeating: 0, count: states * frameCount)
        var own = [Float](repeating: 0, count: states * frameCount)
        for frame in 0..<frameCount {
            let row = posteriors.row(frame)
            let largest = max(row.max() ?? 0, floor)
            for state in stride(from: states - 1, through: 0, by: -1) {
                var (best, step) = (scores[state], UInt8(0))
                if frame == 0 {
                    best = state <= 1 ? 0 : -.infinity
                } else {
                    if state >= 1, scores[state - 1] > best { (best, step) = (scores[state - 1], 1) }
                    if maySkip(state), scores[state - 2] > best { (best, step) = (scores[state - 2], 2) }
                }
                let probability = logarithm(max(row[row.startIndex + label(state)], floor) / largest)
                scores[state] = best + probability
                steps[frame * states + state] = step
                own[frame * states + state] = probability
            }
        }
        var state = scores[states - 1] > scores[states - 2] ? states - 1 : states - 2
        guard scores[state] > -.infinity else { return nil }
        var frames = [Range<Int>](repeating: 0..<0, count: labels.count)
        var sums = [Float](repeating: 0, count: labels.count)
        for frame in stride(from: frameCount - 1, through: 0, by: -1) {
            // Blanks count for the label before them; those before the first one for the first.
            sums[max(0, (state - 1) / 2)] += own[frame * states + state]
            if state % 2 == 1 {
                let said = frames[state / 2]
                frames[state / 2] = frame..<(said.isEmpty ? frame + 1 : said.upperBound)
            }
            state -= Int(steps[frame * states + state])
        }
        guard frames.allSatisfy({ !$0.isEmpty }) else { return nil }
        (self.frames, logProbabilities) = (frames, sums)
    }
}

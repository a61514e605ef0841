// Talk without an end: divided where a listener would breathe.

/// Divides an utterance that is longer than what can be heard at once.
struct LongUtteranceDivision {
    /// Frames' loudness `[T]`.
    let decibels: [Float]
    /// The stretches of speech, in order: what lies between two of them is a pause.
    let speech: [Range<Int>]
    let longestFrames: Int

    /// No piece is shorter than a second, where there is a choice.
    private static let shortestPiece = 100
    /// Where there is no pause, the quietest place is looked for in the mean of 0.3 s.
    private static let reach = 15

    /// An utterance's frames as pieces that follow each other, each at most ``longestFrames`` long.
    func pieces(of utterance: Range<Int>) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var rest = utterance
        while rest.count > longestFrames {
            let cut = cut(in: rest)
            pieces.append(rest.lowerBound..<cut)
            rest = cut..<rest.upperBound
        }
        return pieces + [rest]
    }

    /// Where the first piece ends, so that as few follow as can be; one more where that leaves hardly a choice.
    private func cut(in utterance: Range<Int>) -> Int {
        var count = (utterance.count + longestFrames - 1) / longestFrames
        func earliest() -> Int { max(Self.shortestPiece, utterance.count - (count - 1) * longestFrames) }
        if longestFrames - earliest() < longestFrames / 2 { count += 1 }
        let latest = utterance.lowerBound + min(longestFrames, utterance.count - 1)
        let from = min(utterance.lowerBound + earliest(), latest)
        return middleOfLongestPause(in: from...latest) ?? quietest(in: from...latest)
    }

    /// The middle of the longest pause that has its middle there; the first of equals.
    private func middleOfLongestPause(in frames: ClosedRange<Int>) -> Int? {
        var best: (length: Int, middle: Int)?
        for (before, after) in zip(speech, speech.dropFirst()) {
            let length = after.lowerBound - before.upperBound
            let middle = (before.upperBound + after.lowerBound) / 2
            if frames.contains(middle), length > best?.length ?? 0 { best = (length, middle) }
        }
        return best?.middle
    }

    /// The frame whose surroundings are quietest; the first of equals.
    private func quietest(in frames: ClosedRange<Int>) -> Int {
        func level(_ frame: Int) -> Float {
            let around = decibels[max(0, frame - Self.reach)..<min(decibels.count, frame + Self.reach)]
            return around.reduce(0, +) / Float(max(1, around.count))
        }
        var best = (level: level(frames.lowerBound), frame: frames.lowerBound)
        for frame in frames.dropFirst() {
            let level = level(frame)
            if level < best.level { best = (level, frame) }
        }
        return best.frame
    }
}

// Where one utterance ends and the next begins: at a silence that is long enough.

/// How a recording is split into utterances: by how loud it is, against what is quiet in it.
public struct UtteranceSplitting: Sendable, Equatable {
    /// The shortest silence that ends an utterance; shorter ones are pauses for breath or thought.
    public var pauseSeconds: Double

    /// A splitting at silences of a second, unless told.
    public init(pauseSeconds: Double = 1) {
        self.pauseSeconds = pauseSeconds
    }

    /// A frame this far above the quiet of its surroundings begins speech, and one below ``closingDecibels`` above it
    /// ends it: with one threshold, what lies near it would flutter.
    static let openingDecibels: Float = 6
    static let closingDecibels: Float = 3.5
    /// What is this much quieter than the loudest of its surroundings is no speech, however silent the rest is.
    static let rangeDecibels: Float = 35
    /// What nobody hears as speech.
    static let faintestDecibels: Float = -70
    /// A click or a cough of less than this is no utterance.
    static let shortestFrames = 20
    /// What is kept before and after an utterance, for onsets that are quieter than the threshold.
    static let marginFrames = 25
    /// How far the surroundings reach to either side, and how often they are looked at.
    static let surroundingFrames = 1_500
    private static let surroundingStep = 500

    /// Frames' loudness `[T]` -> the frames of every utterance, in order, with their margins; none is longer than
    /// `longestFrames`.
    func utterances(decibels: [Float], longestFrames: Int = .max) -> [Range<Int>] {
        let pauseFrames = max(1, Int((pauseSeconds * 100).rounded()))
        var found: [(range: Range<Int>, speech: Int)] = []
        let speech = Self.speech(decibels)
        for stretch in speech {
            if let last = found.last, stretch.lowerBound - last.range.upperBound < pauseFrames {
                found[found.count - 1] = (last.range.lowerBound..<stretch.upperBound, last.speech + stretch.count)
            } else {
                found.append((stretch, stretch.count))
            }
        }
        let utterances = found.filter { $0.speech >= Self.shortestFrames }.map(\.range)
        let division = LongUtteranceDivision(decibels: decibels, speech: speech, longestFrames: longestFrames)
        return utterances.indices.flatMap { index in
            // Margins never meet: half a silence at most.
            let before = index > 0 ? (utterances[index - 1].upperBound + utterances[index].lowerBound) / 2 : 0
            let after =
                index + 1 < utterances.count
                ? (utterances[index].upperBound + utterances[index + 1].lowerBound) / 2 : decibels.count
            let start = max(before, utterances[index].lowerBound - Self.marginFrames)
            return division.pieces(of: start..<min(after, utterances[index].upperBound + Self.marginFrames))
        }
    }

    /// The stretches of speech between pauses of any length.
    private static func speech(_ decibels: [Float]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start: Int?
        func end(at frame: Int) {
            guard let begun = start else { return }
            start = nil
            found.append(begun..<frame)
        }
        for block in Swift.stride(from: 0, to: decibels.count, by: surroundingStep) {
            let opening = opening(of: decibels, around: block)
            let closing = opening - (openingDecibels - closingDecibels)
            for frame in block..<min(block + surroundingStep, decibels.count) {
                if start == nil {
                    if decibels[frame] >= opening { start = frame }
                } else if decibels[frame] < closing {
                    end(at: frame)
                }
            }
        }
        end(at: decibels.count)
        return found
    }

    /// The loudness that begins speech in the frames from `block` on, by what surrounds them.
    private static func opening(of decibels: [Float], around block: Int) -> Float {
        let surroundings = decibels[
            max(0, block - surroundingFrames)..<min(decibels.count, block + surroundingStep + surroundingFrames)
        ]
        return opening(in: surroundings)
    }

    /// The loudness that begins speech among frames of this loudness `[T]`, of which there are some.
    static func opening(in surroundings: ArraySlice<Float>) -> Float {
        let sorted = surroundings.sorted()
        let quiet = sorted[sorted.count / 20]
        let loud = sorted[sorted.count - 1 - sorted.count / 100]
        return max(quiet + openingDecibels, loud - rangeDecibels, faintestDecibels)
    }
}

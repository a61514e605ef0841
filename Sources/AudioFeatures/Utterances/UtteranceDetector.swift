// Utterances of sound that goes on, each when it has ended.

/// Finds utterances in sound as it comes, by how loud it is against what is quiet in it.
///
/// The rules are those of ``UtteranceSplitting``; since nobody knows what will come, the surroundings are the last
/// quarter of a minute. Memory is bounded: of what is no utterance only the margin is kept, and an utterance that would
/// become longer than `longestSamples` is cut where it is quietest.
public struct UtteranceDetector: Sendable {
    /// A stretch of the sound in which somebody speaks.
    public struct Utterance: Sendable {
        /// Its samples `[n]`, with a margin of silence.
        public let samples: [Float]
        /// Where it begins and ends, in seconds from the first sample.
        public let seconds: Range<Double>
    }

    /// The samples' rate.
    public let sampleRateHz: Int
    private let pauseFrames: Int
    private let longestFrames: Int
    private let frameSamples: Int
    private var loudness: Loudness

    /// What is kept, and the place of its first sample in the sound.
    private var samples: [Float] = []
    private var origin = 0
    /// Mean powers of frames whose loudness is not yet known, after two that are: a frame's is the mean of five.
    private var powers: [Float] = []
    private var frame = 0
    /// The loudness of the last frames, at most ``UtteranceSplitting/surroundingFrames``.
    private var surroundings: [Float] = []
    private var opening = UtteranceSplitting.faintestDecibels
    /// The frame in which the utterance in hand began, its frames' loudness, and how many of them were speech.
    private var start: Int?
    private var decibels: [Float] = []
    private var speechFrames = 0
    private var speechEnd = 0
    /// Where the last utterance ended; margins never meet.
    private var lastEnd = 0

    /// Whether the last frame was speech.
    public private(set) var isSpeaking = false
    /// The loudness of the last frame, in dB of full scale.
    public var level: Float { surroundings.last ?? Loudness.silence }

    /// - Parameters:
    ///   - sampleRateHz: the rate of the samples that it is given.
    ///   - splitting: the silence that ends an utterance.
    ///   - longestSamples: the longest utterance.
    public init(sampleRateHz: Int, splitting: UtteranceSplitting, longestSamples: Int) {
        self.sampleRateHz = sampleRateHz
        loudness = Loudness(sampleRateHz: sampleRateHz)
        frameSamples = loudness.frameSamples
        pauseFrames = max(1, Int((splitting.pauseSeconds * 100).rounded()))
        longestFrames = max(2 * UtteranceSplitting.marginFrames + 2, longestSamples / loudness.frameSamples)
    }

    /// Takes the next samples `[n]`; gives the utterances that ended in them.
    public mutating func append(_ new: [Float]) -> [Utterance] {
        samples += new
        loudness.append(new[...])
        powers += loudness.takePowers()
        var ended: [Utterance] = []
        // Two frames before and two behind count for a frame's loudness; the sound's first has none before it.
        while powers.count >= min(frame, 2) + 3 {
            let first = min(frame, 2)
            if let utterance = take(Loudness.decibels(powers[..<(first + 3)])) { ended.append(utterance) }
            if frame > 2 { powers.removeFirst() }
        }
        forget()
        return ended
    }

    /// The utterance in hand where the sound ends; nil where nobody speaks.
    public mutating func finish() -> Utterance? {
        if isSpeaking, let start { (speechFrames, speechEnd) = (speechFrames + frame - max(start, speechEnd), frame) }
        return end(at: frame)
    }

    /// What was said so far of the utterance in hand `[n]`; nil where nobody speaks.
    public var growing: [Float]? {
        guard let start else { return nil }
        let spoken = speechFrames + (isSpeaking ? frame - max(start, speechEnd) : 0)
        guard spoken >= UtteranceSplitting.shortestFrames else { return nil }
        return Array(samples[place(of: begin(start))...])
    }

    /// Takes the next frame's loudness.
    private mutating func take(_ loudness: Float) -> Utterance? {
        surroundings.append(loudness)
        if surroundings.count > UtteranceSplitting.surroundingFrames { surroundings.removeFirst() }
        // Sorting is too much for every frame, and the surroundings change slowly; at first they do not.
        if frame % 10 == 0 || frame < 30 { opening = UtteranceSplitting.opening(in: surroundings[...]) }
        defer { frame += 1 }
        if start != nil { decibels.append(loudness) }
        if !isSpeaking, loudness >= opening {
            isSpeaking = true
            if start == nil { (start, decibels, speechFrames, speechEnd) = (frame, [loudness], 0, frame) }
            speechEnd = frame
        } else if isSpeaking, loudness < opening - Self.hysteresis {
            isSpeaking = false
            speechFrames += frame - speechEnd
            speechEnd = frame
        }
        guard let start else { return nil }
        if !isSpeaking, frame + 1 - speechEnd >= pauseFrames { return end(at: frame + 1) }
        if frame + 1 - begin(start) + UtteranceSplitting.marginFrames >= longestFrames { return cut(start) }
        return nil
    }

    private static let hysteresis = UtteranceSplitting.openingDecibels - UtteranceSplitting.closingDecibels

    /// The first frame of an utterance whose speech begins in a frame.
    private func begin(_ start: Int) -> Int { max(lastEnd, start - UtteranceSplitting.marginFrames) }

    private mutating func end(at last: Int) -> Utterance? {
        defer { (start, decibels, isSpeaking) = (nil, [], false) }
        guard let start, speechFrames >= UtteranceSplitting.shortestFrames else { return nil }
        return utterance(begin(start)..<min(last, speechEnd + UtteranceSplitting.marginFrames))
    }

    /// Ends talk without an end at the quietest frame of its second half; what follows begins another utterance.
    private mutating func cut(_ start: Int) -> Utterance {
        let half = decibels.count / 2
        let quietest = decibels[half...].indices.min { decibels[$0] < decibels[$1] } ?? half
        let place = start + max(1, quietest)
        defer {
            self.start = place
            decibels.removeFirst(min(decibels.count, place - start))
            speechFrames = max(0, min(speechFrames, speechEnd - place))
            speechEnd = max(speechEnd, place)
        }
        return utterance(begin(start)..<place)
    }

    private mutating func utterance(_ frames: Range<Int>) -> Utterance {
        lastEnd = frames.upperBound
        let range = frames.lowerBound * frameSamples..<frames.upperBound * frameSamples
        let rate = Double(sampleRateHz)
        return Utterance(
            samples: Array(samples[(range.lowerBound - origin)..<min(samples.count, range.upperBound - origin)]),
            seconds: Double(range.lowerBound) / rate..<Double(range.upperBound) / rate)
    }

    private func place(of frame: Int) -> Int { max(0, frame * frameSamples - origin) }

    /// Lets go of samples that no utterance will have.
    private mutating func forget() {
        let first = start.map(begin) ?? max(lastEnd, frame - UtteranceSplitting.marginFrames - 1)
        let passed = min(samples.count, place(of: first))
        // Not for every few samples, since the rest is moved.
        guard passed >= sampleRateHz / 2 else { return }
        samples.removeFirst(passed)
        origin += passed
    }
}

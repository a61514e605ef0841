// A recording of any allowed length as utterances, in memory for one of them.

/// The utterances of a recording: found in a first reading, cut out in a second where it is too long to be kept.
///
/// Talk that goes on for longer than that is split at its best pauses, so that no utterance is longer.
///
/// A recording with one utterance that is no longer than `longest` is that utterance as a whole, silences included.
public struct UtteranceReader: Sendable {
    /// A stretch of the recording, in samples at ``sampleRateHz``.
    public let utterances: [Range<Int>]
    /// The rate of all samples.
    public let sampleRateHz: Int
    /// The recording's length in samples.
    public let sampleCount: Int
    /// What the recording is, with what was odd about it.
    public let source: AudioFormat
    private let input: AudioInput
    private let options: ReadingOptions
    /// All samples, where they are few enough.
    private let kept: [Float]?

    /// Reads a recording once, block by block.
    ///
    /// - Parameters:
    ///   - source: the recording.
    ///   - options: how it is read.
    ///   - splitting: where an utterance ends.
    ///   - longestSamples: what is kept in memory, and the longest recording that one utterance may fill as a whole.
    /// - Throws: ``AudioFileError``, which names the file, what was expected and what was got.
    public init(
        contentsOf source: some RecordingSource, _ options: ReadingOptions = ReadingOptions(),
        splitting: UtteranceSplitting = UtteranceSplitting(), longestSamples: Int
    ) throws(AudioFileError) {
        // Read twice, which a pipe cannot be.
        let input = try source.opened(options)
        var blocks = try RecordingBlocks(contentsOf: input, options)
        var samples: [Float] = []
        var loudness = Loudness(sampleRateHz: blocks.sampleRateHz)
        var count = 0
        var isKept = true
        while true {
            let before = samples.count
            guard try blocks.next(into: &samples) else { break }
            loudness.append(samples[before...])
            count += samples.count - before
            if samples.count > longestSamples { isKept = false }
            if !isKept { samples.removeAll(keepingCapacity: true) }
        }
        self.input = input
        self.source = blocks.source
        self.options = options
        sampleRateHz = blocks.sampleRateHz
        sampleCount = count
        kept = isKept ? samples : nil
        let longestFrames = max(1, longestSamples / loudness.frameSamples)
        let found = splitting.utterances(decibels: loudness.decibels(), longestFrames: longestFrames).map { frames in
            frames.lowerBound * loudness.frameSamples..<min(count, frames.upperBound * loudness.frameSamples)
        }
        utterances = found.count <= 1 && isKept ? [0..<count] : found
    }

    /// Calls `body` with every utterance's number, from 0, and its samples `[n]`.
    ///
    /// - Throws: ``AudioFileError`` when the second reading fails, and what `body` throws.
    public func forEach(_ body: (Int, [Float]) throws -> Void) throws {
        let cursor = UtteranceCursor(self)
        while let (number, samples) = try cursor.next() { try body(number, samples) }
    }

    /// The recording from its start again, for what is not kept.
    fileprivate func blocks() throws(AudioFileError) -> RecordingBlocks {
        try RecordingBlocks(contentsOf: input, options)
    }

    fileprivate var keptSamples: [Float]? { kept }

    fileprivate func truncated(at count: Int) -> AudioFileError {
        AudioFileError(
            .truncated, path: input.path, expected: "\(sampleCount) samples as at first reading", got: "\(count)")
    }
}

/// Goes through a recording's utterances, one at a time as they are asked for.
public final class UtteranceCursor {
    private let reader: UtteranceReader
    private var number = 0
    private var blocks: RecordingBlocks?
    /// What was read and not given yet, and where it begins in the recording.
    private var samples: [Float] = []
    private var origin = 0

    /// A cursor before the first utterance.
    public init(_ reader: UtteranceReader) { self.reader = reader }

    /// The next utterance's number, from 0, and its samples `[n]`; nil after the last one.
    ///
    /// - Throws: ``AudioFileError`` when the second reading fails.
    public func next() throws(AudioFileError) -> (number: Int, samples: [Float])? {
        guard number < reader.utterances.count else { return nil }
        defer { number += 1 }
        let range = reader.utterances[number]
        if let kept = reader.keptSamples {
            return (number, range.count == kept.count ? kept : Array(kept[range]))
        }
        if blocks == nil { blocks = try reader.blocks() }
        while origin + samples.count < range.upperBound, try blocks?.next(into: &samples) == true {
            let passed = min(samples.count, range.lowerBound - origin)
            if passed > 0 {
                samples.removeFirst(passed)
                origin += passed
            }
        }
        let start = max(0, range.lowerBound - origin)
        guard origin + samples.count >= range.upperBound else {
            throw reader.truncated(at: origin + samples.count)
        }
        defer {
            samples.removeFirst(range.upperBound - origin)
            origin = range.upperBound
        }
        return (number, Array(samples[start..<range.upperBound - origin]))
    }
}

// A file's samples block by block, for recordings longer than memory.

import SystemPackage

/// Mono samples of an audio file, in blocks of about a second at most a few hundred kilobytes large.
public struct RecordingBlocks: ~Copyable {
    /// The samples' rate.
    public let sampleRateHz: Int

    /// What the file is; once the end has been reached, its frames are the region's, and its warnings complete.
    public private(set) var source: AudioFormat

    private let file: AudioFile
    private let path: FilePath
    private let options: ReadingOptions
    private var resampler: Resampler
    /// The region, in the file's frames.
    private let region: Range<Int>
    private var framesTaken = 0
    private var isFinished = false

    /// Opens a file; nothing is decoded yet.
    ///
    /// - Throws: ``AudioFileError``, which names the file, what was expected and what was got.
    public init(contentsOf source: some RecordingSource, _ options: ReadingOptions = ReadingOptions())
        throws(AudioFileError)
    {
        let input = try source.opened(options)
        let path = input.path
        let isRegion = options.start > .zero || options.end != nil
        let file = try AudioFile(input, channel: options.channel, limits: options.limits, isRegion: isRegion)
        let rate = file.format.sampleRateHz
        func frame(_ time: Duration) throws(AudioFileError) -> Int {
            guard time >= .zero, time < .seconds(1 << 40) else {
                throw AudioFileError(
                    .outsideLimits, path: path, expected: "a region of the recording", got: "\(time.inSeconds) s")
            }
            return Int((time.inSeconds * Double(rate)).rounded())
        }
        let start = try frame(options.start)
        var end = Int.max
        if let time = options.end { end = try frame(time) }
        guard start < end else {
            throw AudioFileError(
                .outsideLimits, path: path, expected: "a region that ends after \(options.start.inSeconds) s",
                got: "\(options.end?.inSeconds ?? 0) s")
        }
        let wantedHz = options.sampleRateHz ?? rate
        // Nothing may throw once a part of a noncopyable value is there.
        resampler = try Resampler(fromHz: rate, toHz: wantedHz, quality: options.resampling, path: path)
        sampleRateHz = wantedHz
        self.file = file
        self.path = path
        self.options = options
        region = start..<end
        self.source = file.format
    }

    /// Samples to make room for: what the header says, but never more than a minute of them on its word alone.
    var plausibleSamples: Int {
        Int(Double(file.plausibleFrames) * Double(sampleRateHz) / Double(file.format.sampleRateHz)) + 1_024
    }

    /// Appends the next samples; false when there are no more.
    public mutating func next(into samples: inout [Float]) throws(AudioFileError) -> Bool {
        guard !isFinished else { return false }
        guard file.place < region.upperBound, let block = try file.nextBlock(in: region) else {
            isFinished = true
            if framesTaken == 0 {
                let seconds = Double(file.place) / Double(file.format.sampleRateHz)
                throw AudioFileError(
                    .outsideLimits, path: path, expected: "a region inside the recording's \(seconds) s",
                    got: "one that begins at \(options.start.inSeconds) s")
            }
            source = AudioFormat(
                container: source.container, encoding: source.encoding, channels: source.channels,
                sampleRateHz: source.sampleRateHz, frames: framesTaken, warnings: file.warnings)
            try resampler.finish(into: &samples)
            return true
        }
        framesTaken += block.count
        try resampler.append(block, into: &samples)
        return true
    }
}

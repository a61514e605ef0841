// An audio file as blocks of one channel: its streams one after the other, with what their headers promise kept.

import SystemPackage

/// A recording being read from its start to its end, one channel or the mean of all.
final class AudioFile {
    let format: AudioFormat
    /// Frames read so far, of every stream.
    private(set) var place = 0

    private let input: AudioInput
    private let limits: AudioLimits
    private var mixing: ChannelMixing
    private var stream: SampleStream
    private var framesInStream = 0
    /// Streams that follow.
    private var rest: ArraySlice<AudioLayout.Stream>
    private var promisedFrames: Int?
    private var tailWarnings: [RecordingWarning] = []
    private var framesTaken = 0
    private let interleaved: UnsafeMutableBufferPointer<Float>

    private var path: FilePath { input.path }

    /// - Parameter isRegion: only a part is read, so that the length of the whole does not count.
    init(
        _ input: AudioInput, channel: ChannelChoice, limits: AudioLimits, isRegion: Bool
    ) throws(AudioFileError) {
        let layout = input.layout
        let opened: SampleStream
        do throws(Refusal) {
            switch layout.content {
            case .samples(let coding, let bytes):
                // Checked before libsndfile is told of it.
                try limits.check(channels: coding.channels, sampleRateHz: coding.sampleRateHz)
                promisedFrames = bytes.count / coding.bytesPerFrame
                // A view of nothing is no file to libsndfile.
                guard bytes.count > 0 else { throw Refusal(.noSamples, expected: "sound", "no samples") }
                opened = try SampleStream(bytes, coding)
                rest = []
            case .streams(let streams):
                promisedFrames = streams[0].promisedFrames
                opened = try SampleStream(streams[0].bytes, container: layout.container)
                try limits.check(channels: opened.channels, sampleRateHz: opened.sampleRateHz)
                rest = streams.dropFirst()
            }
            format = AudioFormat(
                container: layout.container, encoding: layout.encoding ?? opened.encoding, channels: opened.channels,
                sampleRateHz: opened.sampleRateHz, frames: promisedFrames ?? opened.declaredFrames ?? 0,
                warnings: layout.warnings)
            if !isRegion { try limits.check(seconds: Double(format.frames) / Double(format.sampleRateHz)) }
            try Self.check(channel, of: format)
        } catch {
            throw AudioFileError(error.reason, path: input.path, expected: error.expected, got: error.got)
        }
        (self.input, self.limits, stream) = (input, limits, opened)
        mixing = ChannelMixing(channel, channels: opened.channels)
        interleaved = .allocate(capacity: max(1, 65_536 / opened.channels) * opened.channels)
    }

    deinit {
        interleaved.deallocate()
    }

    private static func check(_ channel: ChannelChoice, of format: AudioFormat) throws(Refusal) {
        switch channel {
        case .mix: break
        case .number(let number):
            guard (1...format.channels).contains(number) else {
                throw Refusal(.outsideLimits, expected: "a channel from 1 to \(format.channels)", "\(number)")
            }
        case .each:
            guard format.channels == 1 else {
                throw Refusal(
                    .outsideLimits, expected: "one channel at a time, or their mix",
                    "each of \(format.channels) channels at once")
            }
        }
    }

    /// Frames to make room for: what the header says, but never more than a minute of them on its word alone.
    var plausibleFrames: Int {
        min(format.frames, format.sampleRateHz * 60)
    }

    /// What was odd about the file and about what has been taken of its sound.
    var warnings: [RecordingWarning] {
        let isCoded = format.container == "Ogg" || input.layout.encoding != nil
        return format.warnings + tailWarnings
            + SoundFindings.warnings(mixing, frames: framesTaken, isCoded: isCoded)
    }

    /// The next frames' chosen channel, or the mean of their channels, as far as they lie in `region`; nil at the end.
    func nextBlock(in region: Range<Int>) throws(AudioFileError) -> [Float]? {
        do throws(Refusal) {
            while true {
                let frames = stream.read(into: interleaved)
                guard frames > 0 else {
                    try checkEnd()
                    guard try openNext() else { return nil }
                    continue
                }
                let block = place..<place + frames
                place += frames
                framesInStream += frames
                let wanted = region.clamped(to: block)
                guard !wanted.isEmpty else { return [] }
                framesTaken += wanted.count
                try limits.check(seconds: Double(framesTaken) / Double(format.sampleRateHz), isCounted: true)
                let inBlock =
                    (wanted.lowerBound - block.lowerBound) * format.channels..<(wanted.upperBound - block.lowerBound)
                    * format.channels
                return try mono(UnsafeBufferPointer(rebasing: interleaved[inBlock]), from: wanted.lowerBound)
            }
        } catch {
            throw AudioFileError(error.reason, path: path, expected: error.expected, got: error.got)
        }
    }

    private func mono(_ frames: UnsafeBufferPointer<Float>, from place: Int) throws(Refusal) -> [Float] {
        do throws(BadSample) {
            return try mixing.mono(frames)
        } catch {
            throw Refusal(
                .notFinite, expected: error.value.isFinite ? "samples of at most \(largestSample)" : "finite samples",
                "\(error.value) at frame \(place + error.frame), channel \(error.channel + 1)")
        }
    }

    /// Goes on with the stream that follows; false when there is none.
    private func openNext() throws(Refusal) -> Bool {
        guard let next = rest.popFirst() else { return false }
        let opened = try SampleStream(next.bytes, container: format.container)
        guard opened.channels == format.channels, opened.sampleRateHz == format.sampleRateHz else {
            throw Refusal(
                .formatNotAllowed, expected: "the links of a chained file to be alike",
                "\(opened.channels) channels at \(opened.sampleRateHz) Hz after \(format.channels) at "
                    + "\(format.sampleRateHz) Hz")
        }
        (stream, promisedFrames, framesInStream) = (opened, next.promisedFrames, 0)
        return true
    }

    /// What decoding leaves open: an error that ended it early, or fewer frames than promised.
    private func checkEnd() throws(Refusal) {
        let trouble = stream.trouble
        let missing = promisedFrames.map { max(0, $0 - framesInStream) } ?? 0
        if let trouble, missing == 0 || !stream.isAtEnd {
            throw Refusal(
                .decodingFailed, expected: "\(format.container) data that decodes",
                "some that \(trouble) after \(framesInStream) frames")
        }
        if let promisedFrames {
            tailWarnings += try SoundData.tolerated(
                missing: missing, of: promisedFrames, sampleRateHz: format.sampleRateHz)
        }
        if rest.isEmpty, place == 0 { throw Refusal(.noSamples, expected: "sound", "no samples") }
    }
}

extension AudioLimits {
    func check(channels: Int, sampleRateHz: Int) throws(Refusal) {
        guard self.channels.contains(channels) else {
            throw Refusal(
                .outsideLimits, expected: "\(self.channels.lowerBound) to \(self.channels.upperBound) channels",
                "\(channels)")
        }
        guard sampleRatesHz.contains(sampleRateHz) else {
            throw Refusal(
                .outsideLimits, expected: "\(sampleRatesHz.lowerBound) to \(sampleRatesHz.upperBound) Hz",
                "\(sampleRateHz) Hz")
        }
    }

    /// - Parameter isCounted: the sound was counted, and goes on; else a header says its length.
    func check(seconds: Double, isCounted: Bool = false) throws(Refusal) {
        guard seconds <= duration.inSeconds else {
            throw Refusal(
                .outsideLimits, expected: "at most \(Int(duration.inSeconds)) s of sound",
                isCounted ? "more" : "\(Int(seconds.rounded(.up))) s")
        }
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

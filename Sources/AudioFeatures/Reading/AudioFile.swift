// Decoding with libsndfile, block by block, with the checks that libsndfile leaves to its caller.

import CSndFile
import Glibc
import Synchronization

/// An audio file being read from its start to its end, one channel or the mean of all.
final class AudioFile {
    let format: AudioFormat
    private let path: String
    private let limits: AudioLimits
    private let channel: Int?
    private let handle: OpaquePointer
    private var interleaved: [Float]
    private var framesRead = 0
    /// How many frames the header promises, where it can know.
    private let promisedFrames: Int?

    /// sf_open reports through a buffer shared by all threads.
    private static let opening = Mutex(())

    /// - Parameter channel: the channel to take, from 0; nil for the mean of all.
    init(path: String, channel: Int?, limits: AudioLimits, isRegion: Bool) throws(AudioFileError) {
        let file = try FileBytes(path: path)
        let header = try AudioHeader(file, path: path)

        var info = SF_INFO()
        let descriptor = dup(file.descriptor)
        let (opened, trouble) = Self.opening.withLock { _ in
            // 1: libsndfile closes the descriptor, also when opening fails.
            let opened = sf_open_fd(descriptor, Int32(SFM_READ), &info, 1)
            return (opened, opened == nil ? String(cString: sf_strerror(nil)) : "")
        }
        guard let opened else {
            throw AudioFileError(
                .decodingFailed, path: path, expected: "a readable \(header.container) file",
                got: "\"\(trouble.singleLine)\"")
        }
        var accepted = false
        defer { if !accepted { sf_close(opened) } }

        guard let encoding = Encoding(sndfileFormat: info.format) else {
            let code = String(info.format, radix: 16)
            throw AudioFileError(.formatNotAllowed, path: path, expected: allowed, got: "libsndfile format 0x\(code)")
        }
        // libsndfile says SF_COUNT_MAX for streams whose header leaves the length open.
        let declared = info.frames > 0 && info.frames < Int64.max / 2 ? Int(info.frames) : nil
        format = AudioFormat(
            container: header.container, encoding: encoding.name, channels: Int(info.channels),
            sampleRateHz: Int(info.samplerate), frames: declared ?? 0)
        try format.check(against: limits, path: path, isRegion: isRegion)
        if let channel, !(0..<format.channels).contains(channel) {
            throw AudioFileError(
                .outsideLimits, path: path, expected: "a channel from 1 to \(format.channels)", got: "\(channel + 1)")
        }
        let missing = header.missingBytes / max(1, encoding.bytesPerSample * format.channels)
        if header.missingBytes > 0 {
            throw Self.truncated(path, frames: format.frames + missing, missing: max(1, missing))
        }
        // Ogg's length is what the last page says, which chained streams do not keep to.
        promisedFrames = header.container == "Ogg" ? nil : declared
        self.path = path
        self.limits = limits
        self.channel = channel
        handle = opened
        interleaved = [Float](repeating: 0, count: max(1, 65_536 / format.channels) * format.channels)
        accepted = true
    }

    deinit {
        sf_close(handle)
    }

    /// Frames to make room for: what the header says, but never more than a minute of them on its word alone.
    var plausibleFrames: Int {
        min(format.frames, format.sampleRateHz * 60)
    }

    /// The next frames' chosen channel, or the mean of their channels; nil at the end.
    func nextBlock() throws(AudioFileError) -> [Float]? {
        let channels = format.channels
        let wanted = interleaved.count / channels
        let frames = interleaved.withUnsafeMutableBufferPointer { buffer in
            Int(sf_readf_float(handle, buffer.baseAddress!, sf_count_t(wanted)))
        }
        guard frames > 0 else {
            try checkEnd()
            return nil
        }
        let samples = interleaved.withUnsafeBufferPointer { buffer in
            mono(buffer, frames: frames, channels: channels)
        }
        // A NaN or an infinity in any channel survives the sum, so one look at the sum finds it.
        if let bad = samples.firstIndex(where: { !($0.magnitude <= largestSample) }) {
            let channel =
                channel ?? (0..<channels).first { !(interleaved[bad * channels + $0].magnitude <= largestSample) } ?? 0
            let value = interleaved[bad * channels + channel]
            throw AudioFileError(
                .notFinite, path: path,
                expected: value.isFinite ? "samples of at most \(largestSample)" : "finite samples",
                got: "\(value) at frame \(framesRead + bad), channel \(channel + 1)")
        }
        framesRead += frames
        return samples
    }

    /// Refuses sound that turns out longer than the limit, whatever the header said.
    func check(framesTaken: Int) throws(AudioFileError) {
        if Double(framesTaken) / Double(format.sampleRateHz) > limits.duration.inSeconds {
            throw tooLong(path, got: "more", limit: limits.duration)
        }
    }

    private func mono(_ interleaved: UnsafeBufferPointer<Float>, frames: Int, channels: Int) -> [Float] {
        guard let channel, channels > 1 else { return mixed(interleaved, frames: frames, channels: channels) }
        return (0..<frames).map { interleaved[$0 * channels + channel] }
    }

    private func checkEnd() throws(AudioFileError) {
        let code = sf_error(handle)
        if code != 0 {
            throw AudioFileError(
                .decodingFailed, path: path, expected: "\(format.container) data that decodes",
                got: "\"\(String(cString: sf_error_number(code)).singleLine)\" after \(framesRead) frames")
        }
        if let promisedFrames, framesRead < promisedFrames {
            throw Self.truncated(path, frames: promisedFrames, missing: promisedFrames - framesRead)
        }
        if framesRead == 0 {
            throw AudioFileError(.noSamples, path: path, expected: "sound", got: "no samples")
        }
    }

    private static func truncated(_ path: String, frames: Int, missing: Int) -> AudioFileError {
        AudioFileError(
            .truncated, path: path, expected: "\(frames) frames as its header says",
            got: "\(frames - missing) (\(missing) missing: the file is truncated)")
    }
}

/// What no recording reaches, and what no later step overflows at; full scale is 1.
private let largestSample: Float = 1e9

/// Interleaved frames `[frames, channels]` to their means `[frames]`.
private func mixed(_ interleaved: UnsafeBufferPointer<Float>, frames: Int, channels: Int) -> [Float] {
    guard channels > 1 else { return Array(interleaved.prefix(frames)) }
    let scale = 1 / Float(channels)
    return [Float](unsafeUninitializedCapacity: frames) { mono, count in
        for frame in 0..<frames {
            var sum: Float = 0
            for channel in 0..<channels { sum += interleaved[frame * channels + channel] }
            (mono.baseAddress! + frame).initialize(to: sum * scale)
        }
        count = frames
    }
}

extension AudioFormat {
    /// - Parameter isRegion: only a part is read, so that the length of the whole does not count.
    fileprivate func check(against limits: AudioLimits, path: String, isRegion: Bool) throws(AudioFileError) {
        guard limits.channels.contains(channels) else {
            let range = "\(limits.channels.lowerBound) to \(limits.channels.upperBound)"
            throw AudioFileError(.outsideLimits, path: path, expected: "\(range) channels", got: "\(channels)")
        }
        guard limits.sampleRatesHz.contains(sampleRateHz) else {
            let range = "\(limits.sampleRatesHz.lowerBound) to \(limits.sampleRatesHz.upperBound)"
            throw AudioFileError(.outsideLimits, path: path, expected: "\(range) Hz", got: "\(sampleRateHz) Hz")
        }
        let seconds = Double(frames) / Double(sampleRateHz)
        guard isRegion || seconds <= limits.duration.inSeconds else {
            throw tooLong(path, got: "\(Int(seconds.rounded(.up))) s", limit: limits.duration)
        }
    }
}

private func tooLong(_ path: String, got: String, limit: Duration) -> AudioFileError {
    AudioFileError(.outsideLimits, path: path, expected: "at most \(Int(limit.inSeconds)) s of sound", got: got)
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

extension String {
    /// libsndfile ends its messages with a full stop and sometimes breaks lines; errors here are one line.
    fileprivate var singleLine: String {
        var words = split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if words.hasSuffix(".") { words.removeLast() }
        return words
    }
}

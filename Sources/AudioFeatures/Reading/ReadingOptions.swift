// Which part of a file is read, and as what.

/// How an audio file becomes mono samples at one rate.
public struct ReadingOptions: Sendable {
    /// The rate wanted; nil for the file's own.
    public var sampleRateHz: Int?

    /// The channel wanted.
    public var channel: ChannelChoice

    /// Where to begin, in the file's time.
    public var start: Duration

    /// Where to end; nil for the file's end.
    public var end: Duration?

    /// How carefully the rate is changed.
    public var resampling: ResamplingQuality

    /// What is refused; a region counts by its own length, not by its file's.
    public var limits: AudioLimits

    /// Who decodes what this package does not.
    public var decoder: AudioDecoder

    /// The whole file, mixed, at 16 kHz, unless told.
    public init(
        sampleRateHz: Int? = 16_000, channel: ChannelChoice = .mix, start: Duration = .zero, end: Duration? = nil,
        resampling: ResamplingQuality = .high, limits: AudioLimits = AudioLimits(), decoder: AudioDecoder = .builtIn
    ) {
        self.sampleRateHz = sampleRateHz
        self.channel = channel
        self.start = start
        self.end = end
        self.resampling = resampling
        self.limits = limits
        self.decoder = decoder
    }

    /// The options by which a file of this many channels is read: these, or for ``ChannelChoice/each`` one for every
    /// channel, in order.
    public func each(of channels: Int) -> [ReadingOptions] {
        guard channel == .each else { return [self] }
        return (1...max(1, channels)).map { number in
            var options = self
            options.channel = .number(number)
            return options
        }
    }
}

/// Who decodes a file.
public enum AudioDecoder: String, Sendable, CaseIterable, Codable {
    /// This package with libsndfile, on its list of formats.
    case builtIn = "built-in"
    /// This package for what is on its list, and the installed program `ffmpeg` for the rest: MP3, M4A and others.
    case ffmpeg
}

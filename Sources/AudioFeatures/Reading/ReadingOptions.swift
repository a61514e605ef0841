// Which part of a file is read, and as what.

/// How an audio file becomes mono samples at one rate.
public struct ReadingOptions: Sendable {
    /// The rate wanted; nil for the file's own.
    public var sampleRateHz: Int?

    /// The channel wanted, from 0; nil for the mean of all.
    public var channel: Int?

    /// Where to begin, in the file's time.
    public var start: Duration

    /// Where to end; nil for the file's end.
    public var end: Duration?

    /// How carefully the rate is changed.
    public var resampling: ResamplingQuality

    /// What is refused; a region counts by its own length, not by its file's.
    public var limits: AudioLimits

    /// The whole file, mixed, at 16 kHz, unless told.
    public init(
        sampleRateHz: Int? = 16_000, channel: Int? = nil, start: Duration = .zero, end: Duration? = nil,
        resampling: ResamplingQuality = .high, limits: AudioLimits = AudioLimits()
    ) {
        self.sampleRateHz = sampleRateHz
        self.channel = channel
        self.start = start
        self.end = end
        self.resampling = resampling
        self.limits = limits
    }
}

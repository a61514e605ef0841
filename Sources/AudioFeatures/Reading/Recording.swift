// A recording as the rest of the package wants it: one channel at one known rate.

/// A mono recording, `samples` `[N]` at `sampleRateHz`, nominally within -1...1.
public struct Recording: Sendable {
    /// The waveform `[N]`; every sample is finite.
    public let samples: [Float]

    /// Samples a second.
    public let sampleRateHz: Int

    /// What the file was before mixing and resampling.
    public let source: AudioFormat

    /// Wraps samples that came from somewhere else than a file.
    public init(samples: [Float], sampleRateHz: Int) {
        self.samples = samples
        self.sampleRateHz = sampleRateHz
        source = AudioFormat(
            container: "memory", encoding: "float", channels: 1, sampleRateHz: sampleRateHz, frames: samples.count)
    }

    /// Reads a file, mixes its channels to their mean and resamples it (libsoxr, high quality).
    ///
    /// The file is read in blocks, so what a header claims never decides how much memory is taken.
    ///
    /// - Parameters:
    ///   - source: a path to WAV, AIFF or CAF (PCM, float, mu-law or A-law), FLAC, Ogg Vorbis or Ogg Opus, or an
    ///     ``AudioInput``.
    ///   - sampleRateHz: the rate wanted; 16 kHz is what the built-in encoder hears.
    ///   - limits: what is refused as too long, too wide, too slow or too fast.
    /// - Throws: ``AudioFileError``, which names the file, what was expected and what was got.
    public init(
        contentsOf source: some RecordingSource,
        sampleRateHz: Int = 16_000,
        limits: AudioLimits = AudioLimits()
    ) throws(AudioFileError) {
        try self.init(contentsOf: source, ReadingOptions(sampleRateHz: sampleRateHz, limits: limits))
    }

    /// Reads a file, or a region of it, as the options say.
    ///
    /// - Throws: ``AudioFileError``, which names the file, what was expected and what was got.
    public init(contentsOf source: some RecordingSource, _ options: ReadingOptions) throws(AudioFileError) {
        var blocks = try RecordingBlocks(contentsOf: source, options)
        var samples: [Float] = []
        samples.reserveCapacity(blocks.plausibleSamples)
        while try blocks.next(into: &samples) {}
        self.samples = samples
        sampleRateHz = blocks.sampleRateHz
        self.source = blocks.source
    }

    /// What was odd about the file or its sound.
    public var warnings: [RecordingWarning] { source.warnings }

    /// How long the recording lasts.
    public var duration: Duration {
        .seconds(Double(samples.count) / Double(sampleRateHz))
    }
}

/// What an audio file holds, before anything is done to it.
public struct AudioFormat: Sendable, Equatable {
    /// The container: "WAV", "RIFX", "RF64", "BW64", "Wave64", "AIFF", "CAF", "FLAC" or "Ogg".
    public let container: String

    /// How samples are coded: "16-bit PCM", "float", "mu-law", "Vorbis", ...
    public let encoding: String

    /// Channels, at least one.
    public let channels: Int

    /// Frames a second.
    public let sampleRateHz: Int

    /// Frames (one sample of every channel each): as the header says, or as read.
    public let frames: Int

    /// What is odd: of the file as far as its header tells, and of the sound too once it has been read.
    public let warnings: [RecordingWarning]

    init(
        container: String, encoding: String, channels: Int, sampleRateHz: Int, frames: Int,
        warnings: [RecordingWarning] = []
    ) {
        (self.container, self.encoding, self.channels) = (container, encoding, channels)
        (self.sampleRateHz, self.frames, self.warnings) = (sampleRateHz, frames, warnings)
    }

    /// How long the audio lasts.
    public var duration: Duration {
        .seconds(Double(frames) / Double(sampleRateHz))
    }
}

/// What is accepted of an audio file.
public struct AudioLimits: Sendable, Equatable {
    /// The longest recording read.
    public var duration: Duration

    /// The channel counts read.
    public var channels: ClosedRange<Int>

    /// The sample rates read, in Hz.
    public var sampleRatesHz: ClosedRange<Int>

    /// The most bytes that are taken from a pipe, which are copied to a file.
    public var spooledBytes: Int

    /// The longest that an external decoder may take.
    public var decodingTime: Duration

    /// The defaults take everything a studio makes, and stop a file that would never end.
    public init(
        duration: Duration = .seconds(30 * 60),
        channels: ClosedRange<Int> = 1...32,
        sampleRatesHz: ClosedRange<Int> = 1_000...768_000,
        spooledBytes: Int = 2 << 30,
        decodingTime: Duration = .seconds(120)
    ) {
        self.duration = duration
        self.channels = channels
        self.sampleRatesHz = sampleRatesHz
        self.spooledBytes = spooledBytes
        self.decodingTime = decodingTime
    }
}

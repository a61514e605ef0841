// What was odd about a recording that was read all the same.

/// Something about a file or its sound that did not stop the reading and that its owner may want to know.
public enum RecordingWarning: Sendable, Hashable, CustomStringConvertible {
    /// The header leaves the length open: the sound was read to the end of the file.
    case lengthUnknown
    /// This many frames of what the header promises are not there: less than ten milliseconds.
    case tailMissing(frames: Int)
    /// More sound stands behind the first, which alone was read.
    case laterSoundIgnored(bytes: Int)
    /// The format stands behind the sound that it describes.
    case formatAfterData
    /// A chunk of odd size lacks the byte that should follow it.
    case paddingMissing
    /// An ID3 tag before the file was stepped over.
    case tagSkipped(bytes: Int)
    /// Something that is not sound stands behind the end.
    case bytesAfterEnd(Int)
    /// Several streams follow each other, and were read as one.
    case chained(links: Int)
    /// The channels cancel each other: the named one was heard instead of their mean.
    case oppositePhase(heard: Int)
    /// Channels that carry nothing, beside others that do; from 1.
    case deadChannels([Int])
    /// Samples go beyond full scale; the peak's magnitude, full scale being 1.
    case beyondFullScale(peak: Float)
    /// Samples stand at full scale beside each other: the recording was too loud.
    case clipped(samples: Int)
    /// The loudest sample is softer than -40 dB of full scale.
    case soft(peakDecibels: Float)
    /// There is no sound at all.
    case silent
    /// What the program that decoded the file had to say.
    case decoder(String)

    /// A name that stays the same, for reports that programs read: `length-unknown`, `clipped`, ...
    public var name: String {
        switch self {
        case .lengthUnknown: "length-unknown"
        case .tailMissing: "tail-missing"
        case .laterSoundIgnored: "later-sound-ignored"
        case .formatAfterData: "format-after-data"
        case .paddingMissing: "padding-missing"
        case .tagSkipped: "tag-skipped"
        case .bytesAfterEnd: "bytes-after-end"
        case .chained: "chained"
        case .oppositePhase: "opposite-phase"
        case .deadChannels: "dead-channels"
        case .beyondFullScale: "beyond-full-scale"
        case .clipped: "clipped"
        case .soft: "soft"
        case .silent: "silent"
        case .decoder: "decoder"
        }
    }

    /// One line: `the channels cancel each other: channel 1 was heard alone`.
    public var description: String {
        switch self {
        case .lengthUnknown: "the header does not say how long it is: read to the end of the file"
        case .tailMissing(let frames): "\(frames) frames that the header promises are missing at the end"
        case .laterSoundIgnored(let bytes): "only the first sound was read: \(bytes) bytes of another follow"
        case .formatAfterData: "the format stands behind the sound"
        case .paddingMissing: "a chunk of odd size lacks its byte of padding"
        case .tagSkipped(let bytes): "\(bytes) bytes of an ID3 tag before the sound were stepped over"
        case .bytesAfterEnd(let bytes): "\(bytes) bytes behind the end of the sound were left out"
        case .chained(let links): "\(links) streams that follow each other were read as one"
        case .oppositePhase(let channel): "the channels cancel each other: channel \(channel) was heard alone"
        case .deadChannels(let channels):
            channels.count == 1
                ? "channel \(channels[0]) is silent"
                : "channels \(channels.map(String.init).joined(separator: ", ")) are silent"
        case .beyondFullScale(let peak): "samples go beyond full scale, up to \(peak)"
        case .clipped(let samples): "\(samples) samples are clipped: it was recorded too loud"
        case .soft(let decibels): "it is very soft: its peak is at \(Int(decibels.rounded())) dB of full scale"
        case .silent: "it is silent"
        case .decoder(let words): "ffmpeg: \(words)"
        }
    }
}

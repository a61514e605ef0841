// The one rule about lengths: whole, or a few milliseconds short and said so, or refused.

/// Where a container says its samples are.
struct SoundData {
    let start: Int
    /// How many bytes; nil where the header does not know and the file's end is the sound's.
    let bytes: Int?

    /// A size that stands for "not known" in a header of 32 bits: what programs that write to a pipe put there.
    static func isUnknown(_ size: Int, at start: Int, in file: ByteView) -> Bool {
        size >= 0x7FFF_0000 && start + size > file.count
    }

    /// The bytes of whole frames.
    ///
    /// - Throws: ``Refusal`` when more than a few milliseconds are missing.
    func located(in file: ByteView, _ coding: SampleCoding) throws(Refusal) -> (ByteView, [RecordingWarning]) {
        let frame = max(1, coding.bytesPerFrame)
        let start = min(start, file.count)
        let there = file.count - start
        guard let bytes else {
            return (file.part(start..<start + there / frame * frame), [.lengthUnknown])
        }
        guard bytes > there else { return (file.part(start..<start + bytes / frame * frame), []) }
        let promised = bytes / frame
        let missing = max(1, promised - there / frame)
        let warnings = try Self.tolerated(missing: missing, of: promised, sampleRateHz: coding.sampleRateHz)
        return (file.part(start..<start + there / frame * frame), warnings)
    }

    /// A warning about frames that are not there.
    ///
    /// - Throws: ``Refusal`` when they last ten milliseconds or longer.
    static func tolerated(missing: Int, of promised: Int, sampleRateHz: Int) throws(Refusal) -> [RecordingWarning] {
        guard missing > 0 else { return [] }
        guard missing < promised, missing * 100 < sampleRateHz else {
            throw Refusal(
                .truncated, expected: "\(promised) frames as its header says",
                "\(promised - missing) (\(missing) missing: the file is truncated)")
        }
        return [.tailMissing(frames: missing)]
    }
}

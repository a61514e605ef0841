// Names what is not read, so that the user sees what was mixed up.

import AtomicFiles

/// Files that no container of the package stands in.
struct UnknownFile {
    /// What it is, in the words of an error.
    let name: String
    /// Whether it is sound all the same, of a format that is not read here.
    let isSound: Bool

    /// What a file is that begins with these bytes; nil for a container that is read.
    init?(_ start: [UInt8]) {
        guard let (name, isSound) = Self.kind(start) else { return nil }
        (self.name, self.isSound) = (name, isSound)
    }

    /// Why it is not read, for errors.
    var reason: AudioFileError.Reason { isSound ? .formatNotAllowed : .notAudio }

    private static func kind(_ start: [UInt8]) -> (name: String, isSound: Bool)? {
        for (text, offset) in read where start.hasText(text, at: offset.0) {
            guard let second = offset.1 else { return nil }
            if second.contains(where: { start.hasText($0, at: 8) }) { return nil }
        }
        for (text, offset, name) in sounds where start.hasText(text, at: offset) { return (name, true) }
        for (text, name) in others where start.hasText(text, at: 0) { return (name, false) }
        if let name = mpeg(start) { return (name, true) }
        if start.hasText("RIFF", at: 0), let form = start.text(at: 8, count: 4) {
            return ("RIFF that is \"\(form.printable)\" and not WAV", false)
        }
        let printable = start.allSatisfy { $0 >= 0x80 || ($0 >= 0x20 && $0 < 0x7F) || (0x09...0x0D).contains($0) }
        if printable { return ("text", false) }
        let first = start.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return ("data that begins with 0x\(first.joined())", false)
    }

    /// What begins a file that is read: a text at a place, and for some one of others at 8.
    private static let read: [(String, (Int, [String]?))] = [
        ("RIFF", (0, ["WAVE"])), ("RIFX", (0, ["WAVE"])), ("RF64", (0, ["WAVE"])), ("BW64", (0, ["WAVE"])),
        ("FORM", (0, ["AIFF", "AIFC"])), ("caff", (0, nil)), ("riff\u{2E}\u{91}\u{CF}\u{11}", (0, nil)),
        ("fLaC", (0, nil)), ("OggS", (0, nil)), ("ID3", (0, nil)),
    ]

    private static let sounds: [(String, Int, String)] = [
        ("ftyp", 4, "MP4 or M4A"), ("\u{1A}E\u{DF}\u{A3}", 0, "Matroska or WebM"), (".snd", 0, "Sun AU"),
        ("\u{30}\u{26}\u{B2}\u{75}", 0, "WMA or another ASF file"), ("#!AMR", 0, "AMR"), ("wvpk", 0, "WavPack"),
        ("MAC ", 0, "Monkey's Audio"), ("ADIF", 0, "AAC (ADIF)"), ("DSD ", 0, "DSD"), ("FRM8", 0, "DSDIFF"),
        ("TTA1", 0, "TTA"), ("MPCK", 0, "Musepack"), ("MP+", 0, "Musepack"), ("Creative Voice File", 0, "VOC"),
        ("FLV\u{1}", 0, "Flash video"), ("NIST_1A", 0, "NIST Sphere"),
    ]

    private static let others: [(String, String)] = [
        ("%PDF", "PDF"), ("PK\u{3}\u{4}", "a ZIP archive"), ("ply", "PLY"), ("\u{1F}\u{8B}", "a gzip archive"),
        ("\u{7F}ELF", "a program"), ("\u{89}PNG", "PNG"), ("\u{FF}\u{D8}\u{FF}", "JPEG"),
        ("#EXTM3U", "a playlist"),
    ]

    /// MPEG's audio frames: eleven bits, a version, a layer; ADTS has layer 0.
    private static func mpeg(_ start: [UInt8]) -> String? {
        guard start.count > 2, start[0] == 0xFF, start[1] & 0xE0 == 0xE0 else { return nil }
        if start[1] & 0xF6 == 0xF0 { return "AAC (ADTS)" }
        // Version 1 and a rate and bit rate of all ones are reserved.
        guard start[1] & 0x18 != 0x08, start[2] & 0xF0 != 0xF0, start[2] & 0x0C != 0x0C else { return nil }
        return [0x02: "MP3", 0x04: "MPEG layer 2", 0x06: "MPEG layer 1"][start[1] & 0x06]
    }
}

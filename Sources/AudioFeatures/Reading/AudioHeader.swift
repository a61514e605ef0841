// Looks at a file before libsndfile does: only known-good codings get that far, and lying lengths are noticed.
//
// libsndfile 1.2.0 parses a header, codec tables included, before it says what the coding is, and clips a data chunk
// that claims more than the file holds without a word. Both are checked here, on a few bytes.

/// What the first bytes and the chunk table of an audio file say.
struct AudioHeader {
    /// The container, as users call it.
    let container: String

    /// Bytes of sample data that the header claims but the file lacks; 0 where that cannot be known.
    let missingBytes: Int

    /// Sniffs a file.
    init(_ file: borrowing FileBytes, path: String) throws(AudioFileError) {
        let start = file.bytes(at: 0, count: 64)
        if start.hasText("RIFF", at: 0), start.hasText("WAVE", at: 8) {
            self = try Self.wave(file, path: path)
        } else if start.hasText("FORM", at: 0), start.hasText("AIFF", at: 8) || start.hasText("AIFC", at: 8) {
            self = try Self.aiff(file, path: path)
        } else if start.hasText("fLaC", at: 0) {
            self = AudioHeader(container: "FLAC", missingBytes: 0)
        } else if start.hasText("OggS", at: 0) {
            self = try Self.ogg(file, start: start, path: path)
        } else {
            throw AudioFileError(.notAudio, path: path, expected: allowed, got: nameOfUnknown(start))
        }
    }

    private init(container: String, missingBytes: Int) {
        self.container = container
        self.missingBytes = missingBytes
    }

    /// RIFF: little-endian chunks; the coding is the tag at the head of "fmt ".
    private static func wave(_ file: borrowing FileBytes, path: String) throws(AudioFileError) -> AudioHeader {
        var chunks = ChunkWalk(order: .little)
        var coding: String?
        while let chunk = chunks.next(in: file) {
            if chunk.name == "fmt " {
                let format = file.bytes(at: chunk.start, count: 40)
                var tag = format.integer(at: 0, bytes: 2, .little) ?? 0
                if tag == 0xFFFE, format.suffix(from: min(26, format.count)).elementsEqual(waveSubformatTail) {
                    tag = format.integer(at: 24, bytes: 2, .little) ?? 0
                }
                guard tag == 1 || tag == 3 else {
                    throw notAllowed(path, "WAV with coding \(waveCodings[tag] ?? "tag \(tag)")")
                }
                coding = tag == 1 ? "PCM" : "float"
            } else if chunk.name == "data" {
                guard coding != nil else { break }
                // Programs that write to a pipe cannot know the length and put a huge one there.
                let unknownLength = chunk.size >= 0x7FFF_0000
                let missing = unknownLength ? 0 : max(0, chunk.start + chunk.size - file.count)
                return AudioHeader(container: "WAV", missingBytes: missing)
            }
        }
        throw AudioFileError(
            .truncated, path: path, expected: "a WAV file with a format and a data chunk",
            got: "\(file.count) bytes without \(coding == nil ? "a format chunk before the data" : "a data chunk")")
    }

    /// IFF: big-endian chunks; the coding is the compression type in "COMM", which plain AIFF lacks.
    private static func aiff(_ file: borrowing FileBytes, path: String) throws(AudioFileError) -> AudioHeader {
        var chunks = ChunkWalk(order: .big)
        var missing: Int?
        var described = false
        while let chunk = chunks.next(in: file) {
            if chunk.name == "COMM" {
                described = true
                let common = file.bytes(at: chunk.start, count: min(chunk.size, 22))
                if let type = common.text(at: 18, count: 4), !aiffCodings.contains(type) {
                    throw notAllowed(path, "AIFF with compression \"\(type.printable)\"")
                }
            } else if chunk.name == "SSND" {
                missing = max(0, chunk.start + chunk.size - file.count)
            }
            if described, let missing { return AudioHeader(container: "AIFF", missingBytes: missing) }
        }
        throw AudioFileError(
            .truncated, path: path, expected: "an AIFF file with a common and a sound chunk",
            got: "\(file.count) bytes without \(described ? "a sound chunk" : "a common chunk")")
    }

    /// Ogg: the first page carries the codec's own magic right after its segment table.
    private static func ogg(
        _ file: borrowing FileBytes, start: [UInt8], path: String
    ) throws(AudioFileError) -> AudioHeader {
        let packet = 27 + Int(start.count > 26 ? start[26] : 0)
        let head = file.bytes(at: packet, count: 8)
        guard head.hasText("\u{1}vorbis", at: 0) || head.hasText("OpusHead", at: 0) else {
            throw notAllowed(path, "Ogg with another codec than Vorbis and Opus")
        }
        return AudioHeader(container: "Ogg", missingBytes: 0)
    }
}

/// What is read, in the words of an error.
let allowed = "WAV or AIFF (PCM or float), FLAC, Ogg Vorbis or Ogg Opus"

private func notAllowed(_ path: String, _ got: String) -> AudioFileError {
    AudioFileError(.formatNotAllowed, path: path, expected: allowed, got: got)
}

private let waveSubformatTail: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]

private let waveCodings: [Int: String] = [
    2: "MS ADPCM", 6: "A-law", 7: "mu-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x50: "MPEG layer 2", 0x55: "MP3",
]

private let aiffCodings: Set<String> = [
    "NONE", "twos", "sowt", "in24", "in32", "42ni", "23ni", "raw ", "fl32", "FL32", "fl64", "FL64",
]

/// Names what is not audio at all, so that the user sees what was mixed up.
private func nameOfUnknown(_ start: [UInt8]) -> String {
    let magics: [(String, Int, String)] = [
        ("ID3", 0, "MP3 or another file with an ID3 tag"), ("RIFX", 0, "big-endian RIFF"), ("RF64", 0, "RF64"),
        ("ftyp", 4, "MP4 or M4A"), ("%PDF", 0, "PDF"), ("PK\u{3}\u{4}", 0, "a ZIP archive"),
        ("\u{1A}E\u{DF}\u{A3}", 0, "Matroska or WebM"), (".snd", 0, "Sun AU"), ("ply", 0, "PLY"),
    ]
    for (text, offset, name) in magics where start.hasText(text, at: offset) { return name }
    if start.count > 1, start[0] == 0xFF, start[1] & 0xE0 == 0xE0 { return "MP3" }
    let printable = start.allSatisfy { $0 >= 0x80 || ($0 >= 0x20 && $0 < 0x7F) || (0x09...0x0D).contains($0) }
    if printable { return "text" }
    let first = start.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "data that begins with 0x\(first.joined())"
}

/// Walks the chunks of a RIFF or IFF file without reading what is inside them.
private struct ChunkWalk {
    struct Chunk {
        let name: String
        let start: Int
        let size: Int
    }

    let order: ByteOrder
    private var offset = 12
    private var seen = 0

    init(order: ByteOrder) {
        self.order = order
    }

    mutating func next(in file: borrowing FileBytes) -> Chunk? {
        let head = file.bytes(at: offset, count: 8)
        // A file of nothing but empty chunks is hostile; no recorder writes this many.
        guard seen < 4096, let name = head.text(at: 0, count: 4), let size = head.integer(at: 4, bytes: 4, order)
        else { return nil }
        let chunk = Chunk(name: name, start: offset + 8, size: size)
        offset += 8 + size + size % 2
        seen += 1
        return chunk
    }
}

private enum ByteOrder { case little, big }

extension [UInt8] {
    /// Whether the bytes at `offset` are those of `text` in Latin-1.
    fileprivate func hasText(_ text: String, at offset: Int) -> Bool {
        let wanted = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        return count >= offset + wanted.count && self[offset..<offset + wanted.count].elementsEqual(wanted)
    }

    /// `length` bytes as Latin-1 text, or nil past the end.
    fileprivate func text(at offset: Int, count length: Int) -> String? {
        guard count >= offset + length else { return nil }
        return String(String.UnicodeScalarView(self[offset..<offset + length].map { Unicode.Scalar($0) }))
    }

    /// An unsigned integer of `bytes` bytes, or nil past the end.
    fileprivate func integer(at offset: Int, bytes: Int, _ order: ByteOrder) -> Int? {
        guard count >= offset + bytes else { return nil }
        let digits = self[offset..<offset + bytes]
        return switch order {
        case .little: digits.reversed().reduce(0) { $0 << 8 | Int($1) }
        case .big: digits.reduce(0) { $0 << 8 | Int($1) }
        }
    }
}

extension String {
    /// The text with a question mark for whatever would not print: a file's bytes must not break an error's line.
    fileprivate var printable: String {
        String(unicodeScalars.map { (" "..."~").contains($0) ? Character($0) : "?" })
    }
}

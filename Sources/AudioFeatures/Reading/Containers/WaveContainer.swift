// WAV and its relatives of the same chunks: RIFX (big-endian), RF64 and BW64 (lengths of 64 bits).

/// Reads RIFF, RIFX, RF64 and BW64 headers.
enum WaveContainer {
    static func layout(of file: ByteView) throws(Refusal) -> AudioLayout {
        let kind = file.bytes(at: 0, count: 4).text(at: 0, count: 4) ?? ""
        let container = kind == "RIFF" ? "WAV" : kind
        var chunks = ChunkWalk(file, order: kind == "RIFX" ? .big : .little, known: knownChunks)
        var (format, data): (ChunkWalk.Chunk?, ChunkWalk.Chunk?)
        var longSize: Int?
        var warnings: [RecordingWarning] = []
        while let chunk = chunks.next() {
            switch chunk.name {
            case "ds64" where kind == "RF64" || kind == "BW64":
                longSize = file.bytes(at: chunk.start, count: 16).integer(at: 8, bytes: 8, .little)
            case "fmt " where format == nil:
                format = chunk
                if data != nil { warnings.append(.formatAfterData) }
            case "data" where data == nil: data = chunk
            case "data": warnings.append(chunks.ignored(chunk))
            default: break
            }
        }
        guard let format, let data else {
            throw Refusal.missingChunk(
                of: "a \(container) file", "format", found: format != nil, "data", bytes: file.count)
        }
        if chunks.lacksPadding { warnings.append(.paddingMissing) }
        let coding = try coding(ofFormat: file.bytes(at: format.start, count: min(40, format.size)), container)
        let size = size(of: data, longSize, in: file, chunks)
        let (samples, lengths) = try SoundData(start: data.start, bytes: size).located(in: file, coding)
        return AudioLayout(container: container, content: .samples(coding, samples), warnings: warnings + lengths)
    }

    /// The data chunk's bytes; nil where the header leaves them open.
    private static func size(
        of data: ChunkWalk.Chunk, _ longSize: Int?, in file: ByteView, _ chunks: ChunkWalk
    ) -> Int? {
        if let longSize, data.size == 0xFFFF_FFFF {
            // As signed numbers, lengths of 2⁶³ and more are below 0: nobody means them.
            return longSize <= 0 || SoundData.isUnknown(longSize, at: data.start, in: file) ? nil : longSize
        }
        // A recorder that lost its power has not come to write the length; what follows is sound and no chunk.
        if data.size == 0, !chunks.areChunks(from: data.start) { return nil }
        return SoundData.isUnknown(data.size, at: data.start, in: file) ? nil : data.size
    }

    /// The coding that a format chunk (WAVEFORMAT, WAVEFORMATEX or WAVEFORMATEXTENSIBLE) describes.
    static func coding(ofFormat format: [UInt8], _ container: String) throws(Refusal) -> SampleCoding {
        let order: ByteOrder = container == "RIFX" ? .big : .little
        guard let plainTag = format.integer(at: 0, bytes: 2, order),
            let channels = format.integer(at: 2, bytes: 2, order),
            let rate = format.integer(at: 4, bytes: 4, order), let frame = format.integer(at: 12, bytes: 2, order),
            let bits = format.integer(at: 14, bytes: 2, order)
        else { throw Refusal(.truncated, expected: "a format chunk of 16 bytes", "\(format.count)") }
        var tag = plainTag
        if tag == 0xFFFE, format.dropFirst(26).elementsEqual(subformatTail) {
            tag = format.integer(at: 24, bytes: 2, order) ?? 0
        }
        return try coding(tag: tag, channels: channels, rate: rate, frame: frame, bits: bits, order, container)
    }

    /// The coding by WAVE's own numbers, which Wave64 shares.
    static func coding(
        tag: Int, channels: Int, rate: Int, frame: Int, bits: Int, _ order: ByteOrder, _ container: String
    ) throws(Refusal) -> SampleCoding {
        let bytes = (bits + 7) / 8
        let kind: SampleCoding.Kind
        switch tag {
        case 1: kind = bytes == 1 ? .unsigned : .signed
        case 3: kind = .float
        case 6: kind = .aLaw
        case 7: kind = .muLaw
        default:
            throw notAllowed("\(container) with coding \(codings[tag] ?? "tag 0x\(String(tag, radix: 16))")")
        }
        // Samples of 20 bits may stand in three bytes or in four; the frame's size tells.
        let inFrame = channels > 0 && frame % channels == 0 ? frame / channels : 0
        guard inFrame >= bytes,
            let coding = SampleCoding(
                inFrame == 1 && kind == .signed ? .unsigned : kind, bytesPerSample: inFrame, order: order,
                channels: channels, sampleRateHz: rate)
        else {
            let name = kind == .float ? "float" : "PCM"
            throw notAllowed(
                "\(container) with \(name) of \(bits) bits, \(channels) channels in \(frame) bytes per frame")
        }
        return coding
    }

    private static let knownChunks: Set<String> = [
        "fmt ", "data", "fact", "LIST", "bext", "cue ", "smpl", "inst", "id3 ", "ID3 ", "JUNK", "junk", "PAD ", "FLLR",
        "PEAK", "iXML", "cart", "ds64", "axml", "chna", "_PMX", "DISP", "minf", "elm1", "regn", "umid", "acid", "r64m",
    ]

    private static let subformatTail: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]

    private static let codings: [Int: String] = [
        2: "MS ADPCM", 0x11: "IMA ADPCM", 0x14: "G.723 ADPCM", 0x31: "GSM 6.10", 0x40: "G.721 ADPCM",
        0x50: "MPEG layer 2", 0x55: "MP3", 0xFF: "AAC", 0x161: "Windows Media Audio", 0x2000: "AC-3",
        0x674F: "Vorbis", 0x706D: "AAC",
    ]
}

// Apple's Core Audio Format: big-endian chunks of 64-bit lengths.

import AtomicFiles

/// Reads CAF headers.
enum CAFContainer {
    static func layout(of file: ByteView) throws(Refusal) -> AudioLayout {
        guard file.bytes(at: 4, count: 2) == [0, 1] else {
            throw Refusal(.notAudio, expected: allowedFormats, "CAF of a version that is not 1")
        }
        var coding: SampleCoding?
        var data: SoundData?
        var chunks = LongChunkWalk(
            file, from: 8, .init(headBytes: 12, sizePlace: 4, countsHead: false, order: .big, alignment: 1))
        while data == nil || coding == nil, let chunk = chunks.next() {
            switch chunk.name {
            case "desc": coding = try description(file.bytes(at: chunk.start, count: 32))
            // Four bytes count the edits before the samples.
            case "data": data = chunk.sound(after: 4, in: file)
            default: break
            }
        }
        guard let coding, let data else {
            throw Refusal.missingChunk(
                of: "a CAF file", "description", found: coding != nil, "data", bytes: file.count)
        }
        let (samples, warnings) = try data.located(in: file, coding)
        return AudioLayout(container: "CAF", content: .samples(coding, samples), warnings: warnings)
    }

    private static func description(_ chunk: [UInt8]) throws(Refusal) -> SampleCoding {
        guard let rateBits = chunk.integer(at: 0, bytes: 8, .big), let type = chunk.text(at: 8, count: 4),
            let flags = chunk.integer(at: 12, bytes: 4, .big), let packet = chunk.integer(at: 16, bytes: 4, .big),
            let channels = chunk.integer(at: 24, bytes: 4, .big), let bits = chunk.integer(at: 28, bytes: 4, .big)
        else { throw Refusal(.truncated, expected: "a description chunk of 32 bytes", "\(chunk.count)") }
        let rate = Double(bitPattern: UInt64(bitPattern: Int64(rateBits)))
        let kind: SampleCoding.Kind
        switch type {
        case "lpcm": kind = flags & 1 != 0 ? .float : .signed
        case "ulaw": kind = .muLaw
        case "alaw": kind = .aLaw
        default: throw notAllowed("CAF with \(codings[type] ?? "coding \"\(type.printable)\"")")
        }
        let bytes = channels > 0 && packet % channels == 0 ? packet / channels : 0
        guard channels <= 0xFFFF,
            let coding = SampleCoding(
                kind, bytesPerSample: bytes, order: flags & 2 != 0 ? .little : .big, channels: channels,
                sampleRateHz: rate >= 0 && rate < 1e9 ? Int(rate.rounded()) : 0)
        else { throw notAllowed("CAF with samples of \(bits) bits, \(channels) channels in \(packet) bytes") }
        return coding
    }

    private static let codings = [
        "aac ": "AAC", "alac": "Apple Lossless", "ima4": "IMA ADPCM", ".mp3": "MP3", ".mp2": "MPEG layer 2",
        "opus": "Opus", "flac": "FLAC", "MAC3": "MACE 3:1", "MAC6": "MACE 6:1", "ac-3": "AC-3",
    ]
}

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
        var offset = 8
        for _ in 0..<4096 where data == nil || coding == nil {
            let head = file.bytes(at: offset, count: 12)
            guard let name = head.text(at: 0, count: 4), let size = head.integer(at: 4, bytes: 8, .big) else { break }
            let start = offset + 12
            // -1, and other lengths that no file has, mean to the end; so does the 0 of a recorder without power.
            let isOpen = size < 0 || size >= 0x7FFF_0000 && size > file.count - start
            if name == "desc" {
                coding = try description(file.bytes(at: start, count: 32))
            } else if name == "data" {
                // Four bytes count the edits before the samples.
                let isCut = isOpen || size == 0 && start + 4 < file.count
                data = SoundData(start: start + 4, bytes: isCut ? nil : max(0, size - 4))
            }
            guard !isOpen else { break }
            offset = start + size
        }
        guard let coding, let data else {
            throw Refusal(
                .truncated, expected: "a CAF file with a description and a data chunk",
                "\(file.count) bytes without a \(coding == nil ? "description" : "data") chunk")
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

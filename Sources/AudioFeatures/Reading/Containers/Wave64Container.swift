// Sony's Wave64: WAV's chunks under names and lengths of 128 and 64 bits.

/// Reads Wave64 headers.
enum Wave64Container {
    static func layout(of file: ByteView) throws(Refusal) -> AudioLayout {
        guard file.bytes(at: 4, count: 12) == riffTail, file.bytes(at: 24, count: 16) == Array("wave".utf8) + tail
        else { throw Refusal(.notAudio, expected: allowedFormats, "data that begins with \"riff\"") }
        var coding: SampleCoding?
        var data: SoundData?
        var offset = 40
        // As many chunks as are looked at in WAV.
        for _ in 0..<4096 where data == nil || coding == nil {
            let head = file.bytes(at: offset, count: 24)
            guard let name = head.text(at: 0, count: 4), let size = head.integer(at: 16, bytes: 8, .little) else {
                break
            }
            // A chunk counts its own head; 0 and what is more than any file stand for a length not known.
            let isOpen = size <= 24 || size - 24 > file.count - offset && size >= 0x7FFF_0000
            let isKnown = head.dropFirst(4).prefix(12).elementsEqual(tail)
            if isKnown, name == "fmt ", !isOpen {
                coding = try format(file.bytes(at: offset + 24, count: min(40, size - 24)))
            } else if isKnown, name == "data" {
                let isEmpty = size == 24 && offset + 24 >= file.count
                data = SoundData(start: offset + 24, bytes: isOpen && !isEmpty ? nil : max(0, size - 24))
            }
            guard !isOpen else { break }
            offset += (size + 7) / 8 * 8
        }
        guard let coding, let data else {
            throw Refusal(
                .truncated, expected: "a Wave64 file with a format and a data chunk",
                "\(file.count) bytes without a \(coding == nil ? "format" : "data") chunk")
        }
        let (samples, warnings) = try data.located(in: file, coding)
        return AudioLayout(container: "Wave64", content: .samples(coding, samples), warnings: warnings)
    }

    private static func format(_ format: [UInt8]) throws(Refusal) -> SampleCoding {
        try WaveContainer.coding(ofFormat: format, "Wave64")
    }

    private static let riffTail: [UInt8] = [0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0, 0]
    private static let tail: [UInt8] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
}

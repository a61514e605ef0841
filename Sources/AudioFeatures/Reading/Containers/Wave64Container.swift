// Sony's Wave64: WAV's chunks under names and lengths of 128 and 64 bits.

/// Reads Wave64 headers.
enum Wave64Container {
    static func layout(of file: ByteView) throws(Refusal) -> AudioLayout {
        guard file.bytes(at: 4, count: 12) == riffTail, file.bytes(at: 24, count: 16) == Array("wave".utf8) + tail
        else { throw Refusal(.notAudio, expected: allowedFormats, "data that begins with \"riff\"") }
        var coding: SampleCoding?
        var data: SoundData?
        var chunks = LongChunkWalk(
            file, from: 40, .init(headBytes: 24, sizePlace: 16, countsHead: true, order: .little, alignment: 8))
        while data == nil || coding == nil, let chunk = chunks.next() {
            guard chunk.head.dropFirst(4).prefix(12).elementsEqual(tail) else { continue }
            switch (chunk.name, chunk.size) {
            case ("fmt ", let size?):
                coding = try WaveContainer.coding(
                    ofFormat: file.bytes(at: chunk.start, count: min(40, size)), "Wave64")
            case ("data", _): data = chunk.sound(in: file)
            default: break
            }
        }
        guard let coding, let data else {
            throw Refusal.missingChunk(
                of: "a Wave64 file", "format", found: coding != nil, "data", bytes: file.count)
        }
        let (samples, warnings) = try data.located(in: file, coding)
        return AudioLayout(container: "Wave64", content: .samples(coding, samples), warnings: warnings)
    }

    private static let riffTail: [UInt8] = [0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0, 0]
    private static let tail: [UInt8] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
}

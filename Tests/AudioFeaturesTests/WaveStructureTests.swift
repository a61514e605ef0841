// WAV files put together as programs do that have not read the specification.

import AudioFeatures
import GoldenFiles
import Testing

@Suite struct WaveStructureTests {
    private let sound = noise(1_000)

    /// The chunks of a plain file: its head, its format and its data.
    private var parts: (head: [UInt8], format: [UInt8], data: [UInt8]) {
        let bytes = WaveFile(sound).bytes
        return (Array(bytes[..<12]), Array(bytes[12..<36]), Array(bytes[36...]))
    }

    private func read(_ bytes: [UInt8]) throws -> Recording { try Recording(contentsOf: AudioInput(bytes: bytes)) }

    private func list(_ size: Int) -> [UInt8] {
        Array("LIST".utf8) + UInt32(size).littleEndianBytes + [UInt8](repeating: 0x41, count: size)
    }

    @Test func theFormatMayStandBehindTheSound() throws {
        let recording = try read(parts.head + parts.data + parts.format)
        #expect(recording.samples == sound)
        #expect(recording.warnings == [.formatAfterData])
    }

    @Test func ofTwoSoundsTheFirstIsRead() throws {
        let recording = try read(parts.head + parts.format + parts.data + parts.data)
        #expect(recording.samples == sound)
        #expect(recording.warnings == [.laterSoundIgnored(bytes: 4_000)])
    }

    @Test(arguments: [1, 7, 19]) func paddingMayBeForgotten(size: Int) throws {
        let recording = try read(parts.head + parts.format + list(size) + parts.data)
        #expect(recording.samples == sound)
        #expect(recording.warnings == [.paddingMissing])
        let padded = try read(parts.head + parts.format + list(size) + [0] + parts.data)
        #expect(padded.samples == sound)
        #expect(padded.warnings == [])
    }

    @Test func noLibrarysWordsReachTheUser() throws {
        for bytes in [parts.head + parts.data, parts.head + parts.format, parts.head + parts.format.dropLast(10)] {
            let error = try #require(throws: AudioFileError.self) { try read(bytes) }
            #expect(error.reason == .truncated)
            #expect(error.expected == "a WAV file with a format and a data chunk")
            #expect(!error.description.contains("SF_INFO") && !error.description.contains("Internal"))
        }
    }
}

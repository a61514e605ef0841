// A recording is whole, or is refused: one rule over all containers.

import AudioFeatures
import Foundation
import GoldenFiles
import Testing

@Suite struct WholenessTests {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    private func golden(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: GoldenFiles.path("audio/read/\(name)"))))
    }

    private func read(_ bytes: [UInt8]) throws -> Recording {
        try Recording(contentsOf: AudioInput(bytes: bytes), ReadingOptions(sampleRateHz: nil))
    }

    private func refusal(_ bytes: [UInt8]) throws -> AudioFileError {
        try #require(throws: AudioFileError.self) { try read(bytes) }
    }

    @Test(
        arguments: [
            "pcm_16.wav", "pcm_24.rifx", "pcm_16.rf64", "pcm_16.bw64", "pcm_24.w64", "float.caf", "float.aiff",
            "pcm_16.flac", "vorbis.ogg", "opus.ogg", "no-length.flac",
        ], [0.4, 0.6, 0.9])
    func aMissingTailIsRefused(file: String, kept: Double) throws {
        let whole = try golden(file)
        let error = try refusal(Array(whole.prefix(Int(kept * Double(whole.count)))))
        #expect(error.reason == .truncated, "\(error)")
        #expect(error.got.contains("truncated"))
    }

    /// Frames that are cut off, of 16,000 a second.
    @Test(arguments: ["pcm_16.wav", "pcm_16.rf64", "pcm_16.w64", "pcm_16.caf", "pcm_16.rifx"], [1, 159, 160, 800])
    func lessThanTenMillisecondsAreTolerated(file: String, missing: Int) throws {
        // Some writers put a chunk behind the sound; these do not.
        let cut = Array(try golden(file).dropLast(4 * missing))
        if missing < 160 {
            let recording = try read(cut)
            #expect(recording.samples.count == 1_600 - missing)
            #expect(recording.warnings == [.tailMissing(frames: missing)])
        } else {
            let error = try refusal(cut)
            #expect(error.expected == "1600 frames as its header says")
            #expect(error.got == "\(1_600 - missing) (\(missing) missing: the file is truncated)")
        }
    }

    @Test(arguments: [0, 0x7FFF_0000, 0x7FFF_F000, 0xFFFF_FFFF] as [UInt32])
    func aSizeThatIsNoneMeansToTheEnd(claim: UInt32) throws {
        let recording = try read(WaveFile(noise(500), claimedDataBytes: claim).bytes)
        #expect(recording.samples == noise(500))
        #expect(recording.warnings.contains(.lengthUnknown))
    }

    /// A size of 0 or of all ones in the place of the sound's.
    @Test(arguments: ["pcm_16.rf64", "pcm_16.caf", "pcm_16.w64"], [UInt8(0), 0xFF])
    func longSizesThatAreNoneMeanToTheEnd(file: String, filler: UInt8) throws {
        var bytes = try golden(file)
        let name = try #require(bytes.firstRange(of: Array("data".utf8)))
        // In RF64 behind "ds64" and the file's own size; in Wave64 behind the rest of the chunk's name.
        let place = file.hasSuffix("rf64") ? 28 : name.upperBound + (file.hasSuffix("w64") ? 12 : 0)
        bytes.replaceSubrange(place..<place + 8, with: [UInt8](repeating: filler, count: 8))
        let recording = try read(bytes)
        #expect(recording.samples.count == 1_600)
        #expect(recording.warnings == [.lengthUnknown])
    }

    @Test func anEmptyFileWithATagBehindItHoldsNoSound() throws {
        var bytes = WaveFile().bytes
        bytes += Array("LIST".utf8) + UInt32(4).littleEndianBytes + Array("INFO".utf8)
        #expect(try refusal(bytes).reason == .noSamples)
    }

    @Test(arguments: ["vorbis", "opus"]) func chainedStreamsAreReadToTheEnd(codec: String) throws {
        let one = try read(golden("\(codec).ogg"))
        let two = try read(golden("\(codec)-chained.ogg"))
        #expect(two.samples == one.samples + one.samples)
        #expect(two.warnings == [.chained(links: 2)])
        let cut = try refusal(Array(golden("\(codec)-chained.ogg").dropLast(200)))
        #expect(cut.reason == .truncated)
    }

    @Test func chainedStreamsThatDifferAreRefused() throws {
        let error = try refusal(golden("vorbis.ogg") + golden("opus.ogg"))
        #expect(error.reason == .formatNotAllowed)
        #expect(error.got == "Opus with 2 channels at 16000 Hz after Vorbis with 2 channels at 16000 Hz")
    }

    @Test func anOggStreamWithoutItsEndPageIsRefused() throws {
        let whole = try golden("vorbis.ogg")
        // Whole pages, but not the last.
        let last = try #require(whole.lastRange(of: Array("OggS".utf8)))
        let error = try refusal(Array(whole[..<last.lowerBound]))
        #expect(error.reason == .truncated)
        #expect(error.expected == "an Ogg file that goes on to its end-of-stream page")
    }

    @Test func anOggPageThatIsDamagedOrLostIsRefused() throws {
        var bytes = try golden("vorbis.ogg")
        bytes[bytes.count / 2] ^= 1
        #expect(try refusal(bytes).got.hasPrefix("a page with a wrong checksum"))
    }

    @Test func whatStandsBehindTheEndIsToldOf() throws {
        let tag = Array("TAG".utf8) + [UInt8](repeating: 0, count: 125)
        #expect(try read(golden("opus.ogg") + tag).warnings == [.bytesAfterEnd(128)])
        #expect(try read(golden("pcm_16.flac") + tag).samples.count == 1_600)
        #expect(try read(golden("no-length.flac") + tag).samples.count == 1_600)
    }

    @Test(arguments: ["pcm_16.flac", "no-length.flac", "pcm_16.wav", "opus.ogg"])
    func anID3TagIsSteppedOver(file: String) throws {
        let tag = Array("ID3\u{4}\0\0\0\0\u{1}\u{2}".utf8) + [UInt8](repeating: 0, count: 130)
        let tagged = try read(tag + golden(file))
        #expect(tagged.samples == (try read(golden(file)).samples))
        #expect(tagged.warnings.first == .tagSkipped(bytes: 140))
    }
}

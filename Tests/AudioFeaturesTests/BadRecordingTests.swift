// Files that are refused: each with one line that names it, what was expected and what was got.

import AudioFeatures
import Foundation
import GoldenFiles
import SystemPackage
import Testing

@Suite struct BadRecordingTests {
    private let folder: Scratch

    init() throws {
        folder = try Scratch()
    }

    private func refusal(_ path: String, limits: AudioLimits = AudioLimits()) throws -> AudioFileError {
        let error = try #require(throws: AudioFileError.self) { try Recording(contentsOf: path, limits: limits) }
        #expect(error.path == FilePath(path))
        #expect(!error.description.contains("\n"))
        return error
    }

    private func refusal(_ name: String, _ bytes: [UInt8]) throws -> AudioFileError {
        try refusal(try folder.write(name, bytes))
    }

    @Test func missing() throws {
        let error = try refusal("\(folder.path)/none.wav")
        #expect(error.reason == .missing)
        #expect(error.description.hasSuffix("none.wav: expected an audio file, got \"No such file or directory\""))
    }

    @Test func directory() throws {
        let error = try refusal(folder.path)
        #expect(error.reason == .notAFile)
        #expect(error.got == "a directory")
    }

    @Test func device() throws {
        #expect(try refusal("/dev/null").reason == .notAFile)
    }

    // Root may read everything.
    @Test(.enabled(if: geteuid() != 0)) func noPermission() throws {
        let path = try folder.write("secret.wav", WaveFile(noise(500)).bytes)
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
        #expect(try refusal(path).reason == .noPermission)
    }

    @Test func empty() throws {
        let error = try refusal("empty.wav", [])
        #expect(error.reason == .empty)
        #expect(error.got == "an empty file")
    }

    @Test func text() throws {
        let error = try refusal("notes.wav", Array("a tall red chair\n".utf8))
        #expect(error.reason == .notAudio)
        #expect(error.got == "text")
    }

    @Test func bytes() throws {
        #expect(try refusal("x.wav", [0, 1, 2, 3, 4]).got == "data that begins with 0x00010203")
        #expect(try refusal("x.wav", Array("%PDF-1.7".utf8)).got == "PDF")
    }

    @Test(arguments: [
        ("gsm610.wav", "WAV with coding GSM 6.10"), ("ima_adpcm.wav", "WAV with coding IMA ADPCM"),
        ("ima_adpcm.w64", "Wave64 with coding IMA ADPCM"), ("ms_adpcm.wav", "WAV with coding MS ADPCM"),
        ("ima_adpcm.aiff", "AIFF with compression \"ima4\""), ("alac_16.caf", "CAF with Apple Lossless"),
    ])
    func codingsNotOnTheList(file: String, name: String) throws {
        let error = try refusal(GoldenFiles.path("audio/refused/\(file)"))
        #expect(error.reason == .formatNotAllowed)
        #expect(error.expected == "WAV, AIFF or CAF (PCM, float, mu-law or A-law), FLAC, Ogg Vorbis or Ogg Opus")
        #expect(error.got == name)
    }

    @Test(arguments: [("mpeg_layer_iii.mp3", "MP3"), ("pcm_16.au", "Sun AU")])
    func containersNotOnTheList(file: String, name: String) throws {
        let error = try refusal(GoldenFiles.path("audio/refused/\(file)"))
        #expect(error.reason == .formatNotAllowed)
        #expect(error.got == name)
    }

    @Test(
        arguments: [
            ([0xFF, 0xF1, 0x50, 0x80], "AAC (ADTS)"), ([0xFF, 0xFB, 0x90, 0x64], "MP3"),
            ([0xFF, 0xFD, 0x84, 0x00], "MPEG layer 2"),
            (Array("ID3\u{4}\0\0\0\0\0\u{2}..".utf8) + [0xFF, 0xFB, 0x90, 0], "MP3"),
            (Array("\0\0\0\u{18}ftypM4A ".utf8), "MP4 or M4A"),
            (Array("RIFF....AVI LIST".utf8), "RIFF that is \"AVI \" and not WAV"),
            (Array("#!AMR\n".utf8), "AMR"), (Array("riff....".utf8), "text"),
        ] as [([UInt8], String)])
    func formatsAreNamedRightly(bytes: [UInt8], name: String) throws {
        #expect(try refusal("x.wav", bytes).got == name)
    }

    @Test func truncatedWave() throws {
        let whole = WaveFile(noise(16_000)).bytes
        let error = try refusal("cut.wav", Array(whole.dropLast(4 * 7_000)))
        #expect(error.reason == .truncated)
        #expect(
            error.description.hasSuffix(
                "cut.wav: expected 16000 frames as its header says, got 9000 (7000 missing: the file is truncated)"))
    }

    @Test(arguments: ["pcm_16.wav", "float.aiff", "pcm_16.flac", "pcm_24.wav"], [0.15, 0.5, 0.9])
    func truncated(file: String, kept: Double) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: GoldenFiles.path("audio/read/\(file)")))
        let error = try refusal(file, Array(whole.prefix(Int(kept * Double(whole.count)))))
        #expect(error.reason == .truncated || error.reason == .decodingFailed, "\(error)")
    }

    /// Wherever a file is cut, it is refused or read; nothing worse.
    @Test(arguments: ["pcm_s8.flac", "opus.ogg", "vorbis.ogg", "pcm_u8.wav", "pcm_s8.aiff"])
    func cutAnywhere(file: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: GoldenFiles.path("audio/read/\(file)")))
        for length in stride(from: 1, to: whole.count, by: 29) {
            let path = try folder.write("cut-\(file)", Array(whole.prefix(length)))
            do { _ = try Recording(contentsOf: path) } catch { #expect(error.path == FilePath(path)) }
        }
    }

    @Test(arguments: ["pcm_s8.flac", "opus.ogg", "vorbis.ogg", "pcm_16.wavex", "sowt.aiff"])
    func flippedBytes(file: String) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: GoldenFiles.path("audio/read/\(file)")))
        for offset in 0..<120 {
            var bytes = Array(whole)
            bytes[offset] ^= UInt8(truncatingIfNeeded: 1 << (offset % 8) | 0x40)
            let path = try folder.write("bad-\(file)", bytes)
            do { _ = try Recording(contentsOf: path) } catch { #expect(error.path == FilePath(path)) }
        }
    }

    @Test func noSamples() throws {
        let error = try refusal("nothing.wav", WaveFile().bytes)
        #expect(error.reason == .noSamples)
        #expect(error.description.hasSuffix("expected sound, got no samples"))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func notFinite(value: Float) throws {
        var samples = noise(40_000)
        samples[2 * 12_345 + 1] = value
        let error = try refusal("nan.wav", WaveFile(samples, channels: 2).bytes)
        #expect(error.reason == .notFinite)
        #expect(error.got == "\(value) at frame 12345, channel 2")
    }

    @Test func tooManyChannels() throws {
        let error = try refusal("wide.wav", WaveFile(noise(330), channels: 33).bytes)
        #expect(error.reason == .outsideLimits)
        #expect(error.description.hasSuffix("expected 1 to 32 channels, got 33"))
    }

    @Test(arguments: [1, 999, 768_001, 2_000_000_000]) func absurdRate(rateHz: Int) throws {
        let error = try refusal("rate.wav", WaveFile(noise(500), sampleRateHz: rateHz).bytes)
        #expect(error.reason == .outsideLimits || error.reason == .decodingFailed)
    }

    @Test func tooLong() throws {
        let path = try folder.write("long.wav", WaveFile(noise(16_000 * 3)).bytes)
        let error = try refusal(path, limits: AudioLimits(duration: .seconds(2)))
        #expect(error.reason == .outsideLimits)
        #expect(error.description.hasSuffix("expected at most 2 s of sound, got 3 s"))
    }

    @Test func withoutDataChunk() throws {
        #expect(try refusal("head.wav", Array(WaveFile().bytes.prefix(36))).reason == .truncated)
        #expect(try refusal("head.wav", Array(WaveFile().bytes.prefix(12))).reason == .truncated)
    }
}

// Files that are read: every format, mixing, resampling, and headers that do not know the length.

@testable import AudioFeatures
import Foundation
import GoldenFiles
import Testing

@Suite struct RecordingTests {
    @Test(
        arguments: [
            ("pcm_u8.wav", "WAV", "unsigned 8-bit PCM", 8e-3), ("pcm_16.wav", "WAV", "16-bit PCM", 3.1e-5),
            ("pcm_24.wav", "WAV", "24-bit PCM", 3e-7), ("pcm_32.wav", "WAV", "32-bit PCM", 1e-7),
            ("float.wav", "WAV", "float", 1e-7), ("double.wav", "WAV", "double", 1e-7),
            ("pcm_16.wavex", "WAV", "16-bit PCM", 3.1e-5), ("float.wavex", "WAV", "float", 1e-7),
            ("pcm_s8.aiff", "AIFF", "8-bit PCM", 8e-3), ("pcm_16.aiff", "AIFF", "16-bit PCM", 3.1e-5),
            ("pcm_24.aiff", "AIFF", "24-bit PCM", 3e-7), ("pcm_32.aiff", "AIFF", "32-bit PCM", 1e-7),
            ("float.aiff", "AIFF", "float", 1e-7), ("double.aiff", "AIFF", "double", 1e-7),
            ("sowt.aiff", "AIFF", "16-bit PCM", 3.1e-5), ("pcm_s8.flac", "FLAC", "8-bit PCM", 8e-3),
            ("pcm_16.flac", "FLAC", "16-bit PCM", 3.1e-5), ("pcm_24.flac", "FLAC", "24-bit PCM", 3e-7),
            ("vorbis.ogg", "Ogg", "Vorbis", 0.02), ("opus.ogg", "Ogg", "Opus", 0.2),
            ("ulaw.wav", "WAV", "mu-law", 0.012), ("alaw.wav", "WAV", "A-law", 0.012),
            ("ulaw.aiff", "AIFF", "mu-law", 0.012), ("alaw.aiff", "AIFF", "A-law", 0.012),
            ("pcm_16.rf64", "RF64", "16-bit PCM", 3.1e-5), ("float.rf64", "RF64", "float", 1e-7),
            ("ulaw.rf64", "RF64", "mu-law", 0.012), ("pcm_16.bw64", "BW64", "16-bit PCM", 3.1e-5),
            ("pcm_16.rifx", "RIFX", "16-bit PCM", 3.1e-5), ("pcm_24.rifx", "RIFX", "24-bit PCM", 3e-7),
            ("float.rifx", "RIFX", "float", 1e-7), ("pcm_u8.w64", "Wave64", "unsigned 8-bit PCM", 8e-3),
            ("pcm_16.w64", "Wave64", "16-bit PCM", 3.1e-5), ("pcm_24.w64", "Wave64", "24-bit PCM", 3e-7),
            ("double.w64", "Wave64", "double", 1e-7), ("alaw.w64", "Wave64", "A-law", 0.012),
            ("pcm_s8.caf", "CAF", "8-bit PCM", 8e-3), ("pcm_16.caf", "CAF", "16-bit PCM", 3.1e-5),
            ("pcm_24.caf", "CAF", "24-bit PCM", 3e-7), ("pcm_32.caf", "CAF", "32-bit PCM", 1e-7),
            ("float.caf", "CAF", "float", 1e-7), ("float-little.caf", "CAF", "float", 1e-7),
            ("double.caf", "CAF", "double", 1e-7), ("ulaw.caf", "CAF", "mu-law", 0.012),
            ("alaw.caf", "CAF", "A-law", 0.012),
        ] as [(String, String, String, Float)])
    func reads(file: String, container: String, encoding: String, tolerance: Float) throws {
        let recording = try Recording(contentsOf: GoldenFiles.path("audio/read/\(file)"))
        #expect(
            recording.source
                == AudioFormat(
                    container: container, encoding: encoding, channels: 2, sampleRateHz: 16_000, frames: 1_600))
        #expect(recording.samples.count == 1_600)
        #expect(recording.duration == .milliseconds(100))
        // The mean of 0.5 and 0.25. (Opus codes the first and last milliseconds of so short a sound badly.)
        let differences = recording.samples.enumerated().map { index, sample in
            abs(sample - Float(0.375 * sin(2 * Double.pi * 440 * Double(index) / 16_000)))
        }
        #expect(differences.max()! <= tolerance, "largest difference \(differences.max()!)")
    }

    @Test(arguments: [8_000, 22_050, 44_100, 48_000, 96_000, 767_999]) func resamples(rateHz: Int) throws {
        let folder = try Scratch()
        func tone(_ rate: Int, _ count: Int) -> [Float] {
            (0..<count).map { Float(0.5 * sin(2 * Double.pi * 1_000 * Double($0) / Double(rate))) }
        }
        let path = try folder.write("tone.wav", WaveFile(tone(rateHz, rateHz / 2), sampleRateHz: rateHz).bytes)
        let recording = try Recording(contentsOf: path)
        let expected = tone(16_000, 8_000)
        #expect(abs(recording.samples.count - 8_000) <= 1)
        // Away from the ends, where the filter sees the silence outside.
        let differences = (800..<7_200).map { abs(recording.samples[$0] - expected[$0]) }
        #expect(differences.max()! < 1e-4, "largest difference \(differences.max()!)")
    }

    @Test func keepsTheRateAskedFor() throws {
        let recording = try Recording(contentsOf: GoldenFiles.path("audio/read/float.wav"), sampleRateHz: 24_000)
        #expect(recording.sampleRateHz == 24_000)
        #expect(recording.samples.count == 2_400)
    }

    @Test func thirtyTwoChannels() throws {
        let folder = try Scratch()
        let frames = (0..<100).flatMap { frame in (0..<32).map { Float(frame) / 100 + Float($0) / 1_000 } }
        let recording = try Recording(
            contentsOf: try folder.write("wide.wav", WaveFile(frames, channels: 32).bytes))
        #expect(recording.samples.count == 100)
        #expect(abs(recording.samples[50] - 0.5155) < 1e-6)
    }

    /// What programs write into a pipe: the length is not known when the header is.
    @Test(arguments: [0x7FFF_F000, 0xFFFF_FFFF] as [UInt32]) func streamsWithoutLength(claim: UInt32) throws {
        let folder = try Scratch()
        let wave = WaveFile(noise(500), claimedDataBytes: claim)
        #expect(try Recording(contentsOf: try folder.write("stream.wav", wave.bytes)).samples.count == 500)
    }

    @Test func everySampleRecordingIsRead() throws {
        let folder = GoldenFiles.path("../../audio-samples")
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where !file.hasSuffix(".jsonl") {
            let recording = try Recording(contentsOf: "\(folder)/\(file)")
            #expect(recording.duration > .seconds(1) && recording.duration < .seconds(5), "\(file)")
        }
    }
}

// Sound that goes on: utterances as they end, and a recorder's bytes as they come.

import GoldenFiles
import SystemPackage
import Tensors
import Testing

@testable import AudioFeatures

private let rate = 16_000

struct UtteranceDetectorTests {
    private func voice(_ name: String) throws -> [Float] {
        try Recording(contentsOf: GoldenFiles.root + "/audio-samples/" + name).samples
    }

    private func silence(_ seconds: Double, noise: Float = 0.0005) -> [Float] {
        scattered(Int(seconds * Double(rate)), seed: 7).values.map { $0 * noise }
    }

    private func heard(
        _ samples: [Float], block: Int = 1_600, pause: Double = 0.6, longest: Double = 30
    ) -> [UtteranceDetector.Utterance] {
        var detector = UtteranceDetector(
            sampleRateHz: rate, splitting: UtteranceSplitting(pauseSeconds: pause),
            longestSamples: Int(longest * Double(rate)))
        var utterances: [UtteranceDetector.Utterance] = []
        for start in stride(from: 0, to: samples.count, by: block) {
            utterances += detector.append(Array(samples[start..<min(samples.count, start + block)]))
        }
        if let last = detector.finish() { utterances.append(last) }
        return utterances
    }

    @Test(arguments: [Float(0), 0.0005, 0.005]) func `a silence ends an utterance`(noise: Float) throws {
        let (first, second) = (try voice("tall-red-chair.wav"), try voice("brown-table.flac"))
        let samples = silence(1, noise: noise) + first + silence(1.2, noise: noise) + second + silence(1, noise: noise)
        let utterances = heard(samples)
        try #require(utterances.count == 2)
        let (begins, ends) = (1.0 + Double(first.count) / Double(rate), 2.2 + Double(first.count) / Double(rate))
        #expect(utterances[0].seconds.lowerBound > 0.5 && utterances[0].seconds.upperBound < begins + 0.4)
        #expect(utterances[1].seconds.lowerBound > ends - 0.6)
        for utterance in utterances {
            let range = utterance.seconds
            #expect(utterance.samples.count == Int(((range.upperBound - range.lowerBound) * Double(rate)).rounded()))
            let from = Int((range.lowerBound * Double(rate)).rounded())
            #expect(utterance.samples == Array(samples[from..<from + utterance.samples.count]))
        }
    }

    @Test func `how sound is cut into blocks changes nothing`() throws {
        let samples = silence(0.7) + (try voice("red-ball.flac")) + silence(1) + (try voice("cyan-donut.flac"))
        let whole = heard(samples)
        try #require(whole.count == 2)
        for block in [1, 77, 4_096, samples.count] where block > 1 || samples.count < 200_000 {
            let parts = heard(samples, block: block)
            #expect(parts.map(\.seconds) == whole.map(\.seconds), "\(block)")
        }
    }

    @Test func `a pause for breath ends nothing, and a click is no utterance`() throws {
        let samples =
            silence(1) + (try voice("tall-red-chair.wav")) + silence(0.3) + (try voice("brown-table.flac"))
            + silence(1) + [Float](repeating: 0.8, count: 80) + silence(1.5)
        #expect(heard(samples).count == 1)
        #expect(heard(silence(5)).isEmpty)
    }

    @Test func `talk without an end is cut where it is quietest, and nothing of it is lost`() throws {
        let talk = Array(repeatElement(try voice("tall-red-chair.wav") + silence(0.2), count: 6).joined())
        let utterances = heard(silence(1) + talk + silence(1), longest: 5)
        try #require(utterances.count >= 3)
        #expect(utterances.allSatisfy { $0.samples.count <= 5 * rate })
        for (one, next) in zip(utterances, utterances.dropFirst()) {
            #expect(one.seconds.upperBound <= next.seconds.lowerBound)
            #expect(next.seconds.lowerBound - one.seconds.upperBound < 0.6)
        }
    }

    @Test func `what is said so far grows until it ends`() throws {
        var detector = UtteranceDetector(
            sampleRateHz: rate, splitting: UtteranceSplitting(pauseSeconds: 0.6), longestSamples: 30 * rate)
        var (grown, ended): ([Int], Int) = ([], 0)
        let samples = silence(1) + (try voice("tall-red-chair.wav")) + silence(1)
        for start in stride(from: 0, to: samples.count, by: 3_200) {
            ended += detector.append(Array(samples[start..<min(samples.count, start + 3_200)])).count
            if let growing = detector.growing { grown.append(growing.count) }
        }
        #expect(ended == 1 && grown.count > 4 && grown == grown.sorted())
        #expect(detector.growing == nil && !detector.isSpeaking && detector.level < -40)
    }
}

struct SoundStreamTests {
    private func samples(_ bytes: [UInt8], block: Int = 1_000, plainRateHz: Int = rate) throws -> [Float] {
        let stream = SoundStream(name: "pipe", sampleRateHz: rate, plainRateHz: plainRateHz)
        var samples: [Float] = []
        for start in stride(from: 0, to: bytes.count, by: block) {
            try stream.append(bytes[start..<min(bytes.count, start + block)], to: &samples)
        }
        try stream.finish(into: &samples)
        return samples
    }

    private let tone = scattered(700, seed: 3).values.map { $0 * 0.5 }

    private func isNear(_ one: [Float], _ other: [Float]) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { abs($0 - $1) < 1e-4 }
    }

    @Test(arguments: [1, 3, 44, 4_000]) func `a WAV file is heard however it is cut`(block: Int) throws {
        #expect(try samples(WaveFile(tone).bytes, block: block) == tone)
        #expect(isNear(try samples(WaveFile(tone, coding: .pcm16).bytes, block: block), tone))
    }

    @Test func `files that follow each other are one sound, and what stands between them is none`() throws {
        let one = WaveFile(tone, coding: .pcm16).bytes
        let list = Array("LIST".utf8) + [5, 0, 0, 0] + Array("INFOx".utf8) + [0]
        #expect(isNear(try samples(one + list + one), tone + tone))
    }

    @Test(arguments: [UInt32(0), 0x7FFF_FFFF, 0xFFFF_FFFF]) func `a length that nobody can know is none`(
        claimed: UInt32
    ) throws {
        let bytes = WaveFile(tone, coding: .pcm16).bytes
        let size = claimed.littleEndianBytes
        #expect(isNear(try samples(Array(bytes[..<40]) + size + bytes[44...]), tone))
    }

    @Test func `channels are mixed`() throws {
        let both = tone.flatMap { [$0, Float(0)] }
        #expect(try samples(WaveFile(both, channels: 2).bytes) == tone.map { $0 / 2 })
    }

    @Test func `other rates are resampled`() throws {
        let count = try samples(WaveFile(tone + tone, sampleRateHz: 48_000).bytes).count
        #expect(abs(count - 1_400 / 3) < 4)
        let plain = Array(WaveFile(tone + tone, coding: .pcm16).bytes[44...])
        #expect(abs(try samples(plain, plainRateHz: 8_000).count - 2_800) < 4)
    }

    @Test func `plain samples and AU are told by their first bytes`() throws {
        let wave = WaveFile(tone, coding: .pcm16).bytes
        #expect(isNear(try samples(Array(wave[44...])), tone))
        let head: [UInt32] = [28, 0xFFFF_FFFF, 3, UInt32(rate), 1, 0]
        var au = Array(".snd".utf8) + head.flatMap { $0.bigEndian.littleEndianBytes }
        for place in stride(from: 44, to: wave.count, by: 2) { au += [wave[place + 1], wave[place]] }
        #expect(isNear(try samples(au), tone))
        #expect(try samples([0, 64, 0]) == [0.5])
    }

    @Test func `a header that says what is not read is refused by name`() {
        var bytes = WaveFile(tone, coding: .pcm16).bytes
        bytes[20] = 17  // ADPCM
        let error = #expect(throws: AudioFileError.self) { try samples(bytes) }
        #expect(error?.reason == .formatNotAllowed && error?.path == "pipe")
        bytes[20] = 1
        bytes[22] = 99  // channels
        #expect(throws: AudioFileError.self) { try samples(bytes) }
        let endless = Array("RIFF\u{0}\u{0}\u{0}\u{0}WAVEfmt ".utf8) + [255, 255, 255, 127]
        #expect(throws: AudioFileError.self) { try samples(endless) }
        #expect(throws: AudioFileError.self) { try samples(WaveFile([.nan]).bytes) }
    }
}

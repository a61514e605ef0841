// Silence splits a recording into utterances, and nothing else does.

import AudioFeatures
import GoldenFiles
import Tensors
import Testing

struct UtteranceTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let rate = 16_000

    private func voice(_ name: String) throws -> [Float] {
        try Recording(contentsOf: GoldenFiles.root + "/audio-samples/" + name).samples
    }

    private func silence(_ seconds: Double, noise: Float = 0, seed: UInt32 = 7) -> [Float] {
        scattered(Int(seconds * Double(Self.rate)), seed: seed).values.map { $0 * noise }
    }

    private func utterances(
        _ samples: [Float], splitting: UtteranceSplitting = UtteranceSplitting(), longest: Double = 30
    ) throws -> UtteranceReader {
        let path = try scratch.write("recording.wav", WaveFile(samples, coding: .pcm16).bytes)
        return try UtteranceReader(
            contentsOf: path, splitting: splitting, longestSamples: Int(longest * Double(Self.rate)))
    }

    @Test(arguments: ["tall-red-chair.wav", "yellow-lamp.flac", "white-mug.ogg", "noise.flac", "silence.wav"])
    func `a recording of one description, of noise or of silence is taken whole`(name: String) throws {
        let samples = try voice(name)
        #expect(try utterances(samples).utterances == [0..<samples.count])
    }

    @Test(arguments: [Float(0), 0.001, 0.01]) func `a silence of more than a second splits`(noise: Float) throws {
        let (first, second) = (try voice("tall-red-chair.wav"), try voice("brown-table.flac"))
        var samples = first + silence(1.4) + second
        for (index, value) in silence(Double(samples.count) / Double(Self.rate), noise: noise).enumerated() {
            samples[index] += value
        }
        let reader = try utterances(samples)
        try #require(reader.utterances.count == 2)
        let gap = first.count..<first.count + silence(1.4).count
        #expect(gap.contains(reader.utterances[0].upperBound) || reader.utterances[0].upperBound <= gap.lowerBound)
        #expect(reader.utterances[1].lowerBound >= gap.lowerBound)
        #expect(reader.utterances[1].lowerBound <= gap.upperBound + Self.rate / 2)
    }

    @Test func `a pause for breath does not split, unless asked to`() throws {
        let samples = try voice("tall-red-chair.wav") + silence(0.4) + voice("brown-table.flac")
        #expect(try utterances(samples).utterances.count == 1)
        #expect(try utterances(samples, splitting: UtteranceSplitting(pauseSeconds: 0.3)).utterances.count >= 2)
    }

    @Test func `a click between two utterances is none`() throws {
        let click = [Float](repeating: 0.8, count: 80)
        let samples =
            try voice("tall-red-chair.wav") + silence(1.5) + click + silence(1.5) + voice("brown-table.flac")
        #expect(try utterances(samples).utterances.count == 2)
    }

    @Test func `a quiet speaker after a loud one is heard`() throws {
        let samples =
            try voice("tall-red-chair.wav") + silence(2) + voice("brown-table.flac").map { $0 * 0.06 }
        #expect(try utterances(samples).utterances.count == 2)
    }

    @Test func `a recording too long for memory gives the same utterances in a second reading`() throws {
        var samples: [Float] = []
        for name in ["tall-red-chair.wav", "brown-table.flac", "cyan-donut.flac", "red-ball.flac"] {
            samples += try voice(name) + silence(1.7, noise: 0.0005)
        }
        let whole = try utterances(samples)
        let streamed = try utterances(samples, longest: 3)
        #expect(whole.utterances == streamed.utterances)
        #expect(whole.utterances.count == 4)
        var cut: [[Float]] = []
        try whole.forEach { _, samples in cut.append(samples) }
        try streamed.forEach { number, samples in #expect(samples == cut[number]) }
        #expect(cut.map(\.count) == whole.utterances.map(\.count))
    }

    @Test func `half an hour is read in blocks and split`() throws {
        let phrase = try voice("cyan-donut.flac")
        let period = 30 * Self.rate
        var samples = [Float](repeating: 0, count: 29 * 60 * Self.rate)
        for start in stride(from: Self.rate, to: samples.count - phrase.count, by: period) {
            samples.replaceSubrange(start..<start + phrase.count, with: phrase)
        }
        let reader = try utterances(samples)
        #expect(reader.utterances.count == 58)
        var seen = 0
        try reader.forEach { number, samples in
            seen += 1
            #expect(samples.count < 4 * Self.rate)
            let start = Self.rate + number * period
            #expect(abs(reader.utterances[number].lowerBound - start) < Self.rate / 2)
        }
        #expect(seen == 58)
    }

    @Test func `talk without a long pause is split at its best ones`() throws {
        let phrase = try voice("tall-red-chair.wav")
        // Sentences with hardly a pause between them, and one pause of 0.4 s, where it is split.
        var samples: [Float] = []
        var ends: [Int] = []
        while samples.count < 34 * Self.rate {
            samples += phrase
            let isLong = ends.count == 0 && samples.count > 12 * Self.rate
            if isLong { ends.append(samples.count) }
            samples += silence(isLong ? 0.4 : 0.05)
        }
        let reader = try utterances(samples)
        try #require(reader.utterances.count == 2)
        #expect(reader.utterances[0].upperBound == reader.utterances[1].lowerBound)
        #expect((ends[0]...ends[0] + Int(0.4 * Double(Self.rate))).contains(reader.utterances[0].upperBound))
    }

    @Test func `sound without any pause is split and never refused`() throws {
        let samples = scattered(95 * Self.rate, seed: 3).values.enumerated().map { index, value in
            // Quietest at 20 s, 40 s, ... of a loudness that goes up and down.
            value * (index / Self.rate % 20 == 0 ? 0.02 : 0.3)
        }
        let reader = try utterances(samples)
        #expect(reader.utterances.count >= 4)
        #expect(reader.utterances.allSatisfy { $0.count <= 30 * Self.rate && !$0.isEmpty })
        #expect(reader.utterances == (try utterances(samples)).utterances)
        #expect(zip(reader.utterances, reader.utterances.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    }
}

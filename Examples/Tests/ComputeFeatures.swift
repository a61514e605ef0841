// The features alone: whole, streamed, and drawn.

import AudioFeatures
import Pictures
import Testing

@Suite struct ComputeFeatures {
    @Test func `a recording's log-mel spectrogram, as Whisper wants it`() throws {
        let recording = try Recording(contentsOf: sample("tall-red-chair.wav"))
        let extractor = try FeatureExtractor(.whisper())
        let features = try extractor(recording.samples)

        #expect(features.features == 80)
        #expect(features.frames == recording.samples.count / 160)
    }

    @Test func `a microphone's samples, as they come`() throws {
        let samples = try Recording(contentsOf: sample("tall-red-chair.wav")).samples
        let extractor = try FeatureExtractor(.kaldiFilterBank())

        var stream = extractor.stream()
        var rows: [Float] = []
        for start in stride(from: 0, to: samples.count, by: 1_600) {
            stream.append(Array(samples[start..<min(start + 1_600, samples.count)]), into: &rows)
        }
        try stream.finish(into: &rows)

        #expect(try rows == extractor(samples).values)
    }
}

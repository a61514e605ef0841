// Signals that come in chunks give what they give in one piece.

import AudioFeatures
import Testing

@Suite struct FeatureStreamTests {
    /// All rows of a stream fed by chunks of the given sizes, over and over.
    private func rows(
        _ extractor: FeatureExtractor, _ samples: [Float], chunks: [Int], statistics: FeatureStatistics?
    ) throws -> (rows: [Float], statistics: FeatureStatistics) {
        var stream = extractor.stream(statistics: statistics)
        var rows: [Float] = []
        var start = 0
        var turn = 0
        while start < samples.count {
            let end = min(samples.count, start + chunks[turn % chunks.count])
            stream.append(Array(samples[start..<end]), into: &rows)
            start = end
            turn += 1
        }
        try stream.finish(into: &rows)
        return (rows, stream.statistics)
    }

    @Test(arguments: GoldenKind.all, [[1], [160], [7, 1_000, 33, 0, 20_000], [100_000]])
    func chunksMakeNoDifference(kind: GoldenKind, chunks: [Int]) throws {
        let extractor = try FeatureExtractor(kind.configuration)
        for count in [4_321, chunks == [1] ? 5_000 : 70_001] {
            let samples = noise(count, seed: 5)
            let whole = try extractor(samples)
            var statistics: FeatureStatistics?
            if kind.configuration.normalisation.isOverWholeRecording {
                statistics = try rows(extractor, samples, chunks: chunks, statistics: nil).statistics
            }
            let streamed = try rows(extractor, samples, chunks: chunks, statistics: statistics).rows
            #expect(streamed.count == whole.values.count, "\(kind.file), \(count)")
            #expect(streamed == whole.values, "\(kind.file), \(count)")
        }
    }

    @Test func withoutStatisticsWhisperIsNotClamped() throws {
        var samples = noise(16_000)
        for i in 0..<8_000 { samples[i] *= 1e-6 }
        let extractor = try FeatureExtractor(.whisper())
        let streamed = try rows(extractor, samples, chunks: [500], statistics: nil)
        let floor = (streamed.statistics.loudest - 8 + 4) / 4
        #expect(streamed.rows.map { max($0, floor) } == (try extractor(samples)).values)
        #expect(streamed.rows.contains { $0 < floor })
    }

    @Test func tooLittleIsAnError() throws {
        let extractor = try FeatureExtractor(.kaldiFilterBank())
        let error = #expect(throws: SpectrogramError.self) {
            try rows(extractor, noise(399), chunks: [50], statistics: nil)
        }
        #expect(error == SpectrogramError(expected: "at least 400 samples at 16000 Hz", got: "399"))
    }
}

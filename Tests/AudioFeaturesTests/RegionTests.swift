// Channels, regions, qualities: which part of a file is read.

import AudioFeatures
import GoldenFiles
import Testing

@Suite struct RegionTests {
    private let folder: Scratch
    private let path: String
    private let rate = 8_000

    /// Two channels of one number per frame: n / 100,000 and its negative, for 25 s.
    init() throws {
        folder = try Scratch()
        let frames = (0..<200_000).flatMap { [Float($0) / 100_000, -Float($0) / 50_000] }
        path = try folder.write("count.wav", WaveFile(frames, channels: 2, sampleRateHz: 8_000).bytes)
    }

    private func samples(_ options: ReadingOptions) throws -> [Float] {
        try Recording(contentsOf: path, options).samples
    }

    @Test func aChannelIsTaken() throws {
        #expect(try samples(ReadingOptions(sampleRateHz: nil, channel: .number(1)))[5] == 5 / 100_000)
        #expect(try samples(ReadingOptions(sampleRateHz: nil, channel: .number(2)))[5] == -5 / 50_000)
        let each = ReadingOptions(sampleRateHz: nil, channel: .each)
        #expect(try each.each(of: 2).map { try samples($0)[5] } == [5 / 100_000, -5 / 50_000])
        let both = try #require(throws: AudioFileError.self) { try samples(each) }
        #expect(both.got == "each of 2 channels at once")
        let error = try #require(throws: AudioFileError.self) { try samples(ReadingOptions(channel: .number(3))) }
        #expect(error.description.hasSuffix("expected a channel from 1 to 2, got 3"))
    }

    @Test(arguments: [(0.0, 1.0), (1.5, 3.25), (8.0, 20.0), (24.9, 30.0)]) func aRegionIsTaken(from: Double, to: Double)
        throws
    {
        let whole = try Recording(contentsOf: path, ReadingOptions(sampleRateHz: nil))
        #expect(whole.sampleRateHz == rate && whole.samples.count == 200_000)
        let part = try Recording(
            contentsOf: path, ReadingOptions(sampleRateHz: nil, start: .seconds(from), end: .seconds(to)))
        let range = Int(from * 8_000)..<min(200_000, Int(to * 8_000))
        #expect(part.samples == Array(whole.samples[range]))
        #expect(part.source.frames == range.count)
    }

    @Test func aRegionOutsideIsAnError() throws {
        let late = try #require(throws: AudioFileError.self) { try samples(ReadingOptions(start: .seconds(25))) }
        #expect(late.reason == .outsideLimits && late.got == "one that begins at 25.0 s")
        let empty = #expect(throws: AudioFileError.self) {
            try samples(ReadingOptions(start: .seconds(2), end: .seconds(2)))
        }
        #expect(empty?.reason == .outsideLimits && empty?.expected == "a region that ends after 2.0 s")
        let early = #expect(throws: AudioFileError.self) { try samples(ReadingOptions(start: .seconds(-2))) }
        #expect(early?.reason == .outsideLimits && early?.got == "-2.0 s")
    }

    @Test func aRegionOfALongFileIsRead() throws {
        let limits = AudioLimits(duration: .seconds(5))
        let part = ReadingOptions(sampleRateHz: nil, start: .seconds(10), end: .seconds(14), limits: limits)
        #expect(try samples(part).count == 32_000)
        for options in [ReadingOptions(limits: limits), ReadingOptions(start: .seconds(10), limits: limits)] {
            let error = #expect(throws: AudioFileError.self) { try samples(options) }
            #expect(error?.reason == .outsideLimits)
        }
    }

    @Test func everyQualityResamples() throws {
        for quality in ResamplingQuality.allCases {
            let count = try samples(ReadingOptions(sampleRateHz: 16_000, resampling: quality)).count
            #expect(abs(count - 400_000) <= 2, "\(quality)")
        }
    }

    @Test func blocksAreTheRecording() throws {
        var blocks = try RecordingBlocks(contentsOf: path, ReadingOptions(sampleRateHz: 11_025))
        var all: [Float] = []
        var largest = 0
        var block: [Float] = []
        while try blocks.next(into: &block) {
            all += block
            largest = max(largest, block.count)
            block.removeAll(keepingCapacity: true)
        }
        #expect(all == (try samples(ReadingOptions(sampleRateHz: 11_025))))
        #expect(largest < 100_000)
    }

    @Test(arguments: GoldenKind.all) func filesAreStreamed(kind: GoldenKind) throws {
        let extractor = try FeatureExtractor(kind.configuration)
        let options = ReadingOptions(sampleRateHz: kind.configuration.sampleRateHz)
        let whole = try extractor(Recording(contentsOf: path, options).samples)
        #expect(try extractor(contentsOf: path, options).features == whole, "\(kind.file)")
    }
}

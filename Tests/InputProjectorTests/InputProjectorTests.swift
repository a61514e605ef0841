// The projectors against PyTorch, on awkward words and lengths.

import GoldenFiles
import Layers
import Testing

@testable import InputProjector
@testable import Tensors

struct InputProjectorTests {
    struct Words: Decodable {
        let words: [[Int]]
    }

    @Test(arguments: ["awkward", "one_phone", "nothing_but_boundaries", "just_nine", "silence"])
    func `the CTC compressor cuts and projects words as the reference does`(name: String) throws {
        let golden = try Golden("input_projector/ctc_compressor")
        guard case .ctcCompressor(let compressor) = try InputProjector(ComponentFolder(golden.folder), precision: .f32)
        else {
            Issue.record("another projector")
            return
        }
        let posteriors = try golden.tensor("\(name).posteriors")
        let segments = compressor.segments(posteriors)
        let words = try golden.numbers([String: Words].self)[name]!.words
        #expect(segments.words.map { [$0.lowerBound, $0.upperBound] } == words)
        let expected = try golden.tensor("\(name).output")
        let output = compressor(posteriors)
        #expect(output.shape == [words.count, 24])
        if !words.isEmpty { #expect(output.relativeDifference(from: expected) < 2e-5) }
    }

    @Test(arguments: [("frames", "output"), ("exact.frames", "exact.output")])
    func `frame stacking fills the last stack up with zeros`(input: String, output: String) throws {
        let golden = try Golden("input_projector/frame_stacking")
        guard case .frameStacking(let stacking) = try InputProjector(ComponentFolder(golden.folder), precision: .f32)
        else {
            Issue.record("another projector")
            return
        }
        #expect(stacking(try golden.tensor(input)).relativeDifference(from: try golden.tensor(output)) < 2e-5)
    }
}

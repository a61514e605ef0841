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
        let compressor = try CTCCompressor(ComponentFolder(golden.folder), precision: .f32)
        let posteriors = try golden.tensor("\(name).posteriors")
        let segments = compressor.segments(posteriors)
        let words = try golden.numbers([String: Words].self)[name]!.words
        #expect(segments.words.map { [$0.lowerBound, $0.upperBound] } == words)
        let expected = try golden.tensor("\(name).output")
        let output = compressor(posteriors)
        #expect(output.shape == [words.count, 24])
        if !words.isEmpty { #expect(output.relativeDifference(from: expected) < 2e-5) }
    }

    @Test func `a linear projector maps every frame by itself`() throws {
        let golden = try Golden("input_projector/linear")
        let projector = try VariantTable.speechProjectors.load(ComponentFolder(golden.folder), precision: .f32)
        #expect(projector.input == .hiddenStates(width: 7) && projector.outputWidth == 23)
        let output = projector(try golden.tensor("frames"))
        #expect(output.relativeDifference(from: try golden.tensor("output")) < 2e-5)
    }

    @Test func `a projector that no table knows is refused by its name, until a line is added`() throws {
        let scratch = try Scratch()
        try scratch.write("config.json", "{\"type\": \"doubling\"}")
        let folder = ComponentFolder(scratch.path)
        let error = #expect(throws: TensorFileError.self) { try VariantTable.speechProjectors.load(folder) }
        #expect(error?.got == "\"doubling\"")
        #expect(error?.expected.contains("ctc_compressor, frame_stacking, linear") == true)
        let table = VariantTable.speechProjectors.adding("doubling") { _, _ in Doubling() }
        let projector = try table.load(folder)
        let doubled = projector(Tensor(shape: [1, 2], values: [1, 2]))
        #expect(doubled.values == [2, 4])
    }

    private struct Doubling: SpeechProjector {
        let input = SpeechProjectorInput.hiddenStates(width: 2)
        let outputWidth = 2
        func callAsFunction(_ encoded: Tensor) -> Tensor { encoded + encoded }
    }

    @Test(arguments: [("frames", "output"), ("exact.frames", "exact.output")])
    func `frame stacking fills the last stack up with zeros`(input: String, output: String) throws {
        let golden = try Golden("input_projector/frame_stacking")
        let stacking = try FrameStacking(ComponentFolder(golden.folder), precision: .f32)
        #expect(stacking(try golden.tensor(input)).relativeDifference(from: try golden.tensor(output)) < 2e-5)
    }
}

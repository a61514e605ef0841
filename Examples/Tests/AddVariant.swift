// A component of one's own: a type that does a protocol's work, and a line in a table.

import Foundation
import InputProjector
import Layers
import Sonoform
import Tensors
import Testing

/// The input projector "frame_average": the mean of so many frames, through one affine map, `[T, W] -> [⌈T/n⌉, W']`.
private struct FrameAverage: SpeechProjector {
    struct Configuration: Decodable {
        let frames: Int
        let width: Int
        let outputWidth: Int
    }

    private let configuration: Configuration
    private let projection: Linear  // projection

    init(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) {
        configuration = try folder.configuration()
        try folder.require("frames", configuration.frames, in: 1...100)
        let weights = try folder.weights(precision: precision)
        projection = try Linear(
            weights["projection"], inputs: configuration.width, outputs: configuration.outputWidth)
        try weights.requireAllUsed()
    }

    var input: SpeechProjectorInput { .hiddenStates(width: configuration.width) }
    var outputWidth: Int { configuration.outputWidth }

    func callAsFunction(_ hidden: Tensor) -> Tensor {
        let means = stride(from: 0, to: hidden.rows, by: configuration.frames).map { start in
            let rows = start..<min(start + configuration.frames, hidden.rows)
            var mean = [Float](repeating: 0, count: hidden.columns)
            for row in rows {
                for (column, value) in hidden.row(row).enumerated() { mean[column] += value / Float(rows.count) }
            }
            return Tensor(shape: [1, hidden.columns], values: mean)
        }
        return projection(Tensor.concatenatingRows(means))
    }
}

@Suite struct AddVariant {
    @Test func `a pipeline runs with a projector of one's own`() throws {
        let folder = try PipelineCopy()
        try folder.write(
            #"{"type": "frame_average", "frames": 8, "width": 384, "outputWidth": 256}"#,
            to: "input_projector/config.json")
        try SafeTensorsFile.write(
            ["projection.weight": Tensor(zeros: 256, 384), "projection.bias": Tensor(zeros: 256)],
            to: folder.path + "/input_projector/model.safetensors")

        var variants = ComponentVariants()
        variants.speechProjectors = variants.speechProjectors.adding("frame_average") {
            folder, precision throws(TensorFileError) in
            try FrameAverage(folder, precision: precision)
        }
        let pipeline = try Pipeline(directory: folder.path, variants: variants)

        // Its weights are zeros, so that it hears nothing; what is written does not go through it.
        #expect(try pipeline.understand(text: "a red chair").objects.map(\.noun) == ["chair"])
        let error = #expect(throws: SonoformError.self) { try pipeline.convert(file: sample("red-ball.flac")) }
        #expect(error?.reason == .notADescription || error?.reason == .unintelligible)
    }

    @Test func `without the line in the table it is refused by name`() throws {
        let folder = try PipelineCopy()
        try folder.write(#"{"type": "frame_average"}"#, to: "input_projector/config.json")

        let error = try #require(throws: SonoformError.self) { try Pipeline(directory: folder.path) }
        #expect(error.reason == .damagedPipeline)
        #expect(error.got == "\"frame_average\"")
    }
}

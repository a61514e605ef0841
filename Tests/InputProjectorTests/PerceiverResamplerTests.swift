// The resampler against its PyTorch reference, on random weights of odd sizes.

import GoldenFiles
import Layers
import Tensors
import Testing

@testable import InputProjector

struct PerceiverResamplerTests {
    @Test func `vectors agree with the reference`() throws {
        let golden = try Golden("point_projector")
        let resampler = try PerceiverResampler(ComponentFolder(golden.folder), precision: .f32)
        let side = try golden.tensor("longest_side").values[0]
        let vectors = resampler(try golden.tensor("latents"), longestSide: side)
        #expect(vectors.relativeDifference(from: try golden.tensor("vectors")) < 2e-5)
    }

    @Test func `another kind of projector is refused by name`() throws {
        let folder = ComponentFolder(GoldenFiles.path("point_encoder"))
        let error = #expect(throws: TensorFileError.self) { try VariantTable.pointProjectors.load(folder) }
        #expect(error?.got == "\"anchored_points\"")
    }
}

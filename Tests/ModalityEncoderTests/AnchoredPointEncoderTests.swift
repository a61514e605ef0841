// The point encoder against its PyTorch reference, on random weights of odd sizes.

import GoldenFiles
import Layers
import Tensors
import Testing

@testable import ModalityEncoder

struct AnchoredPointEncoderTests {
    private let golden: Golden
    private let points: [SIMD3<Float>]

    init() throws {
        golden = try Golden("point_encoder")
        points = vectors(try golden.tensor("points"))
    }

    @Test func `latents agree with the reference`() throws {
        let encoder = try AnchoredPointEncoder(ComponentFolder(golden.folder), precision: .f32)
        let latents = encoder.latents(points, attributes: try golden.tensor("attributes").values)
        #expect(latents.relativeDifference(from: try golden.tensor("latents")) < 2e-5)
    }

    @Test func `anchors are the farthest points, in their order`() throws {
        let expected = vectors(try golden.tensor("anchors"))
        #expect(farthestPoints(points, count: expected.count) == expected)
    }

    @Test func `place and size do not matter, and the size is told`() throws {
        let encoder = try AnchoredPointEncoder(ComponentFolder(golden.folder), precision: .f32)
        let attributes = try golden.tensor("attributes")
        func cloud(_ move: (SIMD3<Float>) -> SIMD3<Float>) -> Tensor {
            Tensor(
                shape: [points.count, 9],
                values: points.indices.flatMap { index -> [Float] in
                    let point = move(points[index])
                    return [point.x, point.y, point.z] + attributes.row(index)
                })
        }
        let (here, side) = encoder(cloud { $0 })
        let (there, longer) = encoder(cloud { 4 * $0 + SIMD3(8, -16, 32) })
        #expect(abs(side - 1) < 1e-6 && abs(longer - 4) < 1e-5)
        #expect(there.relativeDifference(from: here) < 1e-4)
    }

    @Test func `fewer points than it reads are enough`() throws {
        let encoder = try AnchoredPointEncoder(ComponentFolder(golden.folder), precision: .f32)
        let (latents, side) = encoder(Tensor(shape: [1, 9], values: [1, 2, 3, 0, 0, 1, 1, 0, 0]))
        #expect(latents.shape == [encoder.configuration.anchors, 3 + encoder.configuration.features])
        #expect(latents.values.allSatisfy(\.isFinite) && side > 0)
    }
}

private func vectors(_ tensor: Tensor) -> [SIMD3<Float>] {
    (0..<tensor.rows).map { row in
        SIMD3(tensor.values[3 * row], tensor.values[3 * row + 1], tensor.values[3 * row + 2])
    }
}

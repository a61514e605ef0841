// The generator's parts against the PyTorch ones, on a tiny generator of odd sizes.

import GoldenFiles
import Layers
import Surfaces
import Tensors
import Testing

@testable import ModalityGenerator

/// The tiny generator and what the reference computed with it (see generator/goldens.py).
struct Goldens {
    let folder = ComponentFolder(GoldenFiles.path("generator"))
    let expected: SafeTensorsFile

    init() throws { expected = try SafeTensorsFile(path: GoldenFiles.path("generator/expected.safetensors")) }

    subscript(_ name: String) -> Tensor { get throws { try expected.tensor(name) } }

    func points(_ name: String) throws -> [SIMD3<Float>] {
        let tensor = try self[name]
        return (0..<tensor.rows).map { SIMD3(Array(tensor.row($0))) }
    }
}

/// Rows of points as a tensor `[Q, 3]`.
func tensor(_ points: [SIMD3<Float>]) -> Tensor {
    Tensor(shape: [points.count, 3], values: points.flatMap { [$0.x, $0.y, $0.z] })
}

/// The largest difference as a share of the reference's largest value.
func error(_ value: Tensor, _ reference: Tensor) -> Float {
    value.largestDifference(from: reference).difference / reference.largestMagnitude
}

@Suite("The generator's parts agree with their reference:")
struct GoldenTests {
    private let goldens = try! Goldens()

    private func weights() throws -> WeightScope { try goldens.folder.weights(precision: .f32) }

    private func configuration() throws -> LatentSetFlowConfiguration { try goldens.folder.configuration() }

    @Test("the flow's velocity, guided or not", arguments: [("velocity", Float(1)), ("guided_velocity", 2)])
    func velocity(name: String, guidance: Float) throws {
        let flow = try FlowTransformer(try weights()["flow"], try configuration().flow)
        let velocity = flow.velocity(
            try goldens["noise"], time: 0.25, embedded: flow.embed(try goldens["conditions"]),
            embeddedNull: flow.embed(flow.nullConditions), guidance: guidance)
        #expect(error(velocity, try goldens[name]) < 2e-5)
    }

    @Test("the latents after four guided steps")
    func latents() throws {
        let flow = try FlowTransformer(try weights()["flow"], try configuration().flow)
        let latents = flow.sample(
            noise: try goldens["noise"], conditions: try goldens["conditions"], steps: 4, guidance: 2)
        #expect(error(latents, try goldens["latents"]) < 5e-5)
    }

    @Test("the field")
    func field() throws {
        let field = try Field(try weights()["field"], try configuration().field)
        let samples = field.shape(try goldens["latents"])(try goldens.points("queries"))
        #expect(error(Tensor(shape: [33], values: samples.distances), try goldens["distance"]) < 2e-4)
        #expect(error(tensor(samples.directions), try goldens["direction"]) < 2e-4)
        #expect(error(tensor(samples.colours), try goldens["rgb"]) < 2e-4)
    }

    @Test("the candidates' starts")
    func candidates() throws {
        let starts = candidatePoints(
            around: try goldens["latents"].points, noise: try goldens["candidate_noise"],
            options: try configuration().readout)
        #expect(error(tensor(starts), try goldens["starts"]) < 1e-6)
    }

    @Test("the even subset")
    func thinning() throws {
        let kept = evenSubset(
            of: try goldens.points("thin_points"), normals: try goldens.points("thin_normals"),
            residuals: try goldens["thin_residual"].values, count: 200,
            options: try configuration().readout)
        #expect(kept == (try goldens["thin_kept"]).values.map { Int($0) })
    }

    @Test("the whole read-out")
    func readOut() throws {
        let generator = try LatentSetFlow(goldens.folder, precision: .f32)
        let points = generator.surfacePoints(
            latents: try goldens["latents"], noise: try goldens["candidate_noise"], count: 48)
        // Four evaluations, each at what the last one gave: a rounding grows by the features' fastest octave each time.
        #expect(error(tensor(points.positions), try goldens["read_points"]) < 2e-4)
        #expect(error(tensor(points.normals), try goldens["read_normals"]) < 2e-4)
        #expect(error(tensor(points.colours), try goldens["read_rgb"]) < 2e-4)
    }
}

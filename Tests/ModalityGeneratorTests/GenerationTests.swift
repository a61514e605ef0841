// What callers of the generator rely on.

import GoldenFiles
import Layers
import PointClouds
import Tensors
import Testing

@testable import ModalityGenerator

#if canImport(Glibc)
    import Glibc
#endif

@Suite("The generator")
struct GenerationTests {
    private let generator = try! LatentSetFlow(ComponentFolder(GoldenFiles.path("generator")))
    private let conditions = try! SafeTensorsFile(path: GoldenFiles.path("generator/expected.safetensors"))
        .tensor("conditions")

    private func cloud(_ points: Int, seed: UInt64 = 1) -> PointCloud {
        generator.generate(conditions: conditions, points: points, seed: seed)
    }

    @Test("gives exactly as many points as asked for", arguments: [0, 1, 2, 3, 5, 100, 600])
    func exactCounts(points: Int) {
        let cloud = cloud(points)
        #expect(cloud.count == points)
        #expect(cloud.normals?.count == points && cloud.colours?.count == points)
    }

    @Test("makes of the flow's own latents the flow's own cloud")
    func givenLatents() {
        var normals = SeededNormals(seed: 7)
        let noise = normals.tensor(generator.configuration.flow.latents, generator.configuration.flow.channels)
        let latents = generator.latents(noise: noise, conditions: conditions)
        #expect(generator.generate(latents: latents, points: 100, seed: 7) == cloud(100, seed: 7))
        #expect(generator.generate(latents: latents, points: 100, seed: 8) != cloud(100, seed: 7))
    }

    @Test("reads many points out in groups of the same total")
    func groups() {
        var normals = SeededNormals(seed: 1)
        let latents = normals.tensor(5, 7)
        let surface = generator.surfacePoints(latents: latents, count: 81, normals: &normals, groupPoints: 40)
        #expect(surface.positions.count == 81 && surface.normals.count == 81 && surface.colours.count == 81)
    }

    @Test("gives the same bytes for the same seed, other ones for another")
    func seeds() {
        #expect(cloud(300) == cloud(300))
        #expect(cloud(300) != cloud(300, seed: 2))
    }

    @Test("gives the same bytes for any number of threads")
    func threads() {
        var clouds: [PointCloud] = []
        for threads in [1, 2, 3] {
            setComputeThreads(threads)
            clouds.append(cloud(700))
        }
        #expect(clouds[0] == clouds[1] && clouds[0] == clouds[2])
    }

    @Test("stretches points along an axis and keeps normals square to the surface")
    func stretch() throws {
        let stretch = SIMD3<Float>(1, 0.6, 1.6)
        let stretched = generator.generate(
            conditions: conditions, points: 400, seed: 1, steps: nil, guidance: nil, stretch: stretch)
        let plain = cloud(400)
        let normals = try #require(stretched.normals)
        // Other points of the same candidates are kept, as the surface is another one; those kept by both agree.
        var same = 0
        for (point, normal) in zip(stretched.positions, normals) {
            #expect(abs((normal * normal).sum() - 1) < 1e-4)
            let back = point / stretch
            for (other, square) in zip(plain.positions, try #require(plain.normals)) {
                guard ((other - back) * (other - back)).sum() < 1e-10 else { continue }
                same += 1
                let expected = square / stretch
                let cosine = (expected * normal).sum() / (expected * expected).sum().squareRoot()
                #expect(cosine > 0.999)
            }
        }
        #expect(same > 40)
    }

    @Test("gives unit normals and finite points")
    func sound() throws {
        let cloud = cloud(500)
        for normal in try #require(cloud.normals) { #expect(abs((normal * normal).sum() - 1) < 1e-4) }
        for point in cloud.positions { #expect(point.x.isFinite && point.y.isFinite && point.z.isFinite) }
    }
}

@Suite("Broken weights")
struct BrokenWeightsTests {
    /// The golden generator with every number of the named tensors replaced.
    private func broken(_ names: [String], _ value: Float) throws -> LatentSetFlow {
        let file = try SafeTensorsFile(path: GoldenFiles.path("generator") + "/model.safetensors")
        var tensors: [String: Tensor] = [:]
        for name in file.names {
            var tensor = try file.tensor(name)
            if names.contains(name) { tensor.values = tensor.values.map { _ in value } }
            tensors[name] = tensor
        }
        let scratch = "/tmp/sonoform-generator-\(getpid())-\(UInt64.random(in: .min ... .max))"
        mkdir(scratch, 0o700)
        defer {
            unlink(scratch + "/config.json")
            unlink(scratch + "/model.safetensors")
            rmdir(scratch)
        }
        try SafeTensorsFile.write(tensors, to: scratch + "/model.safetensors")
        symlink(GoldenFiles.path("generator/config.json"), scratch + "/config.json")
        return try LatentSetFlow(ComponentFolder(scratch))
    }

    @Test(
        "still make as many points as asked for, and no crash",
        arguments: ["flow.mean", "flow.std", "field.out.bias", "field.out.weight", "field.token_in.weight"],
        [Float.nan, .infinity, 1e30, 0])
    func brokenNumbers(name: String, value: Float) throws {
        let conditions = Tensor(zeros: 3, 10)
        let cloud = try broken([name], value).generate(conditions: conditions, points: 40, seed: 1)
        #expect(cloud.count == 40)
        #expect(cloud.positions.allSatisfy { abs($0.x) < 200 && abs($0.y) < 200 && abs($0.z) < 200 })
    }
}

@Suite("A generator's configuration")
struct ConfigurationTests {
    @Test("is refused out of range, naming the key")
    func hostile() throws {
        let text = String(
            decoding: try readWhole(
                ComponentFolder(GoldenFiles.path("generator")).configurationPath, expected: "JSON", limit: 10_000),
            as: UTF8.self)
        let scratch = "/tmp/sonoform-generator-config-\(getpid())"
        mkdir(scratch, 0o700)
        defer {
            unlink(scratch + "/config.json")
            rmdir(scratch)
        }
        let changes = [
            ("\"latents\": 5", "\"latents\": 3", "flow.latents"),
            ("\"latents\": 5", "\"latents\": 1000000000000", "latents"),
            ("\"channels\": 7", "\"channels\": 8", "flow.channels"), ("\"heads\": 3", "\"heads\": 0", "flow.heads"),
            ("\"heads\": 3", "\"heads\": 5", "flow.heads"), ("\"width\": 24", "\"width\": -1", "flow.width"),
            ("\"head_heads\": 4", "\"head_heads\": 7", "field.head_heads"),
            ("\"head_width\": 20", "\"head_width\": 0", "field.head_width"),
            ("\"blocks\": 2", "\"blocks\": 100000", "flow.blocks"), ("\"steps\": 4", "\"steps\": 0", "sampling.steps"),
            ("\"guidance\": 2.0", "\"guidance\": 1e9", "sampling.guidance"),
            ("\"candidates_per_point\": 3.0", "\"candidates_per_point\": 0.5", "readout.candidates_per_point"),
            ("\"candidates_per_point\": 3.0", "\"candidates_per_point\": 1e300", "readout.candidates_per_point"),
            ("\"candidate_spread\": 0.6", "\"candidate_spread\": -1", "readout.candidate_spread"),
            ("\"approaches\": 3", "\"approaches\": 0", "readout.approaches"),
            ("\"approaches\": 3", "\"approaches\": 1000000", "readout.approaches"),
            ("latent_set_flow", "diffusion", "type"), ("\"features\": 4", "\"features\": \"four\"", "features"),
        ]
        for (old, new, key) in changes {
            let place = try #require(text.firstRange(of: old), "\(old)")
            let file = fopen(scratch + "/config.json", "w")
            fputs(text.replacingCharacters(in: place, with: new), file)
            fclose(file)
            let error = #expect(throws: TensorFileError.self) {
                _ = try VariantTable.shapeGenerators.load(ComponentFolder(scratch))
            }
            #expect(error?.description.contains(key) == true, "\(new): \(error?.description ?? "accepted")")
        }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}

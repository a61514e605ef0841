// Surfaces of what the shipped pipeline makes: closed, where its points are, in the scene's places.

import GoldenFiles
import ModalityGenerator
import PointClouds
import Surfaces
import SystemPackage
import Testing

@testable import Sonoform

@Suite struct SurfaceTests {
    private func scene(_ text: String) throws -> Scene { try builtIn.understand(text: text) }

    @Test(arguments: ["a chair", "a mug", "a boat", "a flower", "a tall ladder"])
    func aSurfaceIsClosedAndWhereThePointsAre(text: String) throws {
        let scene = try scene(text)
        let surface = try builtIn.surface(scene, surface: SurfaceOptions(triangles: 20_000))
        let check = MeshCheck(surface)
        #expect(check.isWatertight && check.isWindingConsistent)
        #expect(check.triangles <= 20_000 && check.triangles > 5_000)
        #expect(try #require(check.volume) > 0)
        let points = PointCloud(sampling: surface, points: 8_192)
        let cloud = try builtIn.render(scene, options: ConversionOptions(points: 8_192))
        let comparison = CloudComparison(points, cloud)
        // Points of both lie some hundredths apart.
        #expect(comparison.chamferDistance < 0.012, "\(comparison.chamferDistance)")
        #expect(comparison.fScores[0].fScore > 0.99)
        #expect(try #require(comparison.colourError) < 0.05)
        #expect(try #require(comparison.normalErrorDegrees) < 25)
    }

    @Test func aSceneHasANamedMeshPerObject() throws {
        let surface = try builtIn.surface(
            try scene("two red cubes on top of a table"), surface: SurfaceOptions(triangles: 4_000))
        #expect(surface.objects.map(\.name) == ["red cube 1", "red cube 2", "table"])
        #expect(MeshCheck(surface).isWatertight)
        let boxes = surface.objects.compactMap(\.mesh.bounds)
        #expect(boxes[0].lower.z >= boxes[2].upper.z - 0.02 && abs(boxes[2].lower.z) < 0.02)
        #expect(boxes[0].upper.x < boxes[1].lower.x)
    }

    @Test func aBaseIsUnderWhatStandsOnTheGround() throws {
        let options = SurfaceOptions(triangles: 6_000, base: true)
        let surface = try builtIn.surface(try scene("a red ball on top of a table"), surface: options)
        #expect(MeshCheck(surface).isWatertight)
        let plain = try builtIn.surface(
            try scene("a red ball on top of a table"), surface: SurfaceOptions(triangles: 6_000))
        let (table, plainTable) = (
            try #require(surface.objects[1].mesh.bounds), try #require(plain.objects[1].mesh.bounds)
        )
        #expect(table.upper.x - table.lower.x > plainTable.upper.x - plainTable.lower.x + 0.05)
        #expect(surface.objects[0] == plain.objects[0])
    }

    @Test func whatIsPrintedHasLevelFeet() throws {
        let scene = try scene("a red ball on top of a table")
        let plain = try builtIn.surface(scene, surface: SurfaceOptions(triangles: 6_000))
        let levelled = try builtIn.surface(scene, surface: SurfaceOptions(triangles: 6_000, levelsFeet: true))
        #expect(MeshCheck(levelled).isWatertight && levelled.objects[0] == plain.objects[0])
        func low(_ scene: MeshScene) throws -> Int {
            let mesh = scene.objects[1].mesh
            let bounds = try #require(mesh.bounds)
            return mesh.positions.count { $0.z < bounds.lower.z + 0.001 }
        }
        let (pressed, asMade) = (try low(levelled), try low(plain))
        #expect(pressed > 2 * asMade)
        // The format decides.
        var options = JobOptions()
        options.conversion.surface = SurfaceOptions()
        #expect(options.made.surface?.levelsFeet == false)
        for format in MeshFormat.allCases {
            options.surfaceFormat = format
            #expect(options.made.surface?.levelsFeet == (format == .stl || format == .threeMF))
        }
    }

    @Test func aConversionTellsOfItsSurface() throws {
        let options = ConversionOptions(points: 512, surface: SurfaceOptions(triangles: 3_000))
        let conversion = try builtIn.convert(text: "a blue cube and a green ball", options: options)
        #expect(conversion.surface?.objects.count == 2 && conversion.cloud.count == 512)
        #expect(conversion.objects.allSatisfy { $0.surface?.isWatertight == true && ($0.surface?.volume ?? 0) > 0.1 })
    }

    @Test func tooFewTrianglesAreRefused() throws {
        let scene = try scene("a cube")
        let error = #expect(throws: SonoformError.self) {
            try builtIn.surface(scene, surface: SurfaceOptions(triangles: 10))
        }
        #expect(error?.reason == .unsupportedOption && error?.expected == "200 to 2000000 triangles")
    }

    @Test func manyPointsAreEven() throws {
        let cloud = try builtIn.render(try scene("a red ball"), options: ConversionOptions(points: 40_000))
        #expect(cloud.count == 40_000)
        // No two points of a ball nearer than half of what the densest packing would have between them.
        let others = cloud.subset(Array(stride(from: 0, to: cloud.count, by: 2)))
        let rest = cloud.subset(Array(stride(from: 1, to: cloud.count, by: 2)))
        let comparison = CloudComparison(others, rest, thresholds: [0.005])
        let bounds = try #require(cloud.bounds)
        let radius = Double((bounds.upper - bounds.lower).max()) / 2
        let spacing = (4 * Double.pi * radius * radius * 2 / 3.0.squareRoot() / 40_000).squareRoot()
        #expect(comparison.fScores.count == 1 && spacing > 0.005)
        let tight = CloudComparison(others, rest, thresholds: [spacing * 0.45]).fScores[0].precision
        #expect(tight < 0.01, "\(tight)")
    }

    @Test func pointsThatAreWrittenAsTheyAreMadeAreTheSame() throws {
        let options = ConversionOptions(points: 40_000, outwardNormals: true)
        var clock = StageClock()
        let scene = try builtIn.completed(try scene("a red ball"), source: "test", options: options, clock: &clock)
        let scratch = try Scratch()
        let path = scratch.file("ball.ply")
        let counts = try builtIn.writePoints(
            of: scene, source: "test", options: options, format: .ply, to: FilePath(path))
        #expect(counts == [40_000])
        #expect(try PointCloud(reading: path) == builtIn.render(scene, options: options))
    }

    @Test func aPlateChangesNothingAboveIt() throws {
        // The same flow makes both: the ball's top is where it was.
        let scene = try scene("a red ball")
        let plain = try builtIn.surface(scene, surface: SurfaceOptions(triangles: 6_000))
        let plated = try builtIn.surface(scene, surface: SurfaceOptions(triangles: 6_000, base: true))
        let (before, after) = (try #require(plain.bounds), try #require(plated.bounds))
        #expect(abs(before.upper.z - after.upper.z) < 0.004 && after.lower.z < before.lower.z)
    }

    @Test func latentsOfConditionsGiveTheirCloud() throws {
        let scene = try scene("a boat")
        let conditions = try #require(scene.objects[0].signals).conditions.tensor
        let latents = builtIn.generator.latents(conditions: conditions, seed: 3, steps: nil, guidance: nil)
        let cloud = builtIn.generator.generate(latents: try #require(latents), points: 512, seed: 3)
        #expect(cloud == builtIn.generator.generate(conditions: conditions, points: 512, seed: 3))
    }

    @Test func normalsPointOutward() throws {
        let scene = try scene("a boat")
        let cloud = try builtIn.render(scene, options: ConversionOptions(points: 4_096, outwardNormals: true))
        let plain = try builtIn.render(scene, options: ConversionOptions(points: 4_096))
        let (turned, normals) = (try #require(cloud.normals), try #require(plain.normals))
        #expect(cloud.positions == plain.positions)
        #expect(zip(turned, normals).allSatisfy { $0 == $1 || $0 == -$1 })
        #expect(zip(turned, normals).count { $0 != $1 } < 100)
    }
}

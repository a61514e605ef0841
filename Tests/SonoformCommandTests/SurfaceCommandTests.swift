// Surfaces from the command line: their files, what is told of them, and what is refused.

import Foundation
import GoldenFiles
import PointClouds
import Surfaces
import Testing

@Suite struct SurfaceCommandTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private let quick = ["--detail", "2000", "--points", "64"]

    @Test func everyFormatIsWritten() throws {
        for (arguments, file, start) in [
            (["-o", scratch.file("a.stl")], "a.stl", "Sonoform, millimetres"),
            (["--surface", "-o", scratch.file("b.glb")], "b.glb", "glTF"),
            (["--surface", "-o", scratch.file("c.obj")], "c.obj", "# Surfaces"),
            (["--surface", "-o", scratch.file("d.ply")], "d.ply", "ply\nformat binary"),
            (["-o", scratch.file("e.3mf")], "e.3mf", "PK"),
            (["--format", "stl", "-o", scratch.file("f")], "f", "Sonoform, millimetres"),
        ] {
            let run = try Run(list: ["convert", "--text", "a red ball"] + quick + arguments)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("triangles, closed"), "\(run.output)")
            let written = try Data(contentsOf: URL(filePath: scratch.file(file)))
            #expect(written.starts(with: start.utf8), "\(file)")
        }
    }

    @Test func theSizeIsThatOfTheFile() throws {
        let path = scratch.file("ball.stl")
        #expect(try Run(list: ["convert", "--text", "a tall cube", "-o", path, "--size", "3in"] + quick).status == 0)
        let bounds = try #require(try CloudFile(path: path).surface?.bounds)
        #expect(abs((bounds.upper - bounds.lower).max() - 76.2) < 0.01)
    }

    @Test func jsonTellsTheSurface() throws {
        let run = try Run(
            list: ["convert", "--text", "a mug", "--surface", "--json", "-o", scratch.file("mug.glb")] + quick)
        let record = try JSONDecoder().decode(Record.self, from: Data(run.output.utf8))
        #expect(record.surface.watertight && record.surface.isWindingConsistent)
        #expect(record.surface.triangles <= 2_000 && record.surface.volume > 0.01)
        #expect(record.objects.count == 1 && record.objects[0].surface.watertight)
    }

    private struct Record: Decodable {
        struct Surface: Decodable {
            let triangles: Int
            let watertight: Bool
            let isWindingConsistent: Bool
            let volume: Double

            enum CodingKeys: String, CodingKey {
                case triangles, watertight, volume
                case isWindingConsistent = "winding_consistent"
            }
        }
        struct Object: Decodable { let surface: Surface }
        let surface: Surface
        let objects: [Object]
    }

    @Test func inspectAndCompareTakeMeshes() throws {
        let (a, b) = (scratch.file("a.stl"), scratch.file("b.ply"))
        for (path, more) in [(a, ["--size", "100mm"]), (b, ["--surface", "--size", "100mm"])] {
            #expect(try Run(list: ["convert", "--text", "a green cube", "-o", path] + more + quick).status == 0)
        }
        let told = try Run("inspect", a)
        #expect(
            told.output.contains("surface: ") && told.output.contains("watertight, 1 piece, volume"), "\(told.output)")
        let compared = try Run("compare", a, b, "--json", "--samples", "4000", "--seed", "5")
        #expect(compared.status == 0, "\(compared.errors)")
        let json = try JSONDecoder().decode([String: JSON].self, from: Data(compared.output.utf8))
        // The same surface of 100 mm, but for its foot: two draws of 4,000 points are some 1.5 mm apart.
        #expect(try #require(json["chamfer_distance"]?.number) < 2)
    }

    private enum JSON: Decodable {
        case number(Double), other
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self = (try? container.decode(Double.self)).map(JSON.number) ?? .other
        }
        var number: Double? { if case .number(let value) = self { value } else { nil } }
    }

    @Test(arguments: [
        ["--detail", "100"], ["--detail", "500"], ["--size", "80"], ["--base"], ["--surface", "--format", "xyz"],
        ["--surface", "--size", "huge"], ["--surface", "--size", "-3mm"],
    ])
    func whatDoesNotGoTogetherIsRefused(arguments: [String]) throws {
        let run = try Run(list: ["convert", "--text", "a cube", "-o", scratch.file("x")] + arguments)
        #expect(run.status == 2 && run.output.isEmpty)
    }
}

// The way back, with the shipped pipeline: clouds of its own and clouds that it did not make.

import Foundation
import GoldenFiles
import PointClouds
import Testing

@testable import Sonoform

struct ShapeDescriberTests {
    struct Manifest: Decodable {
        let descriptions: [String: String]
    }

    let describer: ShapeDescriber

    init() throws { describer = try ShapeDescriber(builtIn) }

    @Test(arguments: ["red sphere", "green cone", "blue table", "white mug", "yellow ring", "purple chair"])
    func `its own cloud is described as it was asked for`(text: String) throws {
        let finding = try describer(try builtIn.convert(text: "a " + text).cloud, source: text)
        #expect(finding.objects == [text])
        #expect(finding.confidence <= 0 && finding.confidence > -2)
    }

    @Test func `clouds sampled elsewhere are described`() throws {
        let folder = GoldenFiles.path("described")
        let wanted = try GoldenFiles.decode(Manifest.self, folder + "/manifest.json").descriptions
        var right = 0
        for (name, text) in wanted {
            let found = try describer(try PointCloud(reading: "\(folder)/\(name)"), source: name).objects
            if found == [text] { right += 1 }
        }
        // One in ten may have a part or a size besides; the objects and colours alone are far surer.
        #expect(wanted.count == 10 && right >= 9, "\(right) of \(wanted.count)")
    }

    @Test func `place, order and density of the points do not matter`() throws {
        let cloud = try builtIn.convert(text: "a red chair", options: ConversionOptions(points: 3_000)).cloud
        let order = cloud.positions.indices.sorted { cloud.positions[$0].z < cloud.positions[$1].z }
        let moved = PointCloud(
            positions: order.map { cloud.positions[$0] + SIMD3(5, -3, 2) }, normals: order.map { cloud.normals![$0] },
            colours: order.map { cloud.colours![$0] })
        #expect(try describer(moved, source: "moved").objects == ["red chair"])
    }

    @Test func `every object of a scene is described by itself`() throws {
        var scene = try builtIn.convert(text: "a red cube").cloud
        scene.append(try builtIn.convert(text: "a green cone").cloud.placed(at: SIMD3(2, 0, 0)).assigned(to: 1))
        #expect(try describer(scene, source: "scene").objects == ["red cube", "green cone"])
    }

    @Test func `no points are refused`() {
        #expect(throws: ConversionError.self) { try describer(PointCloud(), source: "nothing") }
    }

    @Test func `a pipeline that cannot read clouds is refused`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sonoform-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: URL(filePath: builtInDirectory), to: folder)
        try FileManager.default.removeItem(at: folder.appending(path: "point_encoder/model.safetensors"))
        let pipeline = try Pipeline(directory: folder.path())
        #expect {
            try ShapeDescriber(pipeline)
        } throws: { error in
            "\(error)".contains("point_encoder/model.safetensors")
        }
    }
}

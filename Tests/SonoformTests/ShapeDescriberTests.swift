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

    /// What a cloud is said to show.
    private struct Finding {
        let objects: [String]
        let confidence: Float
        let assumptions: [String]
    }

    private func describe(_ cloud: PointCloud, source: String, unit: Double? = nil) throws -> Finding {
        let scene = try builtIn.understand(cloud, source: source, unit: unit)
        return Finding(
            objects: builtIn.descriptions(of: scene), confidence: try #require(scene.confidence),
            assumptions: scene.assumptions ?? [])
    }

    @Test(arguments: ["red sphere", "green cone", "blue table", "white mug", "yellow ring", "purple chair"])
    func `its own cloud is described as it was asked for`(text: String) throws {
        let finding = try describe(try builtIn.convert(text: "a " + text).cloud, source: text)
        #expect(finding.objects == [text])
        #expect(finding.confidence <= 0 && finding.confidence > -2)
    }

    @Test func `clouds sampled elsewhere are described`() throws {
        let folder = GoldenFiles.path("described")
        let wanted = try GoldenFiles.decode(Manifest.self, folder + "/manifest.json").descriptions
        var right = 0
        for (name, text) in wanted {
            let found = try describe(try PointCloud(reading: "\(folder)/\(name)"), source: name).objects
            if found == [text] { right += 1 }
        }
        // One in ten may have a part or a size besides; the objects and colours alone are far surer.
        #expect(wanted.count == 10 && right >= 9, "\(right) of \(wanted.count)")
    }

    /// Clouds of the goldens as they come from elsewhere, by what is done to them.
    static let changes: [String: @Sendable (PointCloud) -> PointCloud] = [
        "a thousand times as large": { $0.divided(by: 0.001) },
        "a thousandth as large": { $0.divided(by: 1_000) },
        "in map coordinates": { cloud in
            let places = cloud.positions.map { SIMD3<Double>($0) + SIMD3(431_234.567, 5_410_987.321, 112.25) }
            let origin = SIMD3<Double>(431_234, 5_410_987, 112)
            return PointCloud(
                positions: places.map { SIMD3<Float>($0 - origin) }, normals: cloud.normals, colours: cloud.colours,
                origin: origin)
        },
        "with a point far away": { cloud in
            cloud.adding([[40, -30, 0]], colour: [0, 0, 0])
        },
        "with points at the scanner's zero": { cloud in
            cloud.adding([SIMD3<Float>](repeating: [-20, 0, 0], count: 100), colour: [0, 0, 0])
        },
        "on a floor": { cloud in
            let (low, side) = (cloud.bounds!.lower.z, cloud.longestSide)
            let floor = (0..<1_600).map { index in
                SIMD3(side * (Float(index % 40) / 13 - 1.5), side * (Float(index / 40) / 13 - 1.5), low)
            }
            return cloud.adding(floor, colour: [150, 150, 150])
        },
    ]

    @Test(arguments: changes.keys.sorted())
    func `a cloud from elsewhere is described as it is`(change: String) throws {
        let changed = try #require(Self.changes[change])
        let folder = GoldenFiles.path("described")
        for (name, _) in try GoldenFiles.decode(Manifest.self, folder + "/manifest.json").descriptions {
            let cloud = try PointCloud(reading: "\(folder)/\(name)")
            #expect(
                try describe(changed(cloud), source: name).objects == describe(cloud, source: name).objects,
                "\(name) \(change)")
        }
    }

    @Test(arguments: [25.4, 39.37, 100, 12, 0.0254])
    func `no size is guessed in a unit that nobody knows, unless it is given`(factor: Double) throws {
        let cloud = try PointCloud(reading: GoldenFiles.path("described/big-blue-cube.ply"))
        let inches = cloud.divided(by: 1 / factor)
        let error = try #require(throws: SonoformError.self) { try describe(inches, source: "inches") }
        #expect(error.reason == .notADescription && error.got == "one \(inches.longestSide) long")
        let given = try describe(inches, source: "inches", unit: factor)
        #expect(given.objects == ["big blue cube"] && given.assumptions.isEmpty)
        let millimetres = try describe(cloud.divided(by: 0.001), source: "millimetres")
        #expect(millimetres.assumptions == ["1000 units are taken for the longest side of a medium object"])
    }

    @Test func `no colour is said of a cloud without colours`() throws {
        for (name, text) in [("purple-chair", "chair"), ("tall-gray-cylinder", "tall cylinder"), ("white-mug", "mug")] {
            let cloud = try PointCloud(reading: GoldenFiles.path("described/\(name).ply"))
            let bare = PointCloud(positions: cloud.positions, normals: cloud.normals)
            let finding = try describe(bare, source: name)
            #expect(finding.objects == [text] && finding.assumptions == ["no colour is said: the cloud has none"])
        }
    }

    @Test func `what shows no shape is refused`() throws {
        func refusal(_ positions: [SIMD3<Float>]) throws -> SonoformError {
            try #require(throws: SonoformError.self) { try describe(PointCloud(positions: positions), source: "a") }
        }
        #expect(try refusal([]).got == "none")
        #expect(try refusal([[1, 2, 3]]).got == "1")
        #expect(try refusal([SIMD3<Float>](repeating: [1, 2, 3], count: 500)).got == "1")
        #expect(try refusal((0..<500).map { [Float($0), 2 * Float($0), 0] }).got == "points on a line")
        var state: UInt64 = 1
        func random() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
        // Whatever box they fill, and however that is turned.
        for box in [[1, 1, 1], [1, 1, 0.1], [1, 0.1, 0.1], [0.3, 0.6, 1], [0.1, 0.2, 1]] as [SIMD3<Float>] {
            for count in [500, 2_000] {
                let points = (0..<count).map { _ in SIMD3(random(), random(), random()) * box }
                #expect(try refusal(points).got == "points without any order", "\(box)")
                let turned = points.map { SIMD3(0.6 * $0.x - 0.8 * $0.y, 0.8 * $0.x + 0.6 * $0.y, $0.z) }
                #expect(try refusal(turned).got == "points without any order", "\(box), turned")
            }
        }
    }

    @Test func `place, order and density of the points do not matter`() throws {
        let cloud = try builtIn.convert(text: "a red chair", options: ConversionOptions(points: 3_000)).cloud
        let order = cloud.positions.indices.sorted { cloud.positions[$0].z < cloud.positions[$1].z }
        let moved = PointCloud(
            positions: order.map { cloud.positions[$0] + SIMD3(5, -3, 2) }, normals: order.map { cloud.normals![$0] },
            colours: order.map { cloud.colours![$0] })
        #expect(try describe(moved, source: "moved").objects == ["red chair"])
    }

    @Test func `every object of a scene is described by itself`() throws {
        var scene = try builtIn.convert(text: "a red cube").cloud
        scene.append(try builtIn.convert(text: "a green cone").cloud.placed(at: SIMD3(2, 0, 0)).assigned(to: 1))
        #expect(try describe(scene, source: "scene").objects == ["red cube", "green cone"])
    }

    @Test func `no points are refused`() {
        let error = #expect(throws: SonoformError.self) { try builtIn.understand(PointCloud(), source: "nothing") }
        #expect(error?.reason == .noPoints && error?.source == "nothing")
    }

    @Test func `a pipeline that cannot read clouds is refused`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sonoform-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: URL(filePath: builtInDirectory), to: folder)
        try FileManager.default.removeItem(at: folder.appending(path: "point_encoder/model.safetensors"))
        let pipeline = try Pipeline(directory: folder.path())
        let error = #expect(throws: SonoformError.self) {
            try pipeline.understand(PointCloud(positions: [.zero]), source: "point")
        }
        #expect(error?.reason == .damagedPipeline)
        #expect(error?.source.hasSuffix("point_encoder/model.safetensors") == true)
    }
}

extension PointCloud {
    fileprivate func adding(_ positions: [SIMD3<Float>], colour: SIMD3<UInt8>) -> PointCloud {
        PointCloud(
            positions: self.positions + positions,
            normals: normals.map { $0 + [SIMD3<Float>](repeating: [0, 0, 1], count: positions.count) },
            colours: colours.map { $0 + [SIMD3<UInt8>](repeating: colour, count: positions.count) })
    }
}

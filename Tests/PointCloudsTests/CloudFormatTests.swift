// The other formats: what they say, and that nothing of a cloud is lost in them.

import Foundation
import GoldenFiles
import Testing

@testable import PointClouds

@Suite struct CloudFormatTests {
    private let scratch: Scratch
    private let cloud = PointCloud(
        positions: [[1, -2, 0.5], [0, 1e-7, 0], [3, 4, 5]], normals: [[0, 0, 1], [1, 0, 0], [0, -1, 0]],
        colours: [[214, 39, 40], [0, 128, 255], [1, 2, 3]], objects: [2, 0, 2])

    init() throws { scratch = try Scratch() }

    private func written(_ format: CloudFormat, _ cloud: PointCloud? = nil) throws -> [UInt8] {
        let path = scratch.file("cloud.\(format.fileExtension)")
        try (cloud ?? self.cloud).write(to: path, format: format)
        return Array(try Data(contentsOf: URL(filePath: path)))
    }

    private func lines(_ format: CloudFormat) throws -> [String] {
        String(decoding: try written(format), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test(arguments: [CloudFormat.ply, .plyASCII]) func `PLY reads back as it was`(format: CloudFormat) throws {
        _ = try written(format)
        #expect(try PointCloud(reading: scratch.file("cloud.ply")) == cloud)
        #expect(scratch.contents == ["cloud.ply"])
    }

    @Test(arguments: CloudFormat.allCases) func `bytes in memory are those of the file`(format: CloudFormat) throws {
        #expect(try written(format) == cloud.bytes(format: format))
        #expect(try written(format, PointCloud()) == PointCloud().bytes(format: format))
    }

    @Test func `many points are written in pieces`() throws {
        let many = PointCloud(
            positions: (0..<30_000).map { SIMD3(Float($0) / 7, -1, 0.1) },
            normals: [SIMD3<Float>](repeating: [0, 1, 0], count: 30_000),
            colours: (0..<30_000).map { SIMD3(UInt8($0 % 256), 1, 2) })
        _ = try written(.plyASCII, many)
        #expect(try PointCloud(reading: scratch.file("cloud.ply")) == many)
        #expect(try written(.ply, many) == many.bytes(format: .ply))
        let obj = String(decoding: try written(.obj, many), as: UTF8.self).split(separator: "\n")
        #expect(obj.count { $0.hasPrefix("v ") } == 30_000 && obj.last == "p 30000")
    }

    @Test func `XYZ has nine columns`() throws {
        #expect(try lines(.xyz)[0] == "1.0 -2.0 0.5 0.0 0.0 1.0 214 39 40")
        #expect(try lines(.xyz).count == 3)
    }

    @Test func `OBJ has colours, normals, points and objects`() throws {
        let lines = try lines(.obj)
        #expect(lines[1...4] == ["o object_0", "v 0.0 1e-07 0.0 0.0 0.5019608 1.0", "vn 1.0 0.0 0.0", "p 1"])
        #expect(lines.filter { $0.hasPrefix("o ") } == ["o object_0", "o object_2"])
        #expect(Array(lines.suffix(2)) == ["p 2", "p 3"])
    }

    @Test(arguments: [0, 1, 3]) func `GLB is valid glTF with y up`(count: Int) throws {
        let part = PointCloud(
            positions: Array(cloud.positions.prefix(count)), normals: cloud.normals.map { Array($0.prefix(count)) },
            colours: cloud.colours.map { Array($0.prefix(count)) }, objects: Array(cloud.objects.prefix(count)))
        let bytes = try written(.glb, part)
        func number(_ offset: Int) -> Int {
            Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) })
        }
        #expect(Array(bytes[..<4]) == Array("glTF".utf8) && number(4) == 2 && number(8) == bytes.count)
        let length = number(12)
        #expect(length % 4 == 0 && Array(bytes[16..<20]) == Array("JSON".utf8))
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(bytes[20..<20 + length])) as? [String: Any])
        guard count > 0 else {
            #expect(bytes.count == 20 + length && json["meshes"] == nil)
            return
        }
        #expect(Array(bytes[20 + length + 4..<20 + length + 8]) == Array("BIN\0".utf8))
        #expect(number(20 + length) == count * 36 && bytes.count == 28 + length + count * 36)
        let accessors = try #require(json["accessors"] as? [[String: Any]])
        let counts = accessors.compactMap { $0["count"] as? Int }
        #expect(counts == (count == 1 ? [1, 1, 1] : [1, 1, 1, 2, 2, 2]))
        if count == 1 {
            #expect(accessors[0]["min"] as? [Double] == [1, 0.5, 2])
            #expect(accessors[0]["max"] as? [Double] == [1, 0.5, 2])
        }
    }

    @Test func `a path's ending tells the format`() {
        #expect(CloudFormat(path: "a/b.GLB") == .glb && CloudFormat(path: "chair.ply") == .ply)
        #expect(CloudFormat(path: "chair") == nil && CloudFormat(path: "glb") == nil)
    }
}

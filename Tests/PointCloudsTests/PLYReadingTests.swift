// PLY files that other programs wrote, and files that lie.

import Foundation
import GoldenFiles
import Surfaces
import Testing

@testable import PointClouds

@Suite struct PLYReadingTests {
    @Test(arguments: [
        "plyfile-ascii", "plyfile-ascii-faces-first", "plyfile-big", "plyfile-big-faces-first", "plyfile-little",
        "plyfile-little-faces-first", "trimesh-ascii", "trimesh-cloud", "trimesh-mesh",
        "meshio-ascii", "meshio-binary", "open3d-ascii", "open3d-binary",
    ])
    func readsOtherPrograms(name: String) throws {
        let cloud = try PointCloud(reading: GoldenFiles.path("pointclouds/corners-\(name).ply"))
        for i in 0..<8 {
            let corner = SIMD3<Float>(Float(i & 1), Float(i >> 1 & 1), Float(i >> 2))
            let colour = SIMD3<UInt8>(UInt8(30 * i), UInt8(255 - 30 * i), UInt8(10 + i))
            #expect(cloud.positions[i] == corner)
            #expect(cloud.colours?[i] == colour)
        }
        if !["plyfile-ascii", "plyfile-little", "trimesh-cloud"].contains(where: name.hasPrefix) {
            #expect(cloud.normals == [SIMD3<Float>](repeating: [0, 0, 1], count: 8))
        } else {
            #expect(cloud.normals == nil)
        }
    }

    @Test func readsPositionsAlone() throws {
        let cloud = try parse(
            "ply\r\nformat ascii 1.0\r\nelement vertex 1\r\nproperty double x\r\nproperty int y\r\n"
                + "property short z\r\nend_header\r\n-1.5e0 2 3")
        #expect(cloud == PointCloud(positions: [[-1.5, 2, 3]]))
    }

    @Test func readsNoPoints() throws {
        #expect(try parse("\(head(count: 0))end_header\n").count == 0)
    }

    @Test(arguments: [
        ("", "a PLY file that begins with \"ply\""),
        ("a chair", "a PLY file that begins with \"ply\""),
        ("ply\nformat ascii 2.0\nend_header\n", "format ascii or binary, version 1.0"),
        ("ply\nformat ascii 1.0\n", "a header that ends with \"end_header\""),
        ("ply\nend_header\n", "a \"format\" line in the header"),
        ("ply\nformat ascii 1.0\nend_header\n", "an element \"vertex\""),
        ("ply\nformat ascii 1.0\nnonsense\nend_header\n", "a line of a PLY header"),
        ("ply\nformat ascii 1.0\nproperty float x\nend_header\n", "an element before its properties"),
        ("ply\nformat ascii 1.0\nelement vertex -3\nend_header\n", "\"element NAME COUNT\""),
        (
            "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nend_header\n1 2 3",
            "vertex properties x, y and z"
        ),
        ("ply\nformat ascii 1.0\nelement vertex 1\nproperty list float int x\nend_header\n", "\"property TYPE NAME\""),
    ])
    func badHeaders(text: String, expected: String) throws {
        let error = try #require(throws: CloudFileError.self) { try parse(text) }
        #expect(error.expected.hasPrefix(expected), "\(error)")
    }

    @Test(arguments: ["1 2", "1 2 x", "1 2 3 4", "1,5 2 3"]) func badRows(row: String) throws {
        let error = try #require(throws: CloudFileError.self) { try parse("\(head(count: 1))end_header\n\(row)\n") }
        #expect(!error.description.contains("\n"))
    }

    /// A count that the file cannot hold is refused before memory is taken for it.
    @Test(arguments: ["4000000000", "9223372036854775807", "99999999999999999999"], ["ascii", "binary_big_endian"])
    func lyingCounts(count: String, encoding: String) throws {
        let text = "ply\nformat \(encoding) 1.0\nelement vertex \(count)\nproperty float x\nproperty float y\n"
        let error = try #require(throws: CloudFileError.self) {
            try parse(text + "property float z\nend_header\n1 2 3 ")
        }
        #expect(error.description.hasSuffix("got 6 bytes") || error.expected == "\"element NAME COUNT\"")
    }

    @Test func lyingLists() throws {
        let text =
            "ply\nformat binary_little_endian 1.0\nelement face 1\nproperty list uint double v\nelement vertex 0\n"
        let error = try #require(throws: CloudFileError.self) {
            try parse(
                text + "property float x\nproperty float y\nproperty float z\nend_header\n\u{7F}\u{7F}\u{7F}\u{7F}")
        }
        #expect(error.got == "0 before the end of the file")
    }

    @Test(arguments: ["ply ", "ply\ncomment ", "ply\n"], ["x", "comment\n", "\n"])
    func endlessHeaders(start: String, more: String) throws {
        let error = try #require(throws: CloudFileError.self) {
            try parse(start + String(repeating: more, count: (1 << 21) / more.utf8.count))
        }
        #expect(error.description.utf8.count < 300)
        if start == "ply\n", more != "x" { #expect(error.expected == "a PLY header of at most 1048576 bytes") }
    }

    /// Files that are valid in unusual ways, with the points that they have.
    @Test func readsWhatIsValid() throws {
        let golden = try Data(contentsOf: URL(fileURLWithPath: GoldenFiles.path("pointclouds/cases.json")))
        let cases = try JSONDecoder().decode([String: [[Float]]].self, from: golden)
        #expect(cases.count > 40)
        for (name, points) in cases {
            do {
                let cloud = try PointCloud(reading: GoldenFiles.path("pointclouds/cases/good-\(name).ply"))
                #expect(cloud.positions.map { [$0.x, $0.y, $0.z] } == points, "\(name)")
                #expect(cloud.normals?.allSatisfy { $0 == .zero } ?? true, "\(name)")
            } catch {
                Issue.record("\(name): \(error)")
            }
        }
    }

    /// What fuzzing and malice came up with: each is refused with one short line.
    @Test func refusesWhatIsNot() throws {
        let folder = GoldenFiles.path("pointclouds/cases")
        let bad = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("bad-") }
        #expect(bad.count > 20)
        for name in bad {
            let error = #expect(throws: CloudFileError.self, "\(name)") { try PointCloud(reading: "\(folder)/\(name)") }
            if let words = refusedPLY[String(name.dropFirst(4).dropLast(4))] {
                #expect(error?.expected.hasPrefix(words.expected) == true, "\(name): \(String(describing: error))")
                #expect(error?.got.hasPrefix(words.got) == true, "\(name): \(String(describing: error))")
            }
            let line = String((error?.description ?? "").dropFirst(folder.count))
            #expect(!line.unicodeScalars.contains { $0.value < 32 } && line.utf8.count < 300, "\(name): \(line)")
        }
    }

    @Test func saysWhatAFileHolds() throws {
        let file = try CloudFile(path: GoldenFiles.path("pointclouds/corners-plyfile-big-faces-first.ply"))
        let ply = try #require(file.ply)
        #expect(ply.encoding == "binary_big_endian" && file.cloud.count == 8)
        #expect(ply.elements.map(\.name) == ["face", "vertex"] && ply.elements.map(\.count) == [2, 8])
        #expect(ply.elements[0].properties.first?.type == "list uchar int")
        #expect(ply.elements[1].properties.first?.type == "double")
        #expect(file.findings == [.columnsNotRead(["quality"])])
        // Two squares of four triangles in all; the points are the vertices still.
        #expect(file.surface?.triangleCount == 4)
    }

    @Test func missingAndDirectory() throws {
        let missing = try #require(throws: CloudFileError.self) { try PointCloud(reading: "/none/chair.ply") }
        #expect(missing.description == "/none/chair.ply: expected a point cloud, got \"No such file or directory\"")
        let directory = try #require(throws: CloudFileError.self) { try PointCloud(reading: "/tmp") }
        #expect(directory.description == "/tmp: expected a point cloud, got a directory")
    }

    @Test func cutAnywhere() throws {
        let whole = PointCloud(positions: [[1, 2, 3], [4, 5, 6]]).bytes(format: .ply)
        for length in 0..<whole.count {
            let error = #expect(throws: CloudFileError.self) { try parse(bytes: Array(whole.prefix(length))) }
            #expect(error?.got.isEmpty == false && error?.expected.isEmpty == false, "\(length)")
        }
        #expect(try parse(bytes: whole).count == 2)
    }

    private func head(count: Int) -> String {
        "ply\nformat ascii 1.0\nelement vertex \(count)\nproperty float x\nproperty float y\nproperty float z\n"
    }

    private func parse(_ text: String) throws -> PointCloud { try parse(bytes: Array(text.utf8)) }

    private func parse(bytes: [UInt8]) throws -> PointCloud {
        let path = NSTemporaryDirectory() + "/\(UUID().uuidString).ply"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        // From a file and from memory alike.
        let cloud = try PointCloud(reading: path)
        #expect(try CloudFile(bytes: bytes, name: "memory.ply").cloud == cloud)
        return cloud
    }
}

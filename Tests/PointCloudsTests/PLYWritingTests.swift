// The files that are written: their exact bytes, and that they are never half there.

import AtomicFiles
import Foundation
import GoldenFiles
import Testing

@testable import PointClouds

@Suite struct PLYWritingTests {
    private let cloud = PointCloud(
        positions: [[1, -2, 0.5], [0, 0, 0]], normals: [[0, 0, 1], [1, 0, 0]],
        colours: [[214, 39, 40], [0, 128, 255]],
        objects: [0, 3])

    @Test func bytesAreAsPromised() throws {
        let header = """
            ply
            format binary_little_endian 1.0
            element vertex 2
            property float x
            property float y
            property float z
            property float nx
            property float ny
            property float nz
            property uchar red
            property uchar green
            property uchar blue
            property uchar object
            end_header

            """
        let bytes = cloud.bytes(format: .ply)
        #expect(bytes.prefix(header.utf8.count).elementsEqual(header.utf8))
        let rows = Array(bytes.dropFirst(header.utf8.count))
        #expect(rows.count == 2 * 28)
        #expect(rows[..<12] == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F])
        #expect(rows[24..<28] == [214, 39, 40, 0])
        #expect(rows[52..<56] == [0, 128, 255, 3])
    }

    @Test func writesAndReads() throws {
        let folder = try Scratch()
        try cloud.writePLY(to: "\(folder.path)/a.ply")
        #expect(try PointCloud(reading: "\(folder.path)/a.ply") == cloud)
        // More rows than are written at once.
        let many = PointCloud(
            positions: (0..<40_000).map { SIMD3(Float($0), 0, 1) },
            normals: [SIMD3<Float>](repeating: [0, 1, 0], count: 40_000),
            colours: (0..<40_000).map { SIMD3(UInt8($0 % 256), 1, 2) })
        try many.writePLY(to: "\(folder.path)/a.ply")
        #expect(try PointCloud(reading: "\(folder.path)/a.ply") == many)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.ply"])
    }

    @Test func nothingIsLeftOfAFileGivenUp() throws {
        let folder = try Scratch()
        try AtomicFile.write([1, 2, 3], to: "\(folder.path)/a")
        do {
            var file = try AtomicFile(path: "\(folder.path)/a")
            try file.write([UInt8](repeating: 0, count: 100_000))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/a")) == Data([1, 2, 3]))
    }

    @Test func errorsNameThePathAndTheReason() throws {
        let folder = try Scratch()
        let missing = try #require(throws: FileWriteError.self) { try cloud.writePLY(to: "\(folder.path)/no/a.ply") }
        #expect(missing.description == "\(folder.path)/no/a.ply: cannot be written: No such file or directory")
        let directory = try #require(throws: FileWriteError.self) { try cloud.writePLY(to: folder.path) }
        #expect(directory.description == "\(folder.path): cannot be written: Is a directory")
    }

    @Test func fullDisk() throws {
        let error = try #require(throws: FileWriteError.self) { try cloud.writePLY(to: "/dev/full") }
        #expect(error.description == "/dev/full: cannot be written: No space left on device")
    }

    @Test func devicesAreWrittenToDirectly() throws {
        try cloud.writePLY(to: "/dev/null")
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }
}

// The same colours as every tool stores them: each file is read as the others are.

import Foundation
import GoldenFiles
import Testing

@testable import PointClouds

struct ColourReadingTests {
    private let colours: [SIMD3<UInt8>] = [[214, 39, 40], [31, 96, 200], [0, 0, 0], [255, 255, 255], [7, 8, 9]]

    @Test(arguments: [
        "float-0-1", "char", "short-0-255", "float-0-255", "double-0-255", "ushort-0-255", "ushort-full", "int-0-255",
        "uint-0-255", "uint-0-65535", "uint-full", "capital-letters", "letters", "capitalised", "diffuse",
        "scalar-letters", "scalar-words", "packed-uint", "packed-int", "packed-float-text", "packed-float-bits",
        "harmonics",
    ])
    func `colours of every dialect are the same`(name: String) throws {
        let file = try CloudFile(path: GoldenFiles.path("pointclouds/colours/\(name).ply"))
        #expect(file.cloud.colours == colours)
        #expect(file.cloud.positions.map(\.z) == [0, 3, 6, 9, 12])
    }

    @Test func `a range that is not the type's own is said`() throws {
        func findings(_ name: String) throws -> [CloudFinding] {
            try CloudFile(path: GoldenFiles.path("pointclouds/colours/\(name).ply")).findings
        }
        #expect(try findings("float-0-255") == [.colourRange(to: 255)])
        #expect(try findings("uint-0-65535") == [.colourRange(to: 65_535)])
        #expect(try findings("harmonics") == [.coloursFromHarmonics])
        #expect(try findings("float-0-1").isEmpty && findings("ushort-full").isEmpty && findings("packed-uint").isEmpty)
    }

    @Test func `a range that nobody knows gives no colours`() throws {
        let file = try CloudFile(
            bytes: Array("0 0 0 70000.5 0 1\n1 1 1 3 -4 5\n".utf8), name: "cloud.xyz")
        #expect(file.cloud.colours == nil)
        let ply = """
            ply
            format ascii 1.0
            element vertex 1
            property float x
            property float y
            property float z
            property float red
            property float green
            property float blue
            end_header
            1 2 3 1e9 0 0

            """
        let read = try CloudFile(bytes: Array(ply.utf8), name: "cloud")
        #expect(read.cloud.colours == nil && read.findings == [.coloursOfUnknownRange(largest: 1e9)])
    }
}

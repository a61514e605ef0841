// Surfaces as files: what is written is read back, by this package and as other formats have it.

import Foundation
import GoldenFiles
import Pictures
import PointClouds
import Surfaces
import SystemPackage
import Testing

@Suite struct MeshFormatTests {
    /// A tetrahedron with a colour at each corner, and the same again beside it.
    static let scene: MeshScene = {
        let mesh = Mesh(
            positions: [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]],
            normals: [[-0.6, -0.6, -0.529_150_3], [1, 0, 0], [0, 1, 0], [0, 0, 1]],
            colours: [[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128]],
            triangles: [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
        return MeshScene([
            NamedMesh(name: "red cone", mesh: mesh),
            NamedMesh(name: "\"other\" <b>", mesh: mesh.placed(at: [3, 0, 0])),
        ])
    }()

    @Test(arguments: [MeshFormat.glb, .obj, .ply])
    func whatIsWrittenIsReadBack(format: MeshFormat) throws {
        let file = try CloudFile(bytes: Self.scene.bytes(format: format), name: "scene.\(format.rawValue)")
        let surface = try #require(file.surface)
        #expect(surface.objects.map(\.mesh.triangles.count) == [4, 4])
        for (read, written) in zip(surface.objects, Self.scene.objects) {
            let check = MeshCheck(read.mesh)
            #expect(check.isWatertight && check.isWindingConsistent)
            #expect(abs(try #require(check.volume) - 1.0 / 6) < 1e-6)
            #expect(read.mesh.bounds?.lower == written.mesh.bounds?.lower)
            #expect(read.mesh.bounds?.upper == written.mesh.bounds?.upper)
        }
        #expect(file.cloud.colours != nil)
    }

    @Test func stlIsInMillimetres() throws {
        let bytes = Self.scene.bytes(format: .stl)
        #expect(bytes.count == 84 + 50 * 8)
        let file = try CloudFile(bytes: bytes, name: "scene.stl")
        let bounds = try #require(file.surface?.bounds)
        #expect(file.format == .stl && bounds.upper == [400, 100, 100])
        #expect(file.findings == [.surfaceSampled(points: 16_384, triangles: 8), .upAssumed])
    }

    @Test(arguments: [(MeshFormat.stl, Float(80)), (.obj, 80), (.ply, 80), (.glb, 0.08)])
    func aSizeIsTheLongestSide(format: MeshFormat, longest: Float) throws {
        let bytes = Self.scene.bytes(format: format, millimetres: 80)
        let bounds = try #require(try CloudFile(bytes: bytes, name: "a.\(format.rawValue)").surface?.bounds)
        #expect(abs((bounds.upper - bounds.lower).max() / longest - 1) < 1e-5)
    }

    @Test func stlAsTextIsRead() throws {
        let facet =
            "facet normal 0 0 1\n outer loop\n  vertex 0 0 0\n  vertex 1 0 0\n  vertex 0 1 0\n endloop\nendfacet\n"
        let file = try CloudFile(
            bytes: Array("solid a\n\(facet)endsolid a\nsolid b\n\(facet)endsolid b\n".utf8), name: "a")
        #expect(file.format == .stl && file.surface?.objects.count == 2)
        #expect(file.cloud.normals?.allSatisfy { $0 == [0, 0, 1] } == true)
    }

    @Test func stlOfAnotherLengthThanItSaysIsRefused() {
        var bytes = Self.scene.bytes(format: .stl)
        bytes.removeLast(50)
        let error = #expect(throws: CloudFileError.self) { try CloudFile(bytes: bytes, name: "cut.stl") }
        #expect(error?.expected == "484 bytes for 8 triangles" && error?.got == "434")
    }

    @Test func facesOfVerticesThatAreNotThereAreRefused() {
        let text = """
            ply
            format ascii 1.0
            element vertex 3
            property float x
            property float y
            property float z
            element face 1
            property list uchar int vertex_indices
            end_header
            0 0 0
            1 0 0
            0 1 0
            3 0 1 3

            """
        let error = #expect(throws: CloudFileError.self) { try CloudFile(bytes: Array(text.utf8), name: "a.ply") }
        #expect(error?.expected == "faces of the 3 vertices" && error?.got == "one of vertex 3")
    }

    @Test func threeMFIsAnArchiveOfItsModel() throws {
        let bytes = Self.scene.bytes(format: .threeMF, millimetres: 40)
        #expect(bytes == Self.scene.bytes(format: .threeMF, millimetres: 40))
        // The first entry is stored under the name that readers look for, and the directory ends the file.
        #expect(bytes.starts(with: Array("PK\u{3}\u{4}".utf8)))
        #expect(Array(bytes[30..<49]) == Array("[Content_Types].xml".utf8))
        #expect(Array(bytes[(bytes.count - 22)..<(bytes.count - 18)]) == Array("PK\u{5}\u{6}".utf8))
        #expect(bytes[bytes.count - 12] == 3)
    }

    @Test func samplesAreSpreadByArea() {
        // The second triangle is three times as large as the first.
        let mesh = Mesh(
            positions: [[0, 0, 0], [1, 0, 0], [0, 1, 0], [5, 0, 0], [8, 0, 0], [5, 1, 0]],
            triangles: [[0, 1, 2], [3, 4, 5]])
        let scene = MeshScene([NamedMesh(name: "a", mesh: mesh)])
        let cloud = PointCloud(sampling: scene, points: 4_000, seed: 3)
        #expect(cloud.count == 4_000)
        #expect(abs(cloud.positions.count { $0.x < 2 } - 1_000) <= 1)
        #expect(cloud == PointCloud(sampling: scene, points: 4_000, seed: 3))
        #expect(cloud != PointCloud(sampling: scene, points: 4_000, seed: 4))
        #expect(cloud.normals?.allSatisfy { $0 == [0, 0, 1] } == true)
    }

    @Test func aPictureShowsTheTriangles() {
        let picture = CloudRenderer(size: 64)(Self.scene)
        let ground = picture.pixels[0]
        let drawn = picture.pixels.count { $0.x != ground.x || $0.y != ground.y }
        #expect(drawn > 300)
        // Red, green and blue corners are seen.
        #expect(picture.pixels.contains { Int($0.z) > Int($0.x) + 60 })
    }

    @Test(arguments: [CloudFormat.ply, .plyASCII, .xyz, .obj])
    func piecesMakeTheSameFileAsTheWhole(format: CloudFormat) throws {
        let cloud = PointCloud(sampling: Self.scene, points: 500)
        let scratch = try Scratch()
        let path = scratch.file("pieces.\(format.fileExtension)")
        var writer = try CloudFileWriter(FilePath(path), format: format, count: 500)
        for part in [0..<200, 200..<201, 201..<500] { try writer.append(cloud.subset(Array(part))) }
        try writer.commit()
        let written = try Data(contentsOf: URL(filePath: path))
        if format == .obj {
            // Elements come with their points, not after all of an object's.
            #expect(try PointCloud(reading: path) == CloudFile(bytes: cloud.bytes(format: .obj), name: "a").cloud)
        } else {
            #expect(Array(written) == cloud.bytes(format: format))
        }
    }
}

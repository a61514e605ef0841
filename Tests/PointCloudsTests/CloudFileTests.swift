// The one reader of all formats: what each says, where large numbers go, and what is refused.

import Foundation
import GoldenFiles
import Surfaces
import SystemPackage
import Testing

@testable import PointClouds

struct CloudFileTests {
    private func read(_ text: String, _ name: String = "cloud") throws -> CloudFile {
        try CloudFile(bytes: Array(text.utf8), name: name)
    }

    private func refusal(_ text: String, _ name: String = "cloud") throws -> CloudFileError {
        try #require(throws: CloudFileError.self) { try read(text, name) }
    }

    private let cloud = PointCloud(
        positions: [[1, -2, 0.5], [0, 0.25, 0], [3, 4, 5]], normals: [[0, 0, 1], [1, 0, 0], [0, -1, 0]],
        colours: [[214, 39, 40], [0, 128, 255], [1, 2, 3]], objects: [0, 1, 1])

    // MARK: formats

    @Test(arguments: [CloudFormat.ply, .plyASCII, .xyz, .obj, .glb])
    func `every format that is written is read back`(format: CloudFormat) throws {
        let scratch = try Scratch()
        let path = scratch.file("cloud.of-no-ending")
        try cloud.write(to: path, format: format)
        let file = try CloudFile(path: path)
        #expect(file.format.rawValue == format.fileExtension)
        #expect(file.cloud.positions == cloud.positions && file.cloud.normals == cloud.normals)
        #expect(file.cloud.colours == cloud.colours)
        // XYZ has no place for objects.
        #expect(file.cloud.objects == (format == .xyz ? [0, 0, 0] : cloud.objects))
        #expect(file.findings == (format == .xyz ? [.columnsAssumed("x y z nx ny nz red green blue")] : []))
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        #expect(try CloudFile(bytes: bytes, name: "memory").cloud == file.cloud)
        #expect(CloudFile.format(ofFile: FilePath(path)) == file.format)
    }

    static let tables: [(text: String, colours: [SIMD3<UInt8>]?)] = [
        ("1 2 3\n4 5 6", nil), ("1,2,3\r\n4,5,6\r\n", nil), ("1; 2; 3\r4;\t5; 6", nil),
        ("# a comment\n1 2 3 255 0 10\n// another\n4 5 6 0 0 0\n", [[255, 0, 10], [0, 0, 0]]),
        ("1 2 3 1.0 0 0.5\n4 5 6 0 0 0\n", [[255, 0, 128], [0, 0, 0]]),
        ("X Y Z R G B\n1 2 3 9 8 7\n4 5 6 1 1 1\n", [[9, 8, 7], [1, 1, 1]]),
        ("//X,Y,Z,Scalar,B,G,R\n1,2,3,0.5,7,8,9\n4,5,6,0.5,1,1,1", [[9, 8, 7], [1, 1, 1]]),
        ("2\n1 2 3 -17 9 8 7\n4 5 6 -20 1 1 1\n", [[9, 8, 7], [1, 1, 1]]),
        ("\u{FEFF}1 2 3 7 8 9 255\n\n4 5 6 1 2 3 255\n", [[7, 8, 9], [1, 2, 3]]),
    ]

    @Test(arguments: tables)
    func `XYZ of many kinds`(text: String, colours: [SIMD3<UInt8>]?) throws {
        let file = try read(text)
        #expect(file.format == .xyz && file.cloud.positions == [[1, 2, 3], [4, 5, 6]])
        #expect(file.cloud.colours == colours && file.cloud.normals == nil)
    }

    @Test func `what is passed over in a table is said`() throws {
        let file = try read("x y z intensity nx ny nz\n1 2 3 4 0 0 1\nnan 2 3 4 0 0 1\n")
        #expect(file.cloud.count == 1 && file.cloud.normals == [[0, 0, 1]])
        #expect(
            Set(file.findings.map(\.description)) == [
                "1 point is left out: not finite", "not read: \"intensity\" of the points",
            ])
    }

    @Test func `OBJ points and faces`() throws {
        let points = try read("v 1 2 3 1 0 0\nv 4 5 6 0 1 0\nvn 0 0 1\nvn 0 1 0\np 1 2\n").cloud
        #expect(points.positions == [[1, 2, 3], [4, 5, 6]] && points.colours == [[255, 0, 0], [0, 255, 0]])
        #expect(points.normals == [[0, 0, 1], [0, 1, 0]])
        let square = "mtllib a.mtl\nv 0 0 0\nv 2 0 0\nv 2 1 0\nv 0 1 0\nf 1/1 2/2 \\\n3/3 -1/4\n"
        let file = try read(square)
        let bounds = try #require(file.cloud.bounds)
        #expect(file.cloud.count == 16_384 && file.cloud.colours == nil)
        #expect(file.cloud.normals?.allSatisfy { $0 == [0, 0, 1] } == true)
        #expect(bounds.lower.x < 0.02 && bounds.upper.x > 1.98 && bounds.upper.y > 0.98 && bounds.upper.z == 0)
        // Evenly: every quarter has a quarter.
        #expect((3_900...4_300).contains(file.cloud.positions.count { $0.x < 1 && $0.y < 0.5 }))
        #expect(
            file.findings == [
                .surfaceSampled(points: 16_384, triangles: 2), .notRead(["materials"]), .upAssumed,
            ])
    }

    @Test(arguments: ["trimesh-mesh.glb", "trimesh-points.glb", "trimesh-mesh.obj"])
    func `another program's meshes and points`(name: String) throws {
        let file = try CloudFile(path: GoldenFiles.path("pointclouds/formats/\(name)"))
        let bounds = try #require(file.cloud.rebased(to: .zero).bounds)
        let colours = try #require(file.cloud.colours)
        switch name {
        case "trimesh-points.glb":
            // glTF's y is up: (x, y, 0) becomes (x, 0, y).
            #expect(file.cloud.positions == [[0, 0, 0], [2, 0, 0], [2, 0, 1], [0, 0, 1]])
        case "trimesh-mesh.glb":
            // Turned about x, its y becomes z; moved by (10, 20, 30). Then y is up.
            #expect(
                bounds.lower.x >= 10 && bounds.upper.x <= 12 && abs(bounds.lower.z - 20) < 1e-4
                    && abs(bounds.upper.z - 20) < 1e-4)
            #expect(bounds.lower.y >= -31 && bounds.upper.y <= -30 && bounds.upper.y - bounds.lower.y > 0.97)
        default:
            #expect(bounds.upper.x > 1.98 && bounds.upper.y > 0.98 && bounds.upper.z == 0)
            #expect(colours.contains { $0.x > 200 && $0.y < 60 })
        }
        #expect(name.hasSuffix("obj") || file.findings.allSatisfy { $0 != .upAssumed })
    }

    @Test(arguments: ["trimesh-mesh.stl", "trimesh-mesh-ascii.stl"])
    func `another program's STL`(name: String) throws {
        let file = try CloudFile(path: GoldenFiles.path("pointclouds/formats/\(name)"))
        #expect(file.format == .stl && file.cloud.colours == nil)
        let mesh = try #require(file.surface).objects[0].mesh
        #expect(mesh.triangles.count == 2)
        #expect(SIMD3<Double>(try #require(mesh.bounds).upper) + file.cloud.origin == [2, 1, 0])
    }

    // MARK: large numbers

    @Test func `map coordinates lose nothing`() throws {
        var header = "ply\nformat ascii 1.0\nelement vertex 3\n"
        header += "property double x\nproperty double y\nproperty double z\nend_header\n"
        let places: [SIMD3<Double>] = [
            [431_234.567, 5_410_987.321, 112.25], [431_235.067, 5_410_987.322, 112.5],
            [431_235.567, 5_410_988.321, 113.25],
        ]
        let rows = places.map { "\($0.x) \($0.y) \($0.z)" }.joined(separator: "\n")
        let file = try read(header + rows + "\n")
        #expect(file.findings == [.originKept(file.cloud.origin)])
        for (index, place) in places.enumerated() {
            let difference = file.cloud.place(index) - place
            #expect(max(abs(difference.x), abs(difference.y), abs(difference.z)) < 1e-7)
        }
        let scratch = try Scratch()
        for format in CloudFormat.allCases {
            let path = scratch.file("cloud")
            try file.cloud.write(to: path, format: format)
            let again = try CloudFile(path: path).cloud
            for index in 0..<3 {
                let difference = again.place(index) - places[index]
                #expect(max(abs(difference.x), abs(difference.y), abs(difference.z)) < 1e-6, "\(format)")
            }
        }
        // The same cloud elsewhere is as far away as it is.
        let near = PointCloud(positions: places.map { SIMD3<Float>($0 - places[0]) }, origin: places[0] + [3, 4, 0])
        let comparison = CloudComparison(PointCloud(positions: [.zero], origin: places[0]), near)
        #expect(abs(comparison.forth.mean - 4.1227) < 0.01 || abs(comparison.forth.mean - 5) < 1e-6)
        #expect(CloudComparison(file.cloud, file.cloud.rebased(to: places[0])).hausdorffDistance < 1e-6)
    }

    @Test func `ordinary coordinates keep their origin`() throws {
        #expect(try read("0.1 0.2 0.3\n1.1 0.7 0.9\n-1 0.3 0.2\n").cloud.origin == .zero)
        #expect(try read("500000 5 5\n500001 5 5\n").cloud.positions[1].x == 500_001)
    }

    @Test func `clouds with different origins are joined where they are`() {
        var cloud = PointCloud(positions: [[1, 0, 0]], origin: [1_000, 0, 0])
        cloud.append(PointCloud(positions: [[2, 0, 0]], origin: [1_001, 0, 0]))
        #expect(cloud.positions == [[1, 0, 0], [3, 0, 0]] && cloud.origin == [1_000, 0, 0])
    }

    // MARK: refusals

    @Test(arguments: [
        ("", "", "a point cloud: PLY, XYZ, OBJ, GLB or STL", "nothing"),
        ("hello there\n", "", "a point cloud: PLY, XYZ, OBJ, GLB or STL", "something else"),
        ("# .PCD v0.7\nVERSION 0.7\n", "", "a point cloud: PLY, XYZ, OBJ, GLB or STL", "a PCD file"),
        ("solid cube\nfacet\nvertex 1 2\n", "", "\"vertex x y z\" in line 3", "something else"),
        ("solid cube\nfacet\nvertex 1 2 3\nendloop\n", "", "three corners before line 4", "1"),
        ("nothing", "a.stl", "an STL file of 84 bytes or more", "7"),
        ("{\"asset\": 1}", "", "a point cloud: PLY, XYZ, OBJ, GLB or STL", "JSON"),
        ("1 2 3\n4 5\n", "", "x, y and z in line 2", "2 numbers"),
        ("1 2 3\n4 5 6 7\n", "", "3 numbers, as in the lines before in line 2", "4"),
        ("1 2 3\n4 five 6\n", "", "numbers in line 2", "\"4 five 6\""),
        ("1,5 2,5 3,5\n", "", "decimal points in line 1", "commas that may be decimal ones"),
        ("3\n1 2 3\n", "", "3 points, as the first line says", "1"),
        ("v 1 2\n", "", "\"v x y z\" with or without w and a colour in line 1", "2 numbers"),
        ("v 1 2 3\nf 1 2 3\n", "", "a corner of 1 to 1, the vertices so far in line 2", "\"2\""),
        (
            "v 1 2 3\nf -9223372036854775808 1 1\n", "", "a corner of 1 to 1, the vertices so far in line 2",
            "\"-9223372036854775808\""
        ),
        ("v 1 2 3\nwhat 1\n", "", "a line of an OBJ file in line 2", "\"what\""),
        ("glTF\u{1}\0\0\0\u{14}\0\0\0", "", "glTF 2.0", "version 1"),
        ("nothing", "a.ply", "a PLY file that begins with \"ply\"", "something else"),
        ("nothing", "a.glb", "a GLB file that begins with \"glTF\"", "something else"),
    ])
    func `what is none is refused by what is wrong`(text: String, name: String, expected: String, got: String) throws {
        let error = try refusal(text, name.isEmpty ? "cloud" : name)
        #expect(error.expected == expected && error.got == got)
    }

    @Test func `reasons can be told apart`() throws {
        #expect(try refusal("hello").reason == .unknownFormat)
        #expect(try refusal("1 2 3\n4 5\n").reason == .damaged)
        #expect(try refusal("glTF\u{1}\0\0\0\u{14}\0\0\0").reason == .unsupported)
        let missing = try #require(throws: CloudFileError.self) { try CloudFile(path: "/none/a.ply") }
        #expect(missing.reason == .unreadable)
    }

    @Test func `rows of text have as many numbers as there are properties`() throws {
        let head =
            "ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\nend_header\n"
        #expect(
            try refusal(head + "1 2 3\n4 5 6 7\n").description
                == "cloud: expected the 3 numbers of element \"vertex\" in line 9, got more")
        #expect(
            try refusal(head + "1 2 3\n4.25 5.25\n").description
                == "cloud: expected the 3 numbers of element \"vertex\" in line 9, got fewer")
        #expect(
            try refusal(head + "1 2 3\n4 5 6\n7 8 9\n").description
                == "cloud: expected the end of the file after the 2 rows of its header, got more in line 10")
        let some = try read(head + "1 2 3\nnan 5 6\n")
        #expect(some.cloud.positions == [[1, 2, 3]] && some.findings == [.pointsLeftOut(1)])
    }

    /// Sharing data, nodes could ask a small file for any number of points.
    @Test func `GLB of hostile sizes`() throws {
        func glb(_ json: String, _ data: [UInt8]) -> [UInt8] {
            func little(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).littleEndian) { Array($0) } }
            let text = Array(json.utf8) + [UInt8](repeating: 0x20, count: (4 - json.utf8.count % 4) % 4)
            return Array("glTF".utf8) + little(2) + little(28 + text.count + data.count) + little(text.count)
                + Array("JSON".utf8) + text + little(data.count) + Array("BIN\0".utf8) + data
        }
        func document(count: Int = 100, nodes: String, offset: Int = 0) -> String {
            """
            {"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[\(nodes)],
            "meshes":[{"primitives":[{"mode":0,"attributes":{"POSITION":0}}]}],
            "accessors":[{"bufferView":0,"byteOffset":\(offset),"componentType":5126,"count":\(count),"type":"VEC3"}],
            "bufferViews":[{"buffer":0,"byteLength":1200}],"buffers":[{"byteLength":1200}]}
            """
        }
        let data = [UInt8](repeating: 0, count: 1_200)
        func got(_ json: String) -> String {
            do {
                return "\(try CloudFile(bytes: glb(json, data), name: "a").cloud.count) points"
            } catch {
                return error.got
            }
        }
        #expect(got(document(nodes: #"{"mesh":0}"#)) == "100 points")
        #expect(got(document(count: 101, nodes: #"{"mesh":0}"#)) == "one beyond it")
        #expect(got(document(count: Int.max, nodes: #"{"mesh":0}"#)) == "one beyond it")
        #expect(got(document(nodes: #"{"mesh":0}"#, offset: Int.max)) == "one beyond it")
        #expect(got(document(nodes: #"{"mesh":7}"#)) == "7")
        #expect(got(document(nodes: #"{"mesh":0,"children":[0]}"#)) == "node 0 twice")
        #expect(got(document(nodes: #"{"mesh":0,"matrix":[1,2]}"#)) == "others in node 0")
        #expect(got("{}") == "0 points")
        #expect(got("[") == "something else")
    }

    @Test func `a pipe is read`() throws {
        let scratch = try Scratch()
        let path = scratch.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let bytes = Data(cloud.bytes(format: .ply))
        let writer = Thread { try? bytes.write(to: URL(filePath: path)) }
        writer.start()
        #expect(try CloudFile(path: path).cloud == cloud)
    }
}

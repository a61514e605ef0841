// What is said of meshes, and what thinning them leaves.

import Surfaces
import Testing

@Suite struct MeshTests {
    /// A unit cube of twelve triangles.
    static let cube: Mesh = {
        var corners: [SIMD3<Float>] = []
        for corner in 0..<8 {
            let place = SIMD3<Int32>(Int32(corner & 1), Int32(corner >> 1 & 1), Int32(corner >> 2 & 1))
            corners.append(SIMD3<Float>(place))
        }
        let quads: [[UInt32]] = [
            [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5],
        ]
        var triangles: [SIMD3<UInt32>] = []
        for quad in quads {
            triangles.append(SIMD3(quad[0], quad[1], quad[2]))
            triangles.append(SIMD3(quad[0], quad[2], quad[3]))
        }
        return Mesh(positions: corners, triangles: triangles)
    }()

    @Test func aCubeIsClosedAndMeasured() {
        let check = MeshCheck(Self.cube)
        #expect(check.isWatertight && check.isWindingConsistent)
        #expect(abs((check.volume ?? 0) - 1) < 1e-12 && abs(check.area - 6) < 1e-12)
        #expect(check.triangles == 12 && check.vertices == 8 && check.components == 1)
    }

    @Test func aMissingTriangleIsAHole() {
        var mesh = Self.cube
        mesh.triangles.removeLast()
        let check = MeshCheck(mesh)
        #expect(!check.isWatertight && check.isWindingConsistent && check.volume == nil)
    }

    @Test func aTurnedTriangleIsSeen() {
        var mesh = Self.cube
        let turned = mesh.triangles[3]
        mesh.triangles[3] = SIMD3(turned.x, turned.z, turned.y)
        let check = MeshCheck(mesh)
        #expect(check.isWatertight && !check.isWindingConsistent && check.volume == nil)
    }

    @Test func cornersAtOnePlaceAreOne() {
        // As STL has them: every triangle with corners of its own.
        var soup = Mesh()
        for triangle in Self.cube.triangles {
            let first = UInt32(soup.positions.count)
            for corner in 0..<3 { soup.positions.append(Self.cube.positions[Int(triangle[corner])]) }
            soup.triangles.append(SIMD3(first, first + 1, first + 2))
        }
        #expect(MeshCheck(soup) == MeshCheck(Self.cube))
    }

    @Test func anUnevenFootIsPressedFlat() throws {
        // One corner of the cube's foot hangs 8 thousandths below the others, one of its top too.
        var mesh = Self.cube
        mesh.positions[0].z = -0.008
        mesh.positions[4].z = 0.992
        mesh.normals = mesh.positions.map { _ in [0.6, 0, -0.8] }
        let levelled = mesh.footLevelled()
        let heights = levelled.positions.map(\.z)
        #expect(heights[0] == -0.008 && heights[1...3].allSatisfy { abs($0 + 0.008 - 0.0008) < 1e-6 })
        #expect(heights[4...] == mesh.positions.map(\.z)[4...] && levelled.triangles == mesh.triangles)
        // A squeezed slope faces the ground more than it did; above, nothing has turned.
        let normals = try #require(levelled.normals)
        #expect(normals[1].z < -0.99 && normals[4] == [0.6, 0, -0.8])
        // The order of heights stays what it was, and nothing moves farther than nine thousandths.
        var column = Mesh(positions: (0...200).map { [0, 0, Float($0) / 200] }, triangles: [[0, 1, 2]])
        column = column.footLevelled()
        #expect(zip(column.positions, column.positions.dropFirst()).allSatisfy { $0.z < $1.z })
        #expect(column.positions.enumerated().allSatisfy { abs($1.z - Float($0) / 200) < 0.0091 })
    }

    @Test func anEdgeOfFourTrianglesIsNoSurface() {
        // Two tetrahedra that share an edge.
        let mesh = Mesh(
            positions: [[0, 0, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0]],
            triangles: [
                [0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3], [0, 4, 1], [0, 1, 5], [0, 5, 4], [1, 4, 5],
            ])
        #expect(!MeshCheck(mesh).isWatertight)
    }

    @Test(arguments: [20_000, 5_000, 1_000])
    func thinningKeepsASurfaceClosed(count: Int) throws {
        let mesh = DualContouring(spacing: 0.015)(AnalyticField.torus(radius: 0.4, tube: 0.1))
        #expect(mesh.triangles.count > 20_000)
        let thinned = mesh.simplified(to: count)
        let check = MeshCheck(thinned)
        #expect(check.isWatertight && check.isWindingConsistent && check.components == 1)
        #expect(check.triangles <= count && check.triangles > count / 2)
        let volume = try #require(check.volume)
        #expect(abs(volume / (2 * Double.pi * Double.pi * 0.4 * 0.01) - 1) < 0.05)
    }

    @Test func whereColoursMeetThinningKeepsTheLine() {
        // Red above z = 0, blue below, on a box with flat sides.
        let mesh = DualContouring(spacing: 0.02)(AnalyticField.box([0.3, 0.3, 0.305])).simplified(to: 600)
        #expect(MeshCheck(mesh).isWatertight)
        let colours = mesh.colours ?? []
        #expect(colours.count == mesh.positions.count)
        // Triangles of one colour alone cover nearly everything: none reaches from the top far below the line.
        for triangle in mesh.triangles {
            let heights = (0..<3).map { mesh.positions[Int(triangle[$0])].z }
            guard let low = heights.min(), let high = heights.max() else { continue }
            #expect(high < 0.05 || low > -0.05, "\(low) to \(high)")
        }
    }

    @Test func stretchedNormalsStaySquare() throws {
        let mesh = DualContouring(spacing: 0.05)(AnalyticField.sphere(radius: 0.5)).stretched(by: [2, 1, 0.5])
        let normals = try #require(mesh.normals)
        for (position, normal) in zip(mesh.positions, normals) {
            // The gradient of an ellipsoid's equation.
            let gradient = position / SIMD3<Float>(1, 0.25, 0.0625)
            let length = (gradient * gradient).sum().squareRoot()
            #expect((normal * gradient).sum() / length > 0.99)
        }
    }

    @Test func tilesHoldEveryTriangleOnce() {
        let mesh = DualContouring(spacing: 0.05)(AnalyticField.torus(radius: 0.4, tube: 0.1))
        let tiles = SurfaceTiles(mesh, count: 7).tiles
        #expect(tiles.count >= 7)
        #expect(tiles.flatMap(\.triangles).sorted() == Array(mesh.triangles.indices))
        let area = tiles.reduce(0) { $0 + $1.area }
        #expect(abs(area - MeshCheck(mesh).area) < 1e-6)
    }
}

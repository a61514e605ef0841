// Meshes of fields: closed, oriented, where the field says, sharp where it is.

import Surfaces
import Testing

@Suite struct SurfaceExtractionTests {
    @Test func aSphereIsClosedOrientedAndRound() throws {
        let mesh = DualContouring(spacing: 0.05)(AnalyticField.sphere(radius: 0.5))
        let check = MeshCheck(mesh)
        #expect(check.isWatertight && check.isWindingConsistent && check.components == 1)
        let volume = try #require(check.volume)
        #expect(abs(volume - 4 / 3 * Double.pi * 0.125) < 0.006)
        #expect(abs(check.area - Double.pi) < 0.03)
        let residuals = mesh.positions.map { abs(($0 * $0).sum().squareRoot() - 0.5) }
        #expect((residuals.max() ?? 1) < 3e-3)
    }

    @Test func aBoxKeepsItsEdges() throws {
        // Faces that lie nowhere on the lattice.
        let half = SIMD3<Float>(0.313, 0.227, 0.411)
        let mesh = DualContouring(spacing: 0.04)(AnalyticField.box(half, centre: [0.01, 0.02, 0.03]))
        let check = MeshCheck(mesh)
        #expect(check.isWatertight && check.isWindingConsistent)
        let volume = try #require(check.volume)
        #expect(abs(volume - Double(8 * half.x * half.y * half.z)) < 2e-3)
        for corner in 0..<8 {
            let sign = SIMD3<Float>(corner & 1 == 0 ? -1 : 1, corner & 2 == 0 ? -1 : 1, corner & 4 == 0 ? -1 : 1)
            let place = SIMD3<Float>(0.01, 0.02, 0.03) + sign * half
            let nearest = mesh.positions.map { (($0 - place) * ($0 - place)).sum().squareRoot() }.min()
            #expect(try #require(nearest) < 0.008)
        }
    }

    @Test func aTorusHasOneHole() {
        let mesh = DualContouring(spacing: 0.03)(AnalyticField.torus(radius: 0.4, tube: 0.1))
        let check = MeshCheck(mesh)
        #expect(check.isWatertight && check.isWindingConsistent && check.components == 1)
        // Euler's characteristic of a torus: V - E + T = 0 with E = 3T/2.
        #expect(check.vertices * 2 == check.triangles)
    }

    @Test func whateverTheFieldSaysTheMeshIsClosed() {
        // Noise that no distance field is: every pattern of signs comes up, with all its ambiguous faces.
        let field = AnalyticField(domain: (SIMD3(repeating: 0), SIMD3(repeating: 1))) { point in
            let cell = (point * 20).rounded(.toNearestOrEven)
            var bits = UInt32(bitPattern: Int32(cell.x) &* 73_856_093 ^ Int32(cell.y) &* 19_349_663)
            bits ^= UInt32(bitPattern: Int32(cell.z) &* 83_492_791)
            bits = (bits ^ bits >> 15) &* 0x2c1b_3c6d
            bits = (bits ^ bits >> 12) &* 0x297a_2d39
            return bits >> 16 & 1 == 0 ? -0.02 : 0.02
        }
        let check = MeshCheck(DualContouring(spacing: 0.05)(field))
        #expect(check.triangles > 10_000)
        #expect(check.isWatertight && check.isWindingConsistent)
    }

    @Test func aSheetThinnerThanACellIsKept() {
        let check = MeshCheck(DualContouring(spacing: 0.05)(AnalyticField.box([0.4, 0.03, 0.4])))
        #expect(check.isWatertight && check.isWindingConsistent && check.components == 1)
        #expect(abs(check.area - 4 * (0.4 * 0.4 + 2 * 0.4 * 0.03) * 2) < 0.05)
    }
}

@Suite struct LearnedFieldTests {
    /// A ball's shell with a crack through it, as learned fields have them: distances there say "outside", and
    /// directions what they would say without it.
    private static let cracked = AnalyticField(domain: (SIMD3(repeating: -0.4), SIMD3(repeating: 0.4))) { point in
        shell(point)
    }

    private static func shell(_ point: SIMD3<Float>) -> Float {
        abs((point * point).sum().squareRoot() - 0.35) - 0.025
    }

    /// The shell's field, wrong by the crack.
    private struct Cracked: ClosestPointField {
        let domain = LearnedFieldTests.cracked.domain

        func samples(at points: [SIMD3<Float>]) -> FieldSamples {
            var samples = LearnedFieldTests.cracked.samples(at: points)
            for index in points.indices where abs(points[index].x) < 0.008 && points[index].z > 0 {
                samples.distances[index] = max(samples.distances[index], 0.003)
            }
            return samples
        }
    }

    @Test func aCrackInAThinWallIsClosed() throws {
        // A hollow ball has an outside and an inside; a crack would make one surface of them.
        let mesh = DualContouring(spacing: 0.008)(Cracked())
        let check = MeshCheck(mesh)
        #expect(check.isWatertight && check.isWindingConsistent)
        #expect(check.components == 2)
        let whole = MeshCheck(DualContouring(spacing: 0.008)(Self.cracked))
        #expect(abs(check.area / whole.area - 1) < 0.01)
    }

    @Test func aGapBetweenPartsStaysOpen() {
        // Two plates, 0.03 apart: twice of what a distance may be changed by would not close it.
        let field = AnalyticField(domain: (SIMD3(repeating: -0.3), SIMD3(repeating: 0.3))) { point in
            let half = SIMD3<Float>(0.25, 0.25, 0.02)
            return min(boxDistance(point - [0, 0, 0.035], half), boxDistance(point + [0, 0, 0.035], half))
        }
        #expect(MeshCheck(DualContouring(spacing: 0.008)(field)).components == 2)
    }
}

@Suite struct ExtractionBudgetTests {
    @Test(arguments: [1_000, 20_000])
    func aBudgetIsKept(triangles: Int) {
        let field = AnalyticField.torus(radius: 0.4, tube: 0.1)
        let check = MeshCheck(SurfaceExtraction(triangles: triangles)(field))
        #expect(check.isWatertight && check.isWindingConsistent)
        #expect(check.triangles <= triangles && check.triangles > triangles / 2)
    }

    @Test func hollowsAndCrumbsAreLeftOut() throws {
        // A ball with a closed hollow in it, and a speck beside it.
        let field = AnalyticField(domain: (SIMD3(repeating: -0.5), SIMD3(repeating: 0.5))) { point in
            let ball = (point * point).sum().squareRoot()
            let speck = point - SIMD3<Float>(0.48, 0.48, 0.48)
            return min(max(ball - 0.4, 0.2 - ball), (speck * speck).sum().squareRoot() - 0.012)
        }
        let check = MeshCheck(SurfaceExtraction(triangles: 20_000)(field))
        #expect(check.components == 1)
        let volume = try #require(check.volume)
        #expect(abs(volume - 4 / 3 * Double.pi * 0.064) < 0.003)
    }

    @Test func aPlateIsFlatAndClosed() throws {
        let mesh = SurfaceExtraction(triangles: 20_000)(AnalyticField.sphere(radius: 0.5), onPlate: true)
        let check = MeshCheck(mesh)
        #expect(check.isWatertight && check.isWindingConsistent && check.components == 1)
        let bounds = try #require(mesh.bounds)
        // The foot of a ball is small, and the plate reaches a twentieth of its size beyond it.
        let foot = mesh.positions.filter { $0.z < bounds.lower.z + 1e-3 }
        #expect(foot.count > 8 && abs(bounds.lower.z + 0.52) < 2e-3)
        let width = (foot.map(\.x).max() ?? 0) - (foot.map(\.x).min() ?? 0)
        #expect(width > 0.5 && width < 0.7)
    }
}

// The generator's small parts by themselves.

import Tensors
import Testing

@testable import ModalityGenerator

/// How points are read out in these tests: as in the generator that ships.
private let readOut = LatentSetFlowConfiguration.ReadOut(
    candidatesPerPoint: 3, candidateSpread: 0.6, reachNeighbours: 3, approaches: 4, reliableResidual: 0.03,
    leastReliability: 1e-6, sameSideCosine: 0.3, crowdingRadius: 0.035, crowdingCandidates: 8_192, leastPressure: 1e-4)

@Suite("Seeded noise")
struct SeededNormalsTests {
    @Test("is xoshiro256++ seeded by SplitMix64")
    func bits() {
        // By another implementation; SplitMix64's own first numbers from this seed are well known.
        var normals = SeededNormals(seed: 1_234_567)
        #expect(
            [normals.bits(), normals.bits(), normals.bits()] == [
                0x0610_e053_dd55_ab68, 0x70c9_79e2_6e27_fbac, 0xfb95_f99f_9f6b_b2de,
            ])
    }

    @Test("has mean 0, variance 1 and the normal distribution's tails")
    func moments() {
        var normals = SeededNormals(seed: 7)
        let numbers = (0..<100_000).map { _ in Double(normals.next()) }
        let mean = numbers.reduce(0, +) / 100_000
        let variance = numbers.reduce(0) { $0 + $1 * $1 } / 100_000
        let beyondTwo = Double(numbers.count { abs($0) > 2 }) / 100_000
        #expect(abs(mean) < 0.01 && abs(variance - 1) < 0.015 && abs(beyondTwo - 0.0455) < 0.003)
    }
}

@Suite("A grid of points")
struct PointGridTests {
    private func pairs(_ points: [SIMD3<Float>], _ size: Float) -> Set<[Int]> {
        var found: [[Int]] = []
        #expect(
            PointGrid(points, size: size).forEachPair(limit: .max) { first, second, _ in
                found.append([min(first, second), max(first, second)])
            })
        #expect(Set(found).count == found.count, "a pair twice")
        return Set(found)
    }

    @Test("finds every pair within its cell's width once", arguments: [Float(0.05), 0.2, 1, 5])
    func allPairs(size: Float) {
        var normals = SeededNormals(seed: 3)
        let points = (0..<150).map { _ in SIMD3(normals.next(), normals.next(), normals.next()) * 0.5 }
        var expected: Set<[Int]> = []
        for first in points.indices {
            for second in first + 1..<points.count {
                let offset = points[first] - points[second]
                if (offset * offset).sum() <= size * size { expected.insert([first, second]) }
            }
        }
        #expect(pairs(points, size) == expected)
    }

    @Test("stands points far out, and gives up on a heap of points")
    func extremes() {
        let far: [SIMD3<Float>] = [SIMD3(1e30, 0, 0), SIMD3(-1e30, 1e30, 1e30), .zero, SIMD3(0.01, 0, 0)]
        #expect(pairs(far, 0.05) == [[2, 3]])
        let heap = [SIMD3<Float>](repeating: .zero, count: 1000)
        #expect(!PointGrid(heap, size: 1).forEachPair(limit: 1000) { _, _, _ in })
    }
}

@Suite("An even subset")
struct EvenSubsetTests {
    @Test("evens out a crowded half of a sphere and leaves no wide gaps")
    func crowdedHalf() {
        var normals = SeededNormals(seed: 5)
        let directions = (0..<1800).map { index in
            var direction = SIMD3(normals.next(), normals.next(), normals.next())
            if index < 900 { direction.z = abs(direction.z) }
            return direction / (direction * direction).sum().squareRoot()
        }
        let kept = evenSubset(
            of: directions.map { $0 * 0.4 }, normals: directions, residuals: [Float](repeating: 0, count: 1800),
            count: 600, options: readOut)
        #expect(kept.count == 600 && kept == kept.sorted())
        let upper = kept.count { directions[$0].z > 0 }
        #expect(abs(upper - 300) < 60, "\(upper) of 600 above")
        // Of a densest packing the nearest neighbour would be 0.062 away; of scattered points 0.029 on average.
        let nearest = kept.map { index in
            kept.filter { $0 != index }.map { other in
                let offset = (directions[index] - directions[other]) * 0.4
                return (offset * offset).sum()
            }.min()!.squareRoot()
        }
        #expect(nearest.reduce(0, +) / 600 > 0.042)
    }

    @Test("leaves out what is off the surface, also where it stands alone")
    func strays() {
        var normals = SeededNormals(seed: 6)
        var directions = (0..<3000).map { _ in SIMD3(normals.next(), normals.next(), normals.next()) }
        directions = directions.map { $0 / ($0 * $0).sum().squareRoot() }
        let points = directions.enumerated().map { $1 * ($0 % 10 == 0 ? 1 + Float($0) / 1000 : 0.4) }
        let residuals = points.indices.map { Float($0 % 10 == 0 ? 0.2 : 0.001) }
        let kept = evenSubset(of: points, normals: directions, residuals: residuals, count: 1500, options: readOut)
        #expect(kept.allSatisfy { $0 % 10 != 0 })
    }

    @Test("of a heap of points is the most reliable ones")
    func heap() {
        let residuals = (0..<2_000).map { Float($0 % 100) / 1000 }
        let kept = evenSubset(
            of: [SIMD3<Float>](repeating: .zero, count: 2_000),
            normals: [SIMD3<Float>](repeating: SIMD3(0, 0, 1), count: 2_000), residuals: residuals, count: 20,
            options: readOut)
        #expect(kept == (0..<20).map { $0 * 100 })
    }
}

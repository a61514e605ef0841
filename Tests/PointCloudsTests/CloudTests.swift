// Nearest points and distances, against SciPy and against looking at all points.

import Foundation
import GoldenFiles
import Testing

@testable import PointClouds

@Suite struct CloudTests {
    private struct Golden: Decodable {
        struct Distances: Decodable { let mean: [Double], largest: [Double] }
        let open3d: Distances
    }

    private func read(_ name: String) throws -> PointCloud {
        try PointCloud(reading: GoldenFiles.path("pointclouds/\(name).ply"))
    }

    @Test func equalsSciPyAndOpen3D() throws {
        let golden = try Data(contentsOf: URL(fileURLWithPath: GoldenFiles.path("pointclouds/comparison.json")))
        let expected = try JSONDecoder().decode(CloudComparison.self, from: golden)
        let open3d = try JSONDecoder().decode(Golden.self, from: golden).open3d
        let got = CloudComparison(try read("a"), try read("b"), thresholds: expected.fScores.map(\.threshold))
        func near(_ a: Double, _ b: Double, _ what: String) { #expect(abs(a - b) < 1e-6, "\(what): \(a), \(b)") }
        near(got.chamferDistance, expected.chamferDistance, "chamfer distance")
        near(got.squaredChamferDistance, expected.squaredChamferDistance, "squared chamfer distance")
        near(got.hausdorffDistance, expected.hausdorffDistance, "Hausdorff distance")
        #expect(got.fScores.count == 3)
        for (got, expected) in zip(got.fScores, expected.fScores) {
            near(got.fScore, expected.fScore, "F-score at \(got.threshold)")
            near(got.precision, expected.precision, "precision at \(got.threshold)")
            near(got.recall, expected.recall, "recall at \(got.threshold)")
        }
        near(try #require(got.colourError), try #require(expected.colourError), "colour error")
        near(try #require(got.normalErrorDegrees), try #require(expected.normalErrorDegrees), "normal error")
        for (i, (got, expected)) in [(got.forth, expected.forth), (got.back, expected.back)].enumerated() {
            near(got.mean, expected.mean, "mean")
            near(got.rootMeanSquare, expected.rootMeanSquare, "root mean square")
            near(got.largest, expected.largest, "largest")
            near(got.mean, open3d.mean[i], "Open3D's mean")
            near(got.largest, open3d.largest[i], "Open3D's largest")
        }
    }

    @Test func aCloudIsNearItself() throws {
        let a = try read("a")
        let same = CloudComparison(a, a)
        #expect(same.chamferDistance == 0 && same.hausdorffDistance == 0 && same.fScores.map(\.fScore) == [1])
        #expect(same.colourError == 0)
        #expect(try #require(same.normalErrorDegrees) < 1e-9)
    }

    /// Many queries take another way through the tree than one.
    @Test func manyQueriesFindWhatOneFinds() {
        let points = (0..<500).map { SIMD3<Float>(Float($0 % 7), Float($0 % 11) * 0.3, Float($0) * 0.01) }
        let queries = (0..<20_000).map { SIMD3<Float>(Float($0 % 101) * 0.07, Float($0 % 13) * 0.2, Float($0) * 3e-4) }
        let tree = NearestPoints(points)
        for (i, j) in tree.nearest(toEach: queries).enumerated() {
            let offset = points[j] - queries[i]
            #expect((offset * offset).sum() == tree.nearest(to: queries[i])?.squaredDistance)
        }
    }

    @Test func unknownColoursHaveNoError() {
        let comparison = CloudComparison(PointCloud(positions: [[0, 0, 0]]), PointCloud(positions: [[3, 4, 0]]))
        #expect(comparison.chamferDistance == 5 && comparison.fScores[0].fScore == 0)
        #expect(comparison.colourError == nil && comparison.normalErrorDegrees == nil)
    }

    @Test(arguments: [1, 2, 8, 9, 100, 1_000]) func findsWhatASearchFinds(count: Int) {
        var generator = SystemRandomNumberGenerator()
        // A coarse grid makes ties, on which selection could go wrong.
        let points = (0..<count).map { _ in
            SIMD3<Float>(
                Float(Int.random(in: 0..<9, using: &generator)), Float.random(in: 0..<1, using: &generator), 1)
        }
        let tree = NearestPoints(points)
        for _ in 0..<50 {
            let query = SIMD3<Float>(Float.random(in: -1..<10), Float.random(in: -1..<2), Float.random(in: 0..<2))
            let all = points.map { (($0 - query) * ($0 - query)).sum() }.sorted()
            #expect(tree.nearest(to: query)?.squaredDistance == all[0])
            #expect(tree.nearest(7, to: query).map(\.squaredDistance) == Array(all.prefix(7)))
        }
    }

    @Test func emptyHasNoNearest() {
        #expect(NearestPoints([]).nearest(to: .zero) == nil)
    }

    @Test func objectsArePlacedAndJoined() {
        let unit = PointCloud(positions: [[1, 0, 0]], normals: [[1, 0, 0]], unitColours: [[1, 0.5, -3]])
        #expect(unit.colours == [[255, 128, 0]])
        var scene = PointCloud()
        scene.append(unit.assigned(to: 0))
        scene.append(unit.placed(at: [0, 2, 1], scale: 3).assigned(to: 1))
        #expect(scene.positions == [[1, 0, 0], [3, 2, 1]])
        #expect(scene.normals == [[1, 0, 0], [1, 0, 0]])
        #expect(scene.objects == [0, 1])
        scene.append(PointCloud(positions: [[0, 0, 0]]))
        #expect(scene.count == 3 && scene.normals == nil && scene.colours == nil)
    }
}

// Nearest points and distances, against SciPy and against looking at all points.

import Foundation
import GoldenFiles
import Testing

@testable import PointClouds

@Suite struct CloudTests {
    @Test func equalsSciPy() throws {
        let a = try PointCloud(readingPLY: GoldenFiles.path("pointclouds/a.ply"))
        let b = try PointCloud(readingPLY: GoldenFiles.path("pointclouds/b.ply"))
        let golden = try Data(contentsOf: URL(fileURLWithPath: GoldenFiles.path("pointclouds/comparison.json")))
        let expected = try JSONDecoder().decode(CloudComparison.self, from: golden)
        let got = CloudComparison(a, b)
        func near(_ a: Double, _ b: Double, _ what: String) { #expect(abs(a - b) < 1e-6, "\(what): \(a), \(b)") }
        near(got.chamferDistance, expected.chamferDistance, "chamfer distance")
        near(got.hausdorffDistance, expected.hausdorffDistance, "Hausdorff distance")
        near(got.fScore, expected.fScore, "F-score")
        near(got.precision, expected.precision, "precision")
        near(got.recall, expected.recall, "recall")
        near(try #require(got.colourError), try #require(expected.colourError), "colour error")
        near(try #require(got.normalErrorDegrees), try #require(expected.normalErrorDegrees), "normal error")
    }

    @Test func aCloudIsNearItself() throws {
        let a = try PointCloud(readingPLY: GoldenFiles.path("pointclouds/a.ply"))
        let same = CloudComparison(a, a)
        #expect(same.chamferDistance == 0 && same.hausdorffDistance == 0 && same.fScore == 1)
        #expect(same.colourError == 0)
        #expect(try #require(same.normalErrorDegrees) < 1e-9)
    }

    @Test func unknownColoursHaveNoError() {
        let comparison = CloudComparison(PointCloud(positions: [[0, 0, 0]]), PointCloud(positions: [[3, 4, 0]]))
        #expect(comparison.chamferDistance == 5 && comparison.fScore == 0)
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

// What has a shape, however many surfaces it has, and what has none.

import Testing

@testable import PointClouds

struct ShapelessnessTests {
    /// The same numbers from 0 to 1 every time.
    private struct Draws {
        var state: UInt64 = 7

        mutating func next() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
    }

    @Test(arguments: [1_000, 2_000, 4_000])
    func `a stack of plates is surfaces, and points anywhere in its box are none`(count: Int) throws {
        var draws = Draws()
        let plates = (0..<count).map { SIMD3(0.8 * draws.next(), 0.3 * draws.next(), Float($0 % 8) / 7) }
        let anywhere = (0..<count).map { _ in SIMD3(0.8 * draws.next(), 0.3 * draws.next(), draws.next()) }
        #expect(try #require(PointCloud(positions: plates).dimension) < ObjectView.highestDimension - 0.1)
        #expect(try #require(PointCloud(positions: anywhere).dimension) > ObjectView.highestDimension)
    }

    @Test func `points that keep apart are surfaces, too`() throws {
        let side = 39
        let grid = (0..<side * side).map { SIMD3(Float($0 % side), Float($0 / side), 0) / Float(side) }
        #expect(try #require(PointCloud(positions: grid).dimension) < 2.4)
    }
}

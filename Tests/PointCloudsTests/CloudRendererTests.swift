// Pictures of clouds: the right colours in the right places, whatever the cloud is like.

import Pictures
import Testing

@testable import PointClouds

@Suite struct CloudRendererTests {
    /// A ball, red in front and on the left, blue behind it and on the right.
    private func ball(_ count: Int, normals: Bool = true) -> PointCloud {
        let points = (0..<count).map { i -> SIMD3<Float> in
            // A Fibonacci sphere.
            let z = 1 - 2 * (Float(i) + 0.5) / Float(count)
            let angle = Float(i) * 2.399963
            let radius = (1 - z * z).squareRoot()
            return SIMD3(radius * cosine(angle), radius * cosine(angle - .pi / 2), z)
        }
        return PointCloud(
            positions: points, normals: normals ? points : nil,
            colours: points.map { $0.x < 0 ? [214, 39, 40] : [31, 96, 200] })
    }

    @Test(arguments: [true, false]) func coloursAreWhereTheyBelong(normals: Bool) {
        let picture = CloudRenderer(size: 48, azimuthDegrees: 0, elevationDegrees: 20)(ball(300, normals: normals))
        let (left, right, corner) = (picture[15, 24], picture[33, 24], picture[1, 1])
        #expect(left.x > 2 * left.z, "red on the left: \(left)")
        #expect(right.z > 2 * right.x, "blue on the right: \(right)")
        #expect(corner.min() > 235, "light ground: \(corner)")
    }

    @Test func surfacesLookClosed() {
        let picture = CloudRenderer(size: 48, azimuthDegrees: 0)(ball(400))
        for y in 15..<33 {
            for x in 15..<33 { #expect(picture[x, y].min() < 150, "a hole at \(x), \(y): \(picture[x, y])") }
        }
    }

    @Test func fitsWhateverTheSize() {
        for scale in [1e-4, 1, 1e4] as [Float] {
            let picture = CloudRenderer(size: 32)(ball(150).placed(at: [5 * scale, -3 * scale, scale], scale: scale))
            #expect(picture[16, 16].min() < 200)
            #expect((0..<32).allSatisfy { picture[$0, 0].min() > 200 && picture[0, $0].min() > 200 })
        }
    }

    @Test func sameBytesEveryTime() {
        let renderer = CloudRenderer(size: 32)
        #expect(renderer(ball(60)) == renderer(ball(60)))
    }

    @Test(arguments: [0, 1, 2, 5]) func fewPoints(count: Int) {
        let positions = (0..<count).map { SIMD3<Float>(Float($0), 0, 0) }
        #expect(CloudRenderer(size: 32)(PointCloud(positions: positions)).pixels.count == 32 * 32)
    }

    @Test func allInOnePlace() {
        let cloud = PointCloud(positions: [SIMD3<Float>](repeating: [1, 1, 1], count: 50))
        #expect(CloudRenderer(size: 32)(cloud).pixels.count == 32 * 32)
    }
}

/// The cosine by its series: tests need no more, and no library.
private func cosine(_ angle: Float) -> Float {
    let turns = (angle / (2 * .pi)).rounded()
    let x = Double(angle) - Double(turns) * 2 * .pi
    var (term, sum) = (1.0, 1.0)
    for k in 1...12 {
        term *= -x * x / Double((2 * k - 1) * 2 * k)
        sum += term
    }
    return Float(sum)
}

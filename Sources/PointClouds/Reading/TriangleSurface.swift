// Triangles to points: what a mesh shows is its surface, not the corners of its triangles.

/// Triangles with the colours of their corners.
struct TriangleSurface {
    /// A corner.
    struct Corner {
        let position: SIMD3<Double>
        /// As stored; nil where none is known.
        let colour: SIMD3<Float>?
    }

    /// How many points are drawn from a mesh.
    static let pointsDrawn = 16_384

    private var triangles: [(a: Corner, b: Corner, c: Corner, object: UInt8)] = []

    var count: Int { triangles.count }

    mutating func append(_ a: Corner, _ b: Corner, _ c: Corner, object: UInt8) {
        triangles.append((a, b, c, object))
    }

    /// Draws points evenly over the area, always the same: every one lies in the middle of an equal share of it.
    ///
    /// False where there is no area.
    func draw(into points: inout PointGatherer) -> Bool {
        var ends: [Double] = []
        ends.reserveCapacity(count)
        var total = 0.0
        for triangle in triangles {
            let area = length(Self.normal(triangle.a.position, triangle.b.position, triangle.c.position))
            total += area.isFinite ? area : 0
            ends.append(total)
        }
        guard total > 0, total.isFinite else { return false }
        var index = 0
        for drawn in 0..<Self.pointsDrawn {
            let place = (Double(drawn) + 0.5) / Double(Self.pointsDrawn) * total
            while index + 1 < count, ends[index] < place { index += 1 }
            let (a, b, c, object) = triangles[index]
            // A low-discrepancy sequence (Roberts's R2), folded into the triangle.
            var u = (0.5 + 0.754_877_666_246_692_8 * Double(drawn)).truncatingRemainder(dividingBy: 1)
            var v = (0.5 + 0.569_840_290_998_053_3 * Double(drawn)).truncatingRemainder(dividingBy: 1)
            if u + v > 1 { (u, v) = (1 - u, 1 - v) }
            let w = 1 - u - v
            let normal = Self.normal(a.position, b.position, c.position)
            var colour: SIMD3<Float>?
            if let first = a.colour, let second = b.colour, let third = c.colour {
                colour = Float(w) * first + Float(u) * second + Float(v) * third
            }
            points.append(
                w * a.position + u * b.position + v * c.position,
                normal: SIMD3<Float>(normal / max(length(normal), .leastNormalMagnitude)), colour: colour,
                object: object)
        }
        return true
    }

    /// At right angles to a triangle, as long as twice its area.
    private static func normal(_ a: SIMD3<Double>, _ b: SIMD3<Double>, _ c: SIMD3<Double>) -> SIMD3<Double> {
        let (u, v) = (b - a, c - a)
        return SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
    }
}

private func length(_ v: SIMD3<Double>) -> Double { (v * v).sum().squareRoot() }

// Triangles to points: what a mesh shows is its surface, not the corners of its triangles.

import Surfaces

/// How points are drawn from the triangles of a file.
public struct SurfaceSampling: Sendable, Equatable {
    /// How many points are drawn.
    public var points: Int
    /// What shifts them along the surface.
    public var seed: UInt64

    /// So many points, and a seed.
    public init(points: Int = 16_384, seed: UInt64 = 0) { (self.points, self.seed) = (points, seed) }

    /// Three numbers in 0..<1 that a seed gives; those of seed 0 are a half.
    var shifts: (Double, Double, Double) {
        guard seed != 0 else { return (0.5, 0.5, 0.5) }
        // SplitMix64's finalizer spreads neighbouring seeds.
        var bits = seed &+ 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        bits ^= bits >> 31
        func share(_ shift: UInt64) -> Double { Double(bits >> shift & 0xFFFFF) / 0x1p20 }
        return (share(0), share(20), share(40))
    }
}

/// Triangles with the colours of their corners.
struct TriangleSurface {
    /// A corner.
    struct Corner {
        let position: SIMD3<Double>
        /// As stored; nil where none is known.
        let colour: SIMD3<Float>?
    }

    private var triangles: [(a: Corner, b: Corner, c: Corner, object: UInt8)] = []

    var count: Int { triangles.count }

    mutating func append(_ a: Corner, _ b: Corner, _ c: Corner, object: UInt8) {
        triangles.append((a, b, c, object))
    }

    /// Draws points evenly over the area: every one lies in an equal share of it.
    ///
    /// False where there is no area.
    func draw(_ sampling: SurfaceSampling, into points: inout PointGatherer) -> Bool {
        let shifts = sampling.shifts
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
        for drawn in 0..<sampling.points {
            let place = (Double(drawn) + shifts.2) / Double(sampling.points) * total
            while index + 1 < count, ends[index] < place { index += 1 }
            let (a, b, c, object) = triangles[index]
            // A low-discrepancy sequence (Roberts's R2), folded into the triangle.
            var u = (shifts.0 + 0.754_877_666_246_692_8 * Double(drawn)).truncatingRemainder(dividingBy: 1)
            var v = (shifts.1 + 0.569_840_290_998_053_3 * Double(drawn)).truncatingRemainder(dividingBy: 1)
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

    /// The triangles as meshes, one per object, whose corners at the same place are one; counted from an origin.
    ///
    /// Triangles with a corner that is not finite are left out.
    func scene(from origin: SIMD3<Double>) -> MeshScene {
        var meshes: [UInt8: Mesh] = [:]
        var places: [UInt8: [SIMD3<Float>: UInt32]] = [:]
        for (a, b, c, object) in triangles {
            var corners = SIMD3<UInt32>()
            let positions = [a, b, c].map { SIMD3<Float>($0.position - origin) }
            guard positions.allSatisfy(\.isNumber) else { continue }
            for (turn, position) in positions.enumerated() {
                // Zero has two signs, which are one place.
                let place = position + 0
                if let known = places[object, default: [:]][place] {
                    corners[turn] = known
                } else {
                    let next = UInt32(meshes[object]?.positions.count ?? 0)
                    places[object, default: [:]][place] = next
                    meshes[object, default: Mesh()].positions.append(place)
                    corners[turn] = next
                }
            }
            meshes[object, default: Mesh()].triangles.append(corners)
        }
        return MeshScene(
            meshes.sorted { $0.key < $1.key }.map { NamedMesh(name: "object \($0.key)", mesh: $0.value) })
    }

    /// At right angles to a triangle, as long as twice its area.
    private static func normal(_ a: SIMD3<Double>, _ b: SIMD3<Double>, _ c: SIMD3<Double>) -> SIMD3<Double> {
        let (u, v) = (b - a, c - a)
        return SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
    }
}

private func length(_ v: SIMD3<Double>) -> Double { (v * v).sum().squareRoot() }

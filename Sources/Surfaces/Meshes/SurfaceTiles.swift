// A mesh in tiles of about equal area, so that a large thing can be done piece by piece.

/// The triangles of a mesh, in tiles.
public struct SurfaceTiles: Sendable {
    /// Triangles that lie together.
    public struct Tile: Sendable {
        /// Indices of the mesh's triangles.
        public let triangles: [Int]
        /// Their area.
        public let area: Double
        /// The box around them.
        public let lower: SIMD3<Float>
        /// The box's other corner.
        public let upper: SIMD3<Float>
    }

    /// The tiles; each triangle is in one.
    public private(set) var tiles: [Tile] = []

    /// At least so many tiles, as far as there are triangles: what is halved again and again along its longest side.
    public init(_ mesh: Mesh, count: Int) {
        var areas: [Double] = []
        var middles: [SIMD3<Float>] = []
        for triangle in mesh.triangles {
            let (a, b, c) = (
                mesh.positions[Int(triangle.x)], mesh.positions[Int(triangle.y)], mesh.positions[Int(triangle.z)]
            )
            let normal = cross(b - a, c - a)
            areas.append(Double(dot(normal, normal).squareRoot()) / 2)
            middles.append((a + b + c) / 3)
        }
        let largest = areas.reduce(0, +) / Double(max(1, count))
        var waiting = [Array(mesh.triangles.indices)]
        while let part = waiting.popLast() {
            let area = part.reduce(0) { $0 + areas[$1] }
            if area > largest, part.count > 1 {
                var lower = SIMD3<Float>(repeating: .infinity)
                var upper = -lower
                for index in part {
                    lower = pointwiseMin(lower, middles[index])
                    upper = pointwiseMax(upper, middles[index])
                }
                let size = upper - lower
                let axis = size.x >= size.y && size.x >= size.z ? 0 : size.y >= size.z ? 1 : 2
                let sorted = part.sorted { (middles[$0][axis], $0) < (middles[$1][axis], $1) }
                var (sum, cut) = (0.0, 0)
                while cut < sorted.count - 1, sum + areas[sorted[cut]] <= area / 2 || cut == 0 {
                    sum += areas[sorted[cut]]
                    cut += 1
                }
                // The first half is done first.
                waiting.append(Array(sorted[cut...]))
                waiting.append(Array(sorted[..<cut]))
                continue
            }
            guard !part.isEmpty else { continue }
            var lower = SIMD3<Float>(repeating: .infinity)
            var upper = -lower
            for index in part {
                for corner in 0..<3 {
                    let position = mesh.positions[Int(mesh.triangles[index][corner])]
                    lower = pointwiseMin(lower, position)
                    upper = pointwiseMax(upper, position)
                }
            }
            tiles.append(Tile(triangles: part, area: area, lower: lower, upper: upper))
        }
    }
}

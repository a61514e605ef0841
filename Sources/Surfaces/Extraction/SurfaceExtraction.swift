// From a field to the mesh that is wanted: of so many triangles, without what nobody sees.

/// Makes closed meshes of fields, within a budget of triangles.
public struct SurfaceExtraction: Sendable, Equatable, Codable {
    /// The most triangles of the mesh.
    public var triangles: Int

    /// The least and the most triangles that may be asked for.
    public static let triangleRange = 200...2_000_000

    /// However few triangles are wanted: wider cells would lose what is thin. They are thinned out afterwards.
    private static let widestCell: Float = 0.016

    /// An extraction of at most so many triangles.
    public init(triangles: Int = 50_000) {
        precondition(Self.triangleRange.contains(triangles), "\(Self.triangleRange) triangles")
        self.triangles = triangles
    }

    /// The surface of a field.
    ///
    /// - Parameters:
    ///   - field: what is contoured.
    ///   - stretch: positive factors along x, y and z.
    ///   - onPlate: whether it stands on a flat plate.
    public func callAsFunction(
        _ field: any ClosestPointField, stretch: SIMD3<Float> = SIMD3(repeating: 1), onPlate: Bool = false
    ) -> Mesh {
        let mesh = contoured(field).stretched(by: stretch)
        return onPlate ? plated(field, under: mesh, stretch: stretch) : mesh.simplified(to: triangles)
    }

    /// The surface of a field on a flat plate, under the foot of the mesh that is the field's under the same stretch.
    public func plated(_ field: any ClosestPointField, under mesh: Mesh, stretch: SIMD3<Float>) -> Mesh {
        guard let plated = FieldOnPlate(field, under: mesh, stretch: stretch) else { return mesh }
        return contoured(plated).stretched(by: stretch).simplified(to: triangles)
    }

    private func contoured(_ field: some ClosestPointField) -> Mesh {
        // Two triangles go around every edge that crosses the surface. What is over the budget is thinned out; a little
        // is, so that the estimate may err.
        let fitting = (2.1 * field.estimatedCrossings() / Float(triangles)).squareRoot()
        let spacing = min(Self.widestCell, max(fitting, 1e-4))
        return DualContouring(spacing: spacing)(field).withoutCavities(crumbsBelow: 4 * spacing)
    }
}

extension ClosestPointField {
    /// About how many edges of a lattice cross the surface, times the square of the lattice's spacing: the integral of
    /// |nx| + |ny| + |nz| over it, by the cells whose middle lies less than half their width from it.
    func estimatedCrossings() -> Float {
        let box = domain
        let extent = (box.upper - box.lower).max()
        var width = extent / 8
        let counts = ((box.upper - box.lower) / width).rounded(.up)
        var cells: [SIMD3<Float>] = []
        for z in 0..<Int(counts.z) {
            for y in 0..<Int(counts.y) {
                for x in 0..<Int(counts.x) {
                    cells.append(box.lower + width * (SIMD3(Float(x), Float(y), Float(z)) + 0.5))
                }
            }
        }
        var coarser: Float = 0
        for level in 0..<3 {
            let samples = samples(at: cells)
            let distances = samples.distances
            var sum: Float = 0
            for (distance, direction) in zip(distances, samples.directions) where abs(distance) <= width / 2 {
                sum += abs(direction.x) + abs(direction.y) + abs(direction.z)
            }
            let crossings = sum * width * width
            // Around thin parts a layer is larger than the surface, the more so the thicker it is.
            if level == 2 { return max(2 * crossings - coarser, crossings / 2) }
            coarser = crossings
            let near = zip(cells, distances).filter { abs($0.1) <= 1.1 * width }.map(\.0)
            width /= 2
            cells = near.flatMap { middle -> [SIMD3<Float>] in
                (0..<8).map { corner -> SIMD3<Float> in
                    middle + width * (SIMD3<Float>(SparseLattice.corner(corner)) - 0.5)
                }
            }
        }
        return 0
    }
}

extension Mesh {
    /// The mesh without closed hollows inside it, which nobody sees and a printer would have to bridge, and without
    /// crumbs of less than a length.
    func withoutCavities(crumbsBelow length: Float) -> Mesh {
        let pieces = components(of: triangles)
        guard pieces.count > 1 else { return self }
        var kept: [SIMD3<UInt32>] = []
        for piece in pieces {
            var volume: Float = 0
            var lower = SIMD3<Float>(repeating: .infinity)
            var upper = -lower
            let origin = positions[Int(triangles[piece[0]].x)]
            for index in piece {
                let triangle = triangles[index]
                let corners = (positions[Int(triangle.x)], positions[Int(triangle.y)], positions[Int(triangle.z)])
                volume += dot(corners.0 - origin, cross(corners.1 - origin, corners.2 - origin))
                lower = pointwiseMin(lower, pointwiseMin(corners.0, pointwiseMin(corners.1, corners.2)))
                upper = pointwiseMax(upper, pointwiseMax(corners.0, pointwiseMax(corners.1, corners.2)))
            }
            if volume > 0, (upper - lower).max() >= length { kept += piece.map { triangles[$0] } }
        }
        // A shape of crumbs alone is better than none.
        return kept.isEmpty ? self : keeping(kept)
    }
}

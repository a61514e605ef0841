// A vertex for every patch of surface in a cell.

/// The cells that the surface goes through, and where their vertices are.
struct SurfacePatches {
    /// The cells with a vertex, in a fixed order.
    private(set) var cells: [SparseLattice.Place] = []
    /// The pattern of each cell: bit i says that corner i is inside.
    private(set) var patterns: [UInt8] = []
    /// The first vertex of each cell, and one end more.
    private(set) var starts: [Int32] = []
    /// For every sample of the lattice, the cell that begins there; -1 for none.
    private(set) var cellOfSample: [Int32]

    var positions: [SIMD3<Float>] = []
    var normals: [SIMD3<Float>] = []
    var colours: [SIMD3<Float>] = []

    init(_ lattice: SparseLattice) {
        cellOfSample = [Int32](repeating: -1, count: lattice.count)
        for (index, place) in lattice.places.enumerated() where all(place .< lattice.cellCounts) {
            guard let corners = lattice.corners(of: place) else { continue }
            var pattern = 0
            for corner in 0..<8 where lattice.distances[Int(corners[corner])] < 0 { pattern |= 1 << corner }
            guard pattern != 0, pattern != 255 else { continue }
            cellOfSample[index] = Int32(cells.count)
            starts.append(Int32(positions.count))
            let patches = CellPatches.all[pattern]
            let planes = PatchPlanes(lattice, cell: place, corners: corners, pattern: pattern)
            for patch in 0..<patches.count {
                var (position, normal) = planes.vertex(of: Int8(patch), in: patches)
                // Where files hold no indices, vertices at one place are one: two patches must not meet in a corner.
                while positions[Int(starts[cells.count])...].contains(position) {
                    position += 0.1 * (planes.middle - position) + 1e-3 * lattice.spacing
                }
                positions.append(position)
                normals.append(normal)
            }
            cells.append(place)
            patterns.append(UInt8(pattern))
        }
        starts.append(Int32(positions.count))
    }

    /// Gives the vertices their colours.
    mutating func paint(from field: some ClosestPointField) { colours = field.samples(at: positions).colours }
}

/// The planes of the closest surface points of a cell's corners.
private struct PatchPlanes {
    let middle: SIMD3<Float>
    private let spacing: Float
    private let pattern: Int
    private var places = [SIMD3<Float>](repeating: .zero, count: 8)
    private var distances = [Float](repeating: 0, count: 8)
    private var directions = [SIMD3<Float>](repeating: .zero, count: 8)

    /// How much a vertex is held at the middle of its patch: little against the planes of an edge, much against the
    /// noise in the normals of a flat part.
    private static let hold: Float = 0.03

    init(_ lattice: SparseLattice, cell: SparseLattice.Place, corners: SIMD8<Int32>, pattern: Int) {
        (spacing, self.pattern) = (lattice.spacing, pattern)
        middle = lattice.position(cell) + lattice.spacing / 2
        for corner in 0..<8 {
            let offset = SIMD3(Float(corner & 1), Float(corner >> 1 & 1), Float(corner >> 2 & 1)) - 0.5
            places[corner] = spacing * offset
            distances[corner] = lattice.distances[Int(corners[corner])]
            directions[corner] = lattice.directions[Int(corners[corner])]
        }
    }

    /// Where the planes of a patch meet: the least squares of the distances from them, weighted by how near their points
    /// are, and of a little of the distance from the middle of the patch's crossings of the cell's edges. Its normal is
    /// the mean of theirs.
    func vertex(of patch: Int8, in patches: CellPatches) -> (position: SIMD3<Float>, normal: SIMD3<Float>) {
        var (sum, outward, used, count) = (SIMD3<Float>.zero, SIMD3<Float>.zero, 0, Float(0))
        for edge in 0..<12 where patches.patchOfEdge[edge] == patch {
            let (first, last) = CellPatches.edgeCorners[edge]
            let share = distances[first] / (distances[first] - distances[last])
            sum += places[first] + share * (places[last] - places[first])
            outward[edge / 4] += pattern >> first & 1 == 1 ? 1 : -1
            used |= 1 << first | 1 << last
            count += 1
        }
        let crossing = sum / count
        outward = unit(outward, or: .zero)
        var (a, b, c) = (SIMD3<Float>.zero, SIMD3<Float>.zero, SIMD3<Float>.zero)
        var (right, total, normals) = (SIMD3<Float>.zero, Float(0), SIMD3<Float>.zero)
        for corner in 0..<8 where used >> corner & 1 == 1 {
            let normal = directions[corner]
            // In a thin part an inside corner may be nearer to the other side.
            guard dot(normal, outward) > -0.2, normal.x.isFinite, normal.y.isFinite, normal.z.isFinite else { continue }
            let ratio = distances[corner] / spacing
            let weight = 1 / (0.05 + ratio * ratio)
            let offset = dot(normal, places[corner] - crossing) - distances[corner]
            a += weight * normal.x * normal
            b += weight * normal.y * normal
            c += weight * normal.z * normal
            right += weight * offset * normal
            total += weight
            normals += weight * normal
        }
        guard total > 0 else { return (middle + crossing, unit(outward, or: [0, 0, 1])) }
        let hold = Self.hold * total
        a.x += hold
        b.y += hold
        c.z += hold
        // By Cramer's rule; the matrix is symmetric and positive definite.
        let determinant = dot(a, cross(b, c))
        let solved =
            SIMD3(
                dot(right, cross(b, c)), dot(right, cross(c, a)), dot(right, cross(a, b))) / determinant
        let vertex = solved.x.isFinite && solved.y.isFinite && solved.z.isFinite ? crossing + solved : crossing
        // A little less than the cell: vertices of two cells never meet.
        let bound = SIMD3<Float>(repeating: 0.499 * spacing)
        return (middle + vertex.clamped(lowerBound: -bound, upperBound: bound), unit(normals, or: [0, 0, 1]))
    }
}

// Normals for clouds that come without: the direction in which a point's neighbours spread least.

/// Unit normals `[N]` of points whose `neighbours` are known, turned outwards from the cloud's middle.
///
/// The least eigenvector of the neighbours' covariance (Hoppe et al. 1992). Turning by the middle is right for convex
/// things only; drawing turns discs to the eye anyway.
func estimatedNormals(
    _ positions: [Vector], neighbours: [[(index: Int, squaredDistance: Float)]]
) -> [Vector] {
    let middle = positions.reduce(Vector.zero, +) / Float(max(1, positions.count))
    return positions.indices.map { i in
        let near = neighbours[i].prefix(12).map { positions[$0.index] }
        let mean = near.reduce(Vector.zero, +) / Float(max(1, near.count))
        // Rows of the symmetric covariance matrix.
        var (x, y, z) = (Vector.zero, Vector.zero, Vector.zero)
        for point in near {
            let d = point - mean
            x += d * d.x
            y += d * d.y
            z += d * d.z
        }
        let normal = leastEigenvector(x, y, z)
        return dot(normal, positions[i] - middle) < 0 ? -normal : normal
    }
}

/// The eigenvector of a symmetric positive matrix's smallest eigenvalue, by power iteration on what is left of the
/// trace: (trace - M) has the same eigenvectors in the opposite order.
private func leastEigenvector(_ x: Vector, _ y: Vector, _ z: Vector) -> Vector {
    let trace = x.x + y.y + z.z
    guard trace > 0 else { return [0, 0, 1] }
    var rows = (Vector(trace, 0, 0) - x, Vector(0, trace, 0) - y, Vector(0, 0, trace) - z)
    // Squaring the matrix five times is 32 iterations at once.
    for _ in 0..<5 {
        let scale = 1 / max(rows.0.x + rows.1.y + rows.2.z, 1e-30)
        let (a, b, c) = (rows.0 * scale, rows.1 * scale, rows.2 * scale)
        rows = (
            Vector(dot(a, a), dot(a, b), dot(a, c)), Vector(dot(b, a), dot(b, b), dot(b, c)),
            Vector(dot(c, a), dot(c, b), dot(c, c))
        )
    }
    // Any row that is not nearly zero points along the vector wanted.
    let longest = [rows.0, rows.1, rows.2].max { $0.length < $1.length } ?? [0, 0, 1]
    return longest.normalized()
}

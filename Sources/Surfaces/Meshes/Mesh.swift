// A surface as triangles that share their corners.

/// A triangle mesh of `V` vertices and `T` triangles; z is up, and a front looks along -y.
public struct Mesh: Sendable, Equatable {
    /// Where the vertices are `[V]`.
    public var positions: [SIMD3<Float>]

    /// Unit vectors out of the surface `[V]`; nil when not known.
    public var normals: [SIMD3<Float>]?

    /// Red, green, blue `[V]`, sRGB; nil when not known.
    public var colours: [SIMD3<UInt8>]?

    /// The vertices of every triangle `[T]`, counter-clockwise as seen from outside.
    public var triangles: [SIMD3<UInt32>]

    /// A mesh; the arrays that are one per vertex have the same length, and every index lies below it.
    public init(
        positions: [SIMD3<Float>] = [], normals: [SIMD3<Float>]? = nil, colours: [SIMD3<UInt8>]? = nil,
        triangles: [SIMD3<UInt32>] = []
    ) {
        precondition(normals.map { $0.count == positions.count } ?? true, "one normal per vertex")
        precondition(colours.map { $0.count == positions.count } ?? true, "one colour per vertex")
        precondition(triangles.allSatisfy { $0.max() < positions.count }, "triangles of the mesh's own vertices")
        (self.positions, self.normals, self.colours) = (positions, normals, colours)
        self.triangles = triangles
    }

    /// The smallest box around all vertices; nil without any.
    public var bounds: (lower: SIMD3<Float>, upper: SIMD3<Float>)? {
        guard let first = positions.first else { return nil }
        return positions.reduce((first, first)) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
    }

    /// The mesh scaled about the origin, then moved.
    public func placed(at place: SIMD3<Float>, scale: Float = 1) -> Mesh {
        var result = self
        for index in positions.indices { result.positions[index] = place + scale * positions[index] }
        return result
    }

    /// The mesh under positive factors along the axes; normals stay square to the surface.
    public func stretched(by factors: SIMD3<Float>) -> Mesh {
        guard factors != SIMD3(repeating: 1) else { return self }
        var result = self
        for index in positions.indices { result.positions[index] *= factors }
        result.normals = normals.map { normals in normals.map { unit($0 / factors, or: $0) } }
        return result
    }

    /// The mesh of some of its triangles, with the vertices that they use, in their order.
    func keeping(_ kept: [SIMD3<UInt32>]) -> Mesh {
        var place = [UInt32](repeating: .max, count: positions.count)
        for triangle in kept { for corner in 0..<3 { place[Int(triangle[corner])] = 0 } }
        var used: [Int] = []
        for index in place.indices where place[index] == 0 {
            place[index] = UInt32(used.count)
            used.append(index)
        }
        return Mesh(
            positions: used.map { positions[$0] }, normals: normals.map { normals in used.map { normals[$0] } },
            colours: colours.map { colours in used.map { colours[$0] } },
            triangles: kept.map { SIMD3(place[Int($0.x)], place[Int($0.y)], place[Int($0.z)]) })
    }
}

/// A mesh with the name that its file gives it.
public struct NamedMesh: Sendable, Equatable {
    /// "table", "cube 2".
    public var name: String
    /// Its triangles.
    public var mesh: Mesh

    /// A mesh under a name.
    public init(name: String, mesh: Mesh) { (self.name, self.mesh) = (name, mesh) }
}

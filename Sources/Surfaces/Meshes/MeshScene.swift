// Several surfaces beside each other: what a file of meshes holds.

/// The surfaces of a scene, a named mesh for each object.
public struct MeshScene: Sendable, Equatable {
    /// The objects' meshes, in their order.
    public var objects: [NamedMesh]

    /// A scene of those meshes.
    public init(_ objects: [NamedMesh] = []) { self.objects = objects }

    /// The smallest box around everything; nil without vertices.
    public var bounds: (lower: SIMD3<Float>, upper: SIMD3<Float>)? {
        objects.compactMap(\.mesh.bounds).reduce(nil) { all, box in
            guard let all else { return box }
            return (pointwiseMin(all.lower, box.lower), pointwiseMax(all.upper, box.upper))
        }
    }

    /// The scene moved.
    public func placed(at place: SIMD3<Float>) -> MeshScene {
        MeshScene(objects.map { NamedMesh(name: $0.name, mesh: $0.mesh.placed(at: place)) })
    }

    /// How many triangles there are in all.
    public var triangleCount: Int { objects.reduce(0) { $0 + $1.mesh.triangles.count } }
}

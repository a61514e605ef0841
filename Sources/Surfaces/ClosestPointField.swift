// What a surface is extracted from.

/// What a field says at query points.
public struct FieldSamples: Sendable {
    /// The signed distance to the surface, negative inside, `[Q]`.
    public var distances: [Float]
    /// The outward normal at the closest surface point, a unit vector, `[Q]`.
    public var directions: [SIMD3<Float>]
    /// Red, green, blue of the closest surface point in 0...1, `[Q]`.
    public var colours: [SIMD3<Float>]

    /// Samples of as many points as each array has elements.
    public init(distances: [Float], directions: [SIMD3<Float>], colours: [SIMD3<Float>]) {
        (self.distances, self.directions, self.colours) = (distances, directions, colours)
    }
}

/// A shape as a field of closest surface points: the closest point to p is p − distance · direction.
public protocol ClosestPointField: Sendable {
    /// A box that holds the whole surface.
    var domain: (lower: SIMD3<Float>, upper: SIMD3<Float>) { get }

    /// What the field says at each of the points.
    func samples(at points: [SIMD3<Float>]) -> FieldSamples
}

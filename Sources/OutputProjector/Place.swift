// Where an object goes in the scene.

/// A world point is (x, y, z) + scale × the object's canonical point.
public struct Place: Sendable, Equatable {
    /// The middle of the object's base.
    public let position: SIMD3<Float>
    /// The size of the object, a medium one being 1.
    public let scale: Float

    /// A place; the scale is positive.
    public init(position: SIMD3<Float> = .zero, scale: Float = 1) {
        (self.position, self.scale) = (position, scale)
    }
}

// A shape's field as what surfaces are extracted from.

internal import Surfaces

extension ShapeField: ClosestPointField {
    /// How far the surface may reach beyond the anchors on it, which lie about 0.2 apart.
    private static let margin: Float = 0.15

    /// The box around the anchors, and room for what lies between them.
    var domain: (lower: SIMD3<Float>, upper: SIMD3<Float>) {
        let first = anchors.first ?? .zero
        let bounds = anchors.reduce((first, first)) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
        return (bounds.0 - Self.margin, bounds.1 + Self.margin)
    }

    func samples(at points: [SIMD3<Float>]) -> FieldSamples { self(points) }
}

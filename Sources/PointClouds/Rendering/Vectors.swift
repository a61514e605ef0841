// The few vector functions that drawing needs.

typealias Vector = SIMD3<Float>

@inline(__always)
func dot(_ a: Vector, _ b: Vector) -> Float { (a * b).sum() }

@inline(__always)
func cross(_ a: Vector, _ b: Vector) -> Vector {
    Vector(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

extension SIMD3<Float> {
    var length: Float { dot(self, self).squareRoot() }

    /// The unit vector of the same direction; `fallback` for what has none.
    func normalized(or fallback: Vector = [0, 0, 1]) -> Vector {
        let length = length
        return length > 1e-12 && length.isFinite ? self / length : fallback
    }

    /// Two unit vectors at right angles to this unit vector and to each other.
    var tangents: (Vector, Vector) {
        let helper: Vector = abs(z) < 0.9 ? [0, 0, 1] : [1, 0, 0]
        let first = cross(helper, self).normalized()
        return (first, cross(self, first))
    }
}

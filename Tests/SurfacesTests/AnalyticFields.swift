// Fields whose surfaces are known.

import Surfaces

/// A field given by a signed distance; directions are its gradient by differences, as a learned field's are of its own.
struct AnalyticField: ClosestPointField {
    let domain: (lower: SIMD3<Float>, upper: SIMD3<Float>)
    let distance: @Sendable (SIMD3<Float>) -> Float

    func samples(at points: [SIMD3<Float>]) -> FieldSamples {
        let step: Float = 1e-3
        return FieldSamples(
            distances: points.map(distance),
            directions: points.map { point in
                var gradient = SIMD3<Float>.zero
                for axis in 0..<3 {
                    var (ahead, behind) = (point, point)
                    ahead[axis] += step
                    behind[axis] -= step
                    gradient[axis] = distance(ahead) - distance(behind)
                }
                return gradient / max(1e-12, (gradient * gradient).sum().squareRoot())
            },
            colours: points.map { $0.z > 0 ? SIMD3(1, 0, 0) : SIMD3(0, 0, 1) })
    }

    static func sphere(radius: Float) -> AnalyticField {
        AnalyticField(domain: (SIMD3(repeating: -radius), SIMD3(repeating: radius))) { point in
            (point * point).sum().squareRoot() - radius
        }
    }

    /// A box by half its sides.
    static func box(_ half: SIMD3<Float>, centre: SIMD3<Float> = .zero) -> AnalyticField {
        AnalyticField(domain: (centre - half, centre + half)) { boxDistance($0 - centre, half) }
    }

    static func torus(radius: Float, tube: Float) -> AnalyticField {
        let side = SIMD3(radius + tube, radius + tube, tube)
        return AnalyticField(domain: (-side, side)) { point in
            let ring = (point.x * point.x + point.y * point.y).squareRoot() - radius
            return (ring * ring + point.z * point.z).squareRoot() - tube
        }
    }
}

func boxDistance(_ point: SIMD3<Float>, _ half: SIMD3<Float>) -> Float {
    let away = SIMD3(abs(point.x), abs(point.y), abs(point.z)) - half
    let outside = pointwiseMax(away, .zero)
    return (outside * outside).sum().squareRoot() + min(away.max(), 0)
}

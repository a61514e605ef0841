// From a shape's field to points on its surface.

internal import Tensors

/// Points on a surface, with normals and colours in 0...1.
struct SurfacePoints {
    var positions: [SIMD3<Float>] = []
    var normals: [SIMD3<Float>] = []
    var colours: [SIMD3<Float>] = []

    mutating func append(_ other: SurfacePoints) {
        positions += other.positions
        normals += other.normals
        colours += other.colours
    }
}

extension ShapeField {
    /// Exactly `count` even surface points: candidates around the anchors (one a row of `noise` `[M, 3]`, M ≥ `count`)
    /// go to the closest surface point twice, are thinned, and what is left goes there once more, which tidies edges.
    func surfacePoints(count: Int, noise: Tensor, spread: Float) -> SurfacePoints {
        var points = candidatePoints(around: anchors, noise: noise, spread: spread)
        var samples = self(points)
        approach(&points, &samples)
        samples = self(points)
        approach(&points, &samples)
        let kept = evenSubset(of: points, normals: samples.directions, residuals: samples.distances, count: count)
        var positions = kept.map { points[$0] }
        samples = self(positions)
        approach(&positions, &samples)
        return SurfacePoints(positions: positions, normals: samples.directions, colours: samples.colours)
    }

    /// Moves points to where the field says the surface is. Where broken weights say nothing of use, a point stays and
    /// is given the largest residual.
    private func approach(_ points: inout [SIMD3<Float>], _ samples: inout FieldSamples) {
        for index in points.indices {
            let moved = points[index] - samples.distances[index] * samples.directions[index]
            // One comparison each, false for NaN too.
            let sum = samples.colours[index].sum()
            if abs(moved.x) < 100, abs(moved.y) < 100, abs(moved.z) < 100, sum < 4 {
                points[index] = moved
            } else {
                points[index].clamp(
                    lowerBound: SIMD3(repeating: -100), upperBound: SIMD3(repeating: 100))
                samples.distances[index] = .infinity
                samples.directions[index] = SIMD3(0, 0, 1)
                samples.colours[index] = SIMD3(repeating: 0.5)
            }
        }
    }
}

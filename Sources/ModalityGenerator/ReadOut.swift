// From a shape's field to points on its surface.

internal import Tensors

/// Points on a surface, with normals and colours in 0...1.
struct SurfacePoints {
    var positions: [SIMD3<Float>] = []
    var normals: [SIMD3<Float>] = []
    var colours: [SIMD3<Float>] = []

    /// The points under a stretch along the axes; normals stay square to the surface.
    func stretched(by factors: SIMD3<Float>) -> SurfacePoints {
        guard factors != SIMD3(repeating: 1) else { return self }
        var result = self
        for index in positions.indices {
            result.positions[index] *= factors
            let normal = normals[index] / factors
            result.normals[index] = normal / max(1e-12, (normal * normal).sum().squareRoot())
        }
        return result
    }

    mutating func append(_ other: SurfacePoints) {
        positions += other.positions
        normals += other.normals
        colours += other.colours
    }
}

extension ShapeField {
    /// Exactly `count` even surface points: candidates around the anchors (one a row of `noise` `[M, 3]`, M ≥ `count`)
    /// go to the closest surface point `approaches` times, are thinned, and what is left goes there once more, which
    /// tidies edges. Even they are on the stretched surface, which is the one returned.
    func surfacePoints(
        count: Int, noise: Tensor, options: LatentSetFlowConfiguration.ReadOut,
        stretch: SIMD3<Float> = SIMD3(repeating: 1)
    ) -> SurfacePoints {
        var points = candidatePoints(around: anchors, noise: noise, options: options)
        var samples = approach(&points)
        for _ in 1..<options.approaches { samples = approach(&points) }
        let candidates = SurfacePoints(positions: points, normals: samples.directions).stretched(by: stretch)
        let kept = evenSubset(
            of: candidates.positions, normals: candidates.normals, residuals: samples.distances, count: count,
            options: options)
        var positions = kept.map { points[$0] }
        samples = approach(&positions)
        return SurfacePoints(positions: positions, normals: samples.directions, colours: samples.colours)
            .stretched(by: stretch)
    }

    /// Moves points to where the field says the surface is. Where broken weights say nothing of use, a point stays and
    /// is given the largest residual. Returns what the field said where they came from.
    private func approach(_ points: inout [SIMD3<Float>]) -> FieldSamples {
        var samples = self(points)
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
        return samples
    }
}

// Whether points lie on surfaces, or fill space without a shape.

import Glibc

extension PointCloud {
    /// The correlation dimension (Grassberger and Procaccia 1983) at a tenth to a fifth of the cloud's extents: 1 for
    /// lines, 2 for surfaces, somewhat more for stacks of them, near 3 for points anywhere in a box, however flat or
    /// oblong.
    ///
    /// Of few points twice those lengths are looked at, of many half of them, too: there the shelves of a bookcase are
    /// surfaces again, and what has no shape has none at any length. Nil where too few points are that near to each
    /// other.
    var dimension: Float? {
        var seen = Set<SIMD3<Float>>()
        let different = positions.filter { seen.insert($0).inserted }
        let limit = min(1_500, different.count)
        let sample = (0..<limit).map { different[$0 * different.count / limit] }
        guard let frame = EvenFrame(sample) else { return nil }
        let framed = sample.map(frame.framed)
        let (radii, finer) = ([0.05, 0.07, 0.1, 0.14, 0.2] as [Float], 2)
        var (near, wide) = ([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])
        for (index, point) in framed.enumerated() {
            for other in framed[..<index] {
                let offset = point - other
                let square = (offset * offset).sum()
                guard square < 0.16 else { continue }
                for (place, radius) in radii.enumerated() {
                    if square < radius * radius { near[place] += 1 }
                    if square < 4 * radius * radius { wide[place] += 1 }
                }
            }
        }
        // Of a hundred pairs the dimension is known to about 0.15, of four hundred to half of that. Points that keep
        // apart have few near pairs, and seem to have more dimensions: the least of all lengths counts.
        let usual = radii.indices.dropFirst(finer).first { near[$0] >= 100 }
        let places = usual.map { [$0] + radii.indices.prefix(finer).filter { near[$0] >= 400 } } ?? []
        return places.map { log2f(Float(wide[$0]) / Float(near[$0])) }.min()
    }

    /// Whether all points lie on one line, or near it beside its length.
    var isLine: Bool {
        guard let (lower, upper) = bounds else { return true }
        let (middle, side) = (lower / 2 + upper / 2, longestSide)
        guard side > 0, side.isFinite else { return true }
        let framed = positions.map { ($0 - middle) / side }
        guard let end = framed.max(by: { $0.length < $1.length }) else { return true }
        let direction = end.normalized()
        return framed.allSatisfy { cross($0, direction).length < 0.005 }
    }
}

/// A frame in which points extend about as far in every direction, 1: surfaces stay surfaces in it, and what fills a
/// flat or oblong box, however turned, fills a cube.
///
/// Distances in it are Mahalanobis' (1936). What is flatter than a twentieth of its length stays flat, so that an
/// uneven plate is no cube.
private struct EvenFrame {
    private let middle: SIMD3<Double>
    /// The rows of the inverse of the covariance's Cholesky factor.
    private let rows: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)

    /// Nil where the points have no extent.
    init?(_ points: [SIMD3<Float>]) {
        guard points.count >= 2 else { return nil }
        let count = Double(points.count)
        let middle = points.reduce(SIMD3<Double>.zero) { $0 + SIMD3<Double>($1) } / count
        // The covariance: of each axis with itself, of x with y, of y with z, of z with x.
        var (own, mixed) = (SIMD3<Double>.zero, SIMD3<Double>.zero)
        for point in points {
            let offset = SIMD3<Double>(point) - middle
            own += offset * offset / count
            mixed += offset * SIMD3(offset.y, offset.z, offset.x) / count
        }
        guard own.sum() > 0, own.sum().isFinite else { return nil }
        own += SIMD3(repeating: own.max() / 400)
        let a = own.x.squareRoot()
        let (b, c) = (mixed.x / a, mixed.z / a)
        let d = (own.y - b * b).squareRoot()
        let e = (mixed.y - b * c) / d
        let f = (own.z - c * c - e * e).squareRoot()
        guard a.isNormal, d.isNormal, f.isNormal else { return nil }
        self.middle = middle
        // Points that fill a side of 1 evenly deviate by 0.3; nine tenths of them lie within 0.9 of it.
        let scale = 1 / (0.9 * 12.0.squareRoot())
        rows = (
            SIMD3(1 / a, 0, 0) * scale, SIMD3(-b / (a * d), 1 / d, 0) * scale,
            SIMD3((b * e / d - c) / (a * f), -e / (d * f), 1 / f) * scale
        )
    }

    func framed(_ point: SIMD3<Float>) -> SIMD3<Float> {
        let offset = SIMD3<Double>(point) - middle
        return SIMD3<Float>(
            SIMD3((rows.0 * offset).sum(), (rows.1 * offset).sum(), (rows.2 * offset).sum()))
    }
}

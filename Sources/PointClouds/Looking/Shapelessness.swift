// Whether points lie on surfaces, or fill space without a shape.

import Glibc

extension PointCloud {
    /// The correlation dimension (Grassberger and Procaccia 1983) at a tenth to a fifth of the cloud's size: 1 for lines,
    /// 2 for surfaces, somewhat more for stacks of them, near 3 for points anywhere in space.
    ///
    /// Nil where too few points are that near to each other.
    var dimension: Float? {
        var seen = Set<SIMD3<Float>>()
        let different = positions.filter { seen.insert($0).inserted }
        guard different.count >= 2, let frame = RobustFrame(different) else { return nil }
        let limit = min(1_500, different.count)
        let sample = (0..<limit).map { frame.framed(different[$0 * different.count / limit]) }
        var (near, wide) = (0, 0)
        for (index, point) in sample.enumerated() {
            for other in sample[..<index] {
                let offset = point - other
                let square = (offset * offset).sum()
                if square < 0.1 * 0.1 { near += 1 }
                if square < 0.2 * 0.2 { wide += 1 }
            }
        }
        return near >= 50 ? log2f(Float(wide) / Float(near)) : nil
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

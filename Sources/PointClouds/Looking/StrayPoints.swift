// Points that belong to nothing: a scanner's errors, which would decide a cloud's size if they counted.

extension PointCloud {
    /// The cloud without points far from all others, and how many those were.
    ///
    /// Statistical outlier removal (Rusu et al. 2008) by the distance to the eighth nearest point, on a sample of at most
    /// 4,096 different points: what lies outside the box of those that are kept, and not near it, is left out.
    public func withoutStrays() -> (cloud: PointCloud, strays: Int) {
        var seen = Set<SIMD3<Float>>()
        let different = positions.filter { seen.insert($0).inserted }
        let limit = 4_096
        let sample =
            different.count <= limit
            ? different : (0..<limit).map { different[$0 * different.count / limit] }
        guard sample.count >= 32, let frame = RobustFrame(sample) else { return (self, 0) }
        let framed = sample.map(frame.framed)
        let tree = NearestPoints(framed)
        // The first of the nine is the point itself.
        let distances = framed.map { tree.nearest(9, to: $0)[8].squaredDistance.squareRoot() }
        let margin = max(3 * distances.sorted()[distances.count / 2], 0.12)
        let kept = zip(framed, distances).filter { $0.1 <= margin }.map(\.0)
        guard var lower = kept.first, kept.count * 2 > framed.count else { return (self, 0) }
        var upper = lower
        for point in kept { (lower, upper) = (pointwiseMin(lower, point), pointwiseMax(upper, point)) }
        let reach = SIMD3<Float>(repeating: margin)
        let alone = Set(zip(sample, distances).filter { $0.1 > margin }.map(\.0))
        let left = positions.indices.filter { index in
            let point = frame.framed(positions[index])
            let inside = all(point .>= lower - reach) && all(point .<= upper + reach)
            return inside && !alone.contains(positions[index])
        }
        return left.count == count ? (self, 0) : (subset(left), count - left.count)
    }
}

/// A frame that a few points far away do not change: around the middle of the points, as long as most of them reach.
struct RobustFrame {
    let middle: SIMD3<Float>
    let side: Float

    /// Nil where the points have no extent.
    init?(_ points: [SIMD3<Float>]) {
        var (lower, upper) = (SIMD3<Float>.zero, SIMD3<Float>.zero)
        for axis in 0..<3 {
            let ordered = points.map { $0[axis] }.sorted()
            (lower[axis], upper[axis]) = (ordered[points.count / 20], ordered[points.count - 1 - points.count / 20])
        }
        middle = lower / 2 + upper / 2
        side = (upper - lower).max()
        guard side > 0, side.isFinite else { return nil }
    }

    func framed(_ point: SIMD3<Float>) -> SIMD3<Float> { (point - middle) / side }
}

// The floor that a scanned object stands on.

extension PointCloud {
    /// The cloud without the floor under it; nil where there is none.
    ///
    /// A floor is level, at the bottom, filled, and reaches well beyond what stands on it: no object's own foot does.
    public func withoutFloor() -> PointCloud? {
        guard let (lower, upper) = bounds, count >= 200 else { return nil }
        let size = (upper - lower).max()
        guard size > 0, size.isFinite, let level = floorLevel(lower.z, size) else { return nil }
        let ground = positions.filter { $0.z <= level }
        let above = positions.indices.filter { positions[$0].z > level }
        guard ground.count * 10 >= count, above.count >= 100 else { return nil }
        let object = subset(above).withoutStrays().cloud
        guard let box = object.bounds, object.count >= 100 else { return nil }
        let (base, extent) = (Footprint(ground), box.upper - box.lower)
        guard box.upper.z - level >= 0.02 * size, base.width >= 1.15 * extent.x, base.depth >= 1.15 * extent.y,
            base.width * base.depth >= 2 * extent.x * extent.y, base.isFilled,
            min(base.width, base.depth) >= 0.4 * max(base.width, base.depth)
        else {
            return nil
        }
        return object
    }

    /// How high the floor reaches: above the height that most of the lowest points share.
    private func floorLevel(_ bottom: Float, _ size: Float) -> Float? {
        let bin = 0.003 * size
        var counts = [Int](repeating: 0, count: 101)
        for position in positions { counts[min(100, Int((position.z - bottom) / bin))] += 1 }
        guard let peak = counts[..<10].indices.max(by: { counts[$0] < counts[$1] }) else { return nil }
        // Where points grow few again: the noise of the floor is below.
        var top = peak
        while top < 99, top - peak < 6, counts[top + 1] * 5 > counts[peak] { top += 1 }
        let highest = bottom + Float(top + 2) * bin
        // Six median deviations are four standard ones: no more of a low object is lost than the floor is uneven.
        let heights = positions.map(\.z).filter { $0 <= highest }.sorted()
        let median = heights[heights.count / 2]
        let deviation = heights.map { abs($0 - median) }.sorted()[heights.count / 2]
        return min(highest, median + max(6 * deviation, 0.001 * size))
    }
}

/// What points cover, seen from above.
private struct Footprint {
    let width: Float
    let depth: Float
    /// Whether most of the box around them is covered.
    let isFilled: Bool

    init(_ points: [SIMD3<Float>]) {
        let cloud = PointCloud(positions: points)
        guard let (lower, upper) = cloud.bounds else {
            (width, depth, isFilled) = (0, 0, false)
            return
        }
        (width, depth) = (upper.x - lower.x, upper.y - lower.y)
        let cells = 8
        var covered = Set<Int>()
        for point in points {
            func cell(_ part: Float, _ whole: Float) -> Int { whole > 0 ? min(cells - 1, Int(part / whole * 8)) : 0 }
            covered.insert(cell(point.x - lower.x, width) * cells + cell(point.y - lower.y, depth))
        }
        isFilled = covered.count * 10 >= cells * cells * 7
    }
}

// An uneven foot pressed flat, so that a printer's first layer finds all of it.

extension Mesh {
    /// How high a foot's unevenness may be, in parts of the mesh's longest side, and what is left of it.
    private static let footDepth: Float = 0.01
    private static let leftOver: Float = 0.1

    /// The mesh with its lowest part pressed down to a tenth: what lies less than a hundredth of the longest side above the
    /// lowest point then lies within a thousandth of it.
    ///
    /// Heights are mapped by a function that only rises: [0, d] to [0, d/10], and [d, 2d] to [d/10, 2d], d being that
    /// hundredth. So the mesh stays closed and meets itself nowhere, and no vertex moves by more than 0.9·d.
    public func footLevelled() -> Mesh {
        guard let bounds, bounds.lower.z < bounds.upper.z else { return self }
        let depth = Self.footDepth * (bounds.upper - bounds.lower).max()
        let slopes = (below: Self.leftOver, above: 2 - Self.leftOver)
        var levelled = self
        for index in positions.indices {
            let height = positions[index].z - bounds.lower.z
            guard height < 2 * depth else { continue }
            let isBelow = height < depth
            let mapped =
                isBelow ? slopes.below * height : slopes.below * depth + slopes.above * (height - depth)
            levelled.positions[index].z = bounds.lower.z + mapped
            // Normals change as the surface is squeezed, the other way round.
            guard let normal = normals?[index] else { continue }
            let slope = isBelow ? slopes.below : slopes.above
            levelled.normals?[index] = unit(normal / SIMD3(1, 1, slope), or: normal)
        }
        return levelled
    }
}

// A shape on a flat plate, so that it stands.

/// A field joined with a plate under it: the shape sinks a little into the plate, and nothing is left below.
struct FieldOnPlate: ClosestPointField {
    let shape: any ClosestPointField
    /// The plate's middle on the ground plane, half its sides, and between which heights it lies; before the stretch.
    let middle: SIMD2<Float>
    let half: SIMD2<Float>
    let heights: ClosedRange<Float>

    /// How thick the plate is, how far it reaches beyond the foot, and how deep the shape sinks into it, in parts of the
    /// shape's longest side.
    private static let thickness: Float = 0.03
    private static let margin: Float = 0.05
    private static let sunk: Float = 0.01
    /// The part of the height in which the foot is.
    private static let footHeight: Float = 0.06

    private static let colour = SIMD3<Float>(repeating: 0.62)

    /// A plate under the foot of a mesh of the shape, after the stretch; nil for one without vertices.
    init?(_ shape: any ClosestPointField, under mesh: Mesh, stretch: SIMD3<Float>) {
        guard let bounds = mesh.bounds else { return nil }
        let longest = (bounds.upper - bounds.lower).max()
        let footTop = bounds.lower.z + Self.footHeight * (bounds.upper.z - bounds.lower.z)
        var lower = SIMD2<Float>(repeating: .infinity)
        var upper = -lower
        for position in mesh.positions where position.z <= footTop {
            lower = pointwiseMin(lower, SIMD2(position.x, position.y))
            upper = pointwiseMax(upper, SIMD2(position.x, position.y))
        }
        let across = SIMD2(stretch.x, stretch.y)
        let top = bounds.lower.z + Self.sunk * longest
        self.shape = shape
        middle = (lower + upper) / 2 / across
        half = ((upper - lower) / 2 + Self.margin * longest) / across
        heights = (top - Self.thickness * longest) / stretch.z...top / stretch.z
    }

    var domain: (lower: SIMD3<Float>, upper: SIMD3<Float>) {
        let box = shape.domain
        return (
            pointwiseMin(box.lower, SIMD3(middle.x - half.x, middle.y - half.y, heights.lowerBound)),
            pointwiseMax(box.upper, SIMD3(middle.x + half.x, middle.y + half.y, heights.upperBound))
        )
    }

    func samples(at points: [SIMD3<Float>]) -> FieldSamples {
        var samples = shape.samples(at: points)
        for index in points.indices {
            let point = points[index]
            // What is below the plate is cut off.
            let below = heights.lowerBound - point.z
            if below > samples.distances[index] {
                samples.distances[index] = below
                samples.directions[index] = [0, 0, -1]
            }
            let plate = plateDistance(point)
            if !(samples.distances[index] <= plate.distance) {
                samples.distances[index] = plate.distance
                samples.directions[index] = plate.direction
                samples.colours[index] = Self.colour
            }
        }
        return samples
    }

    /// The distance to the plate and the direction of its nearest side.
    private func plateDistance(_ point: SIMD3<Float>) -> (distance: Float, direction: SIMD3<Float>) {
        let centre = SIMD3(middle.x, middle.y, (heights.lowerBound + heights.upperBound) / 2)
        let size = SIMD3(half.x, half.y, (heights.upperBound - heights.lowerBound) / 2)
        let offset = point - centre
        let away = SIMD3(abs(offset.x), abs(offset.y), abs(offset.z)) - size
        let sign = SIMD3<Float>(offset.x < 0 ? -1 : 1, offset.y < 0 ? -1 : 1, offset.z < 0 ? -1 : 1)
        let outside = pointwiseMax(away, .zero)
        let distance = dot(outside, outside).squareRoot()
        if distance > 0 { return (distance, outside / distance * sign) }
        let deepest = away.max()
        var direction = SIMD3<Float>.zero
        for axis in 0..<3 where away[axis] == deepest && direction == .zero { direction[axis] = sign[axis] }
        return (deepest, direction)
    }
}

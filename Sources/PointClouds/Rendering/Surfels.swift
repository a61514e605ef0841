// Points with an extent: discs that together close the surface.

import Glibc
import Pictures

/// One disc of the surface.
struct Surfel {
    var position: Vector
    var normal: Vector
    var radius: Float
    /// Linear light, 0...1.
    var colour: Vector
    /// Planes beyond which the disc is cut off: the surface bends away there.
    var cuts: [Plane] = []
}

/// The points x with `dot(normal, x) = offset`.
struct Plane {
    var normal: Vector
    var offset: Float
}

/// The discs of a cloud.
struct Surfels {
    var discs: [Surfel]
    /// The middle one of all radii: the cloud's spacing.
    let spacing: Float
    /// For every disc, its nearest points, itself included.
    let near: [[NearPoint]]
    /// For every disc, those of them that continue its surface.
    private(set) var continuations: [[NearPoint]]

    typealias NearPoint = (index: Int, squaredDistance: Float)

    /// How many neighbours a disc reaches: with 7 expected in its area, one place in a thousand stays uncovered.
    private static let reached = 7
    private static let searched = 24

    init(_ cloud: PointCloud) {
        let positions = cloud.positions
        let tree = NearestPoints(positions)
        let near = positions.map { tree.nearest(Self.searched, to: $0) }
        let normals =
            cloud.normals.map { $0.map { $0.normalized() } } ?? estimatedNormals(positions, neighbours: near)
        // Estimated normals know their line, not yet their side.
        let sided = cloud.normals != nil
        let same = positions.indices.map { i in
            near[i].filter { point in
                let agreement = dot(normals[point.index], normals[i])
                return (sided ? agreement : abs(agreement)) > 0.8
            }
        }
        // Only neighbours on the same face count: near an edge there are fewer of them, and discs must be larger.
        let extent = cloud.bounds.map { ($0.upper - $0.lower).length } ?? 0
        let radii = same.map { found in
            let reach = found.prefix(Self.reached + 1).last?.squaredDistance.squareRoot() ?? 0
            return reach > 0 ? reach : max(0.01, 0.02 * extent)
        }
        let median = radii.sorted()[radii.count / 2]
        spacing = median
        self.near = near
        continuations = same
        discs = positions.indices.map { i in
            Surfel(
                position: positions[i], normal: normals[i],
                // A stray point is no large disc.
                radius: min(max(radii[i], 0.5 * median), 1.5 * median),
                colour: decoded(cloud.colours?[i] ?? Colour(repeating: 200)))
        }
    }

    /// Turns discs whose side is not known to the side that is more open.
    mutating func turn(byOpenness openness: (Vector) -> Float) {
        for i in discs.indices {
            let step = discs[i].normal * discs[i].radius * 1.5
            if openness(discs[i].position - step) > openness(discs[i].position + step) {
                discs[i].normal = -discs[i].normal
            }
        }
        for i in discs.indices {
            continuations[i] = near[i].filter { dot(discs[$0.index].normal, discs[i].normal) > 0.8 }
        }
    }

    /// Evens out the noise of predicted points: normals become means, and points move onto the mean plane, along
    /// the normal and among the same face only, so that edges stay where they are.
    mutating func smooth() {
        let source = discs
        for i in discs.indices {
            let around = continuations[i].prefix(16)
            guard around.count >= 4 else { continue }
            let normal = around.reduce(Vector.zero) { $0 + source[$1.index].normal }.normalized(or: source[i].normal)
            let height = around.reduce(Float(0)) {
                $0 + dot(normal, source[$1.index].position - source[i].position)
            }
            discs[i].normal = normal
            discs[i].position += normal * (0.8 * height / Float(around.count))
        }
    }
}

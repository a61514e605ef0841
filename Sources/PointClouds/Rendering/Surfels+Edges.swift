// Where discs end: at the planes of their neighbours across an edge, and at the end of a loose sheet.

extension Surfels {
    private static let cutLimit = 6

    /// Cuts all discs.
    mutating func cutAtEdges() {
        for i in discs.indices {
            var cuts = edges(of: i)
            if let end = end(of: i), cuts.allSatisfy({ dot($0.normal, end.normal) < 0.4 }) { cuts.append(end) }
            discs[i].cuts = cuts
        }
    }

    /// The planes of neighbours across an edge, the ones that cut deepest first.
    ///
    /// At an outward edge the disc ends where it comes out of the neighbour's face, at an inward one where it would
    /// go in.
    private func edges(of i: Int) -> [Plane] {
        let disc = discs[i]
        var found: [(depth: Float, plane: Plane)] = []
        // Predicted points are noisy; it is forgiven.
        let tolerance = 0.12 * disc.radius
        for (j, squared) in near[i] where j != i && squared < 4 * disc.radius * disc.radius {
            let normal = discs[j].normal
            // A neighbour that faces about the same way continues the surface, one that faces the other way is the
            // back of something thin.
            let agreement = dot(normal, disc.normal)
            guard agreement < 0.87, agreement > -0.5 else { continue }
            let offset = dot(normal, discs[j].position)
            let depth = offset - dot(normal, disc.position)
            guard abs(depth) < disc.radius else { continue }
            // Two faces that meet see each other from the same side: both from behind, or both from the front.
            let depthOfOther = dot(disc.normal, disc.position - discs[j].position)
            if depth > -tolerance, depthOfOther > -tolerance {
                found.append((depth, Plane(normal: normal, offset: offset + tolerance)))
            } else if depth < 0, depthOfOther < tolerance {
                found.append((-depth, Plane(normal: -normal, offset: tolerance - offset)))
            }
        }
        found.sort { $0.depth < $1.depth }
        var planes: [Plane] = []
        for (_, plane) in found where planes.count < Self.cutLimit {
            if planes.allSatisfy({ dot($0.normal, plane.normal) < 0.9 }) { planes.append(plane) }
        }
        return planes
    }

    /// Where a sheet ends without a neighbour across its edge: just beyond the last of the points around.
    private func end(of i: Int) -> Plane? {
        let disc = discs[i]
        let offsets = continuations[i].prefix(12).map { discs[$0.index].position - disc.position }
        guard offsets.count >= 6 else { return nil }
        let mean = offsets.reduce(Vector.zero, +) / Float(offsets.count)
        let inPlane = mean - disc.normal * dot(mean, disc.normal)
        let reach = offsets.reduce(0) { max($0, $1.length) }
        // The middle of a half disc is 0.42 of its radius away, that of a whole one seldom 0.25.
        guard inPlane.length > 0.3 * reach else { return nil }
        let outwards = -inPlane.normalized()
        let last = offsets.reduce(Float(0)) { max($0, dot($1, outwards)) }
        return Plane(normal: outwards, offset: dot(outwards, disc.position) + last + 0.25 * disc.radius)
    }
}

// Who is asked at a corner, and what comes of their votes.

/// A round of evening out: which neighbours speak for a corner.
struct VotingRound: Sendable {
    /// The neighbours, as offsets in cells, and how much the nearer count.
    let offsets: [SparseLattice.Place]
    let weights: [Float]
    let total: Float
    /// Corners farther than so many cells from the surface stay as they are: nobody looks.
    let within: Float

    /// Neighbours at up to the root of `square` cells, each `stride` times as far away.
    init(square: Int32, stride: Int32 = 1, within: Float) {
        var found: [(offset: SparseLattice.Place, weight: Float)] = []
        for number in 0..<125 {
            let offset = SparseLattice.Place(Int32(number % 5), Int32(number / 5 % 5), Int32(number / 25)) &- 2
            let length = (offset &* offset).wrappedSum()
            if length <= square { found.append((offset &* stride, 1 - 0.75 * Float(length) / Float(square))) }
        }
        (offsets, weights, self.within) = (found.map(\.offset), found.map(\.weight), within)
        total = weights.reduce(0, +)
    }

    /// Lends memory for everyone's votes.
    func withVotes<Result>(_ body: (Votes) -> Result) -> Result {
        let lanes = (offsets.count + 7) / 8 * 8
        return withUnsafeTemporaryAllocation(byteCount: Votes.kinds * lanes * 4, alignment: 32) { memory in
            body(Votes(memory: memory.bindMemory(to: Float.self).baseAddress!, lanes: lanes))
        }
    }
}

/// What neighbours say of a corner: their normals, where it is as seen from their closest surface points, and how much
/// each counts. The numbers of a kind stand together, eight to a vector.
struct Votes {
    /// Three numbers of the normal, three of the place, and the weight.
    static let kinds = 7

    private typealias Vector = SIMD8<Float>
    private let memory: UnsafeMutablePointer<Float>
    private let lanes: Int

    init(memory: UnsafeMutablePointer<Float>, lanes: Int) { (self.memory, self.lanes) = (memory, lanes) }

    @inline(__always)
    func set(_ index: Int, _ normal: SIMD3<Float>, place: SIMD3<Float>, weight: Float) {
        memory[index] = normal.x
        memory[lanes + index] = normal.y
        memory[2 * lanes + index] = normal.z
        memory[3 * lanes + index] = place.x
        memory[4 * lanes + index] = place.y
        memory[5 * lanes + index] = place.z
        memory[6 * lanes + index] = weight
    }

    /// Ends the list: nobody follows.
    func close(_ count: Int) {
        for index in count..<lanes { set(index, .zero, place: .zero, weight: 0) }
    }

    @inline(__always)
    private func vector(_ kind: Int, _ first: Int) -> Vector {
        UnsafeRawPointer(memory).load(fromByteOffset: 4 * (kind * lanes + first), as: Vector.self)
    }

    /// The sum of the normals.
    func mean() -> SIMD3<Float> {
        var (x, y, z) = (Vector.zero, Vector.zero, Vector.zero)
        for first in stride(from: 0, to: lanes, by: 8) {
            let weight = vector(6, first)
            x += weight * vector(0, first)
            y += weight * vector(1, first)
            z += weight * vector(2, first)
        }
        return SIMD3(x.sum(), y.sum(), z.sum())
    }

    /// The normal of the nearest plane among the first `count`; those that count little seem farther.
    func nearest(of count: Int) -> SIMD3<Float> {
        var (least, found) = (Float.infinity, SIMD3<Float>(0, 0, 1))
        for index in 0..<count {
            let normal = SIMD3(memory[index], memory[lanes + index], memory[2 * lanes + index])
            let place = SIMD3(memory[3 * lanes + index], memory[4 * lanes + index], memory[5 * lanes + index])
            let distance = abs(dot(normal, place)) / max(memory[6 * lanes + index], 1e-6)
            if distance < least { (least, found) = (distance, normal) }
        }
        return found
    }

    /// The mean plane of those about a direction, and how much they count together; nil where nobody is.
    ///
    /// The chord between two points of a circle is square to the mean of their normals. So a neighbour's distance is
    /// taken along the mean of its normal and the direction, which is right on spheres and cylinders, too, where its
    /// plane alone would lie outside them.
    ///
    /// - Parameter tolerance: those whose normal's cosine is less by this count for a third.
    func plane(about start: SIMD3<Float>, tolerance: Float) -> (plane: SIMD4<Float>, total: Float)? {
        var (direction, distance, total) = (start, Float(0), Float(0))
        for _ in 0..<2 {
            var (x, y, z) = (Vector.zero, Vector.zero, Vector.zero)
            var (distances, sum) = (Vector.zero, Vector.zero)
            for first in stride(from: 0, to: lanes, by: 8) {
                let normal = (vector(0, first), vector(1, first), vector(2, first))
                let cosine = normal.0 * direction.x + normal.1 * direction.y + normal.2 * direction.z
                // As a bell's, without its exponential.
                let difference = (1 - cosine) * (1 / tolerance)
                let square = difference * difference
                let vote = vector(6, first) / (1 + square * (1 + square))
                x += vote * normal.0
                y += vote * normal.1
                z += vote * normal.2
                let along =
                    (normal.0 + direction.x) * vector(3, first) + (normal.1 + direction.y) * vector(4, first)
                    + (normal.2 + direction.z) * vector(5, first)
                // Those that face away count next to nothing.
                let both = 1 + cosine
                distances += vote * along / both.replacing(with: 0.5, where: both .< 0.5)
                sum += vote
            }
            total = sum.sum()
            guard total > 1e-6 else { return nil }
            direction = unit(SIMD3(x.sum(), y.sum(), z.sum()), or: direction)
            distance = distances.sum() / total
        }
        return (SIMD4(direction, distance), total)
    }
}

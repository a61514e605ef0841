// Evening out what a learned field gets wrong from place to place, without rounding what is sharp.

import Dispatch

/// What is known at a lattice's corners: where the surface is, and how far that is to be believed.
struct LatticeSamples: Sendable {
    var distances: [Float] = []
    var directions: [SIMD3<Float>] = []
    /// How much a sample's word counts, 0…1.
    var trust: [Float] = []

    var count: Int { distances.count }

    /// Adds what a field says, not yet judged.
    mutating func append(_ distances: [Float], _ directions: [SIMD3<Float>]) {
        self.distances += distances
        self.directions += directions
    }

    mutating func append(_ other: LatticeSamples) {
        append(other.distances, other.directions)
        trust += other.trust
    }
}

extension SparseLattice {
    /// How far the noise of a field reaches, in its units: neighbours within this speak for each other.
    private static let reach: Float = 0.016
    /// How much less a neighbour counts whose normal differs: to a third at this much less than 1 of the cosine.
    private static let tolerance: Float = 0.12
    /// The slopes of a distance along its own direction at which a sample is not believed, and fully.
    private static let slopes: (none: Float, full: Float) = (0.2, 0.7)
    /// The part of all neighbours' votes that is enough to be believed in the next round.
    private static let quorum: Float = 0.18
    /// What counts where nobody can be believed.
    private static let leastTrust: Float = 1e-3

    /// How far samples from `first` on are to be believed: where a distance does not grow along its own direction, as
    /// across the cracks that a learned field has in thin walls, one of the two is wrong.
    func trust(from first: Int, in samples: LatticeSamples) -> [Float] {
        concurrently(first..<samples.count, Float(0)) { index in
            let (own, normal, place) = (samples.distances[index], samples.directions[index], places[index])
            var slope: Float = 0
            for axis in 0..<3 {
                var (rise, steps) = (Float(0), Float(0))
                for side in [Int32(-1), 1] {
                    var next = place
                    next[axis] &+= side
                    let other = Int(self.index(next))
                    guard other >= 0, other < samples.count else { continue }
                    rise += Float(side) * (samples.distances[other] - own)
                    steps += 1
                }
                // Where nothing is known, nothing is held against it.
                slope += steps > 0 ? normal[axis] * rise / (steps * spacing) : normal[axis] * normal[axis]
            }
            let share = (slope - Self.slopes.none) / (Self.slopes.full - Self.slopes.none)
            return share > 0 ? min(1, share * share) + Self.leastTrust : Self.leastTrust
        }
    }

    /// The samples from `first` on, evened out.
    ///
    /// Every sample says where the surface is: a plane. At each corner the planes of the neighbours are asked for their
    /// distance, and the mean is taken, in which planes count that are believed and agree with their neighbourhood's
    /// normal: first those of about its mean direction, then those of the direction that comes of it. So one side of an
    /// edge does not speak for the other, nor one side of a thin wall, and a pit among good samples is outvoted.
    func evenedOut(from first: Int, _ samples: LatticeSamples) -> LatticeSamples {
        let cells = Int32(min(2, (Self.reach / spacing).rounded(.toNearestOrAwayFromZero)))
        let ballot = Ballot(cells: cells)
        let made = concurrently(first..<samples.count, (Float(0), SIMD3<Float>.zero, Float(0))) { index in
            let own = (samples.distances[index], samples.directions[index], samples.trust[index])
            // Wider cells average more than the noise by themselves; and far away nobody looks.
            guard cells > 0, abs(own.0) < 3 * spacing, own.1.x.isFinite else { return own }
            let place = places[index]
            return ballot.withVotes { votes in
                var count = 0
                for number in ballot.offsets.indices {
                    let offset = ballot.offsets[number]
                    let other = Int(self.index(place &+ offset))
                    guard other >= 0, other < samples.count else { continue }
                    let normal = samples.directions[other]
                    let plane = samples.distances[other] - spacing * dot(normal, SIMD3<Float>(offset))
                    guard plane.isFinite else { continue }
                    votes.set(count, normal, plane, weight: ballot.weights[number] * samples.trust[other])
                    count += 1
                }
                votes.close(count)
                // A lone normal that differs from all must not choose its own company.
                let start = unit(votes.mean() + 0.5 * own.1, or: own.1)
                guard let result = votes.result(from: start, tolerance: Self.tolerance) else { return own }
                let trust = min(1, result.total / (Self.quorum * ballot.total)) + Self.leastTrust
                return (result.distance, result.direction, trust)
            }
        }
        return LatticeSamples(distances: made.map(\.0), directions: made.map(\.1), trust: made.map(\.2))
    }

    /// The values of `body` at the indices, computed in parts at once.
    private func concurrently<Value: Sendable>(
        _ indices: Range<Int>, _ empty: Value, _ body: @Sendable (Int) -> Value
    ) -> [Value] {
        var values = [Value](repeating: empty, count: indices.count)
        let parts = 16
        values.withUnsafeMutableBufferPointer { values in
            // Each part writes its own results.
            nonisolated(unsafe) let values = values
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                for place in values.count * part / parts..<values.count * (part + 1) / parts {
                    values[place] = body(indices.lowerBound + place)
                }
            }
        }
        return values
    }
}

/// Who is asked at a corner.
private struct Ballot: Sendable {
    /// The neighbours, as offsets in cells, and how much the nearer count.
    let offsets: [SparseLattice.Place]
    let weights: [Float]
    let total: Float

    init(cells: Int32) {
        var found: [(offset: SparseLattice.Place, weight: Float)] = []
        for z in -cells...cells {
            for y in -cells...cells {
                for x in -cells...cells {
                    let square = Float(x * x + y * y + z * z) / Float(max(1, cells * cells))
                    if square <= 1.01 { found.append((SparseLattice.Place(x, y, z), 1 - 0.75 * square)) }
                }
            }
        }
        (offsets, weights) = (found.map(\.offset), found.map(\.weight))
        total = weights.reduce(0, +)
    }

    /// Lends memory for everyone's votes.
    func withVotes<Result>(_ body: (Votes) -> Result) -> Result {
        let lanes = (offsets.count + 7) / 8 * 8
        return withUnsafeTemporaryAllocation(byteCount: 5 * lanes * 4, alignment: 32) { memory in
            body(Votes(memory: memory.bindMemory(to: Float.self).baseAddress!, lanes: lanes))
        }
    }
}

/// What neighbours say of a corner: their normals, the distances of their planes from it, and how much each counts. The
/// numbers of a kind stand together, eight to a vector.
private struct Votes {
    private typealias Vector = SIMD8<Float>
    private let memory: UnsafeMutablePointer<Float>
    private let lanes: Int

    init(memory: UnsafeMutablePointer<Float>, lanes: Int) { (self.memory, self.lanes) = (memory, lanes) }

    @inline(__always)
    func set(_ index: Int, _ normal: SIMD3<Float>, _ plane: Float, weight: Float) {
        memory[index] = normal.x
        memory[lanes + index] = normal.y
        memory[2 * lanes + index] = normal.z
        memory[3 * lanes + index] = plane
        memory[4 * lanes + index] = weight
    }

    /// Ends the list: nobody follows.
    func close(_ count: Int) {
        for index in count..<lanes { set(index, .zero, 0, weight: 0) }
    }

    @inline(__always)
    private func vector(_ kind: Int, _ first: Int) -> Vector {
        UnsafeRawPointer(memory).load(fromByteOffset: 4 * (kind * lanes + first), as: Vector.self)
    }

    /// The sum of the normals.
    func mean() -> SIMD3<Float> {
        var (x, y, z) = (Vector.zero, Vector.zero, Vector.zero)
        for first in stride(from: 0, to: lanes, by: 8) {
            let weight = vector(4, first)
            x += weight * vector(0, first)
            y += weight * vector(1, first)
            z += weight * vector(2, first)
        }
        return SIMD3(x.sum(), y.sum(), z.sum())
    }

    /// The mean plane of those about a direction, and how much they count together; nil where nobody is.
    func result(
        from start: SIMD3<Float>, tolerance: Float
    ) -> (distance: Float, direction: SIMD3<Float>, total: Float)? {
        var (direction, distance, total) = (start, Float(0), Float(0))
        for _ in 0..<2 {
            var (x, y, z) = (Vector.zero, Vector.zero, Vector.zero)
            var (planes, sum) = (Vector.zero, Vector.zero)
            for first in stride(from: 0, to: lanes, by: 8) {
                let normal = (vector(0, first), vector(1, first), vector(2, first))
                let cosine = normal.0 * direction.x + normal.1 * direction.y + normal.2 * direction.z
                // As a bell's, without its exponential.
                let difference = (1 - cosine) * (1 / tolerance)
                let square = difference * difference
                let vote = vector(4, first) / (1 + square * (1 + square))
                x += vote * normal.0
                y += vote * normal.1
                z += vote * normal.2
                planes += vote * vector(3, first)
                sum += vote
            }
            total = sum.sum()
            guard total > 1e-6 else { return nil }
            direction = unit(SIMD3(x.sum(), y.sum(), z.sum()), or: direction)
            distance = planes.sum() / total
        }
        return (distance, direction, total)
    }
}

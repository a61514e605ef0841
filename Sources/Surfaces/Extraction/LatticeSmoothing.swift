// Evening out what a learned field gets wrong from place to place, without rounding what is sharp.

import Dispatch

extension SparseLattice {
    /// How far the noise of a field reaches, in its units: neighbours within this speak for each other.
    private static let reach: Float = 0.016
    /// No distance is changed by more than this, in the field's units: parts that are apart stay apart.
    private static let mostChange: Float = 0.005
    /// How much less a neighbour counts whose normal differs: to a third at this much less than 1 of the cosine.
    private static let tolerance: Float = 0.12
    /// The slopes of a distance along its own direction at which a sample is not believed, and fully.
    private static let slopes: (none: Float, full: Float) = (0.2, 0.7)
    /// The part of all neighbours' votes that is enough to be believed in the next round.
    private static let quorum: Float = 0.18
    /// What counts where nobody can be believed.
    private static let leastTrust: Float = 1e-3

    /// How samples are evened out: two rounds mend what contradicts itself, a third one takes the ripples out of faces.
    /// Wider cells average more than the noise by themselves.
    static func votingRounds(spacing: Float) -> [VotingRound] {
        switch (reach / spacing).rounded(.toNearestOrAwayFromZero) {
        case ..<1: []
        case ..<2: [VotingRound(square: 2, within: 3), VotingRound(square: 2, within: 2.5)]
        default:
            [
                VotingRound(square: 4, within: 3), VotingRound(square: 4, within: 2.5),
                VotingRound(square: 4, stride: 2, within: 1.9),
            ]
        }
    }

    /// How far samples from `first` on are to be believed: where a distance does not grow along its own direction, as
    /// across the cracks that a learned field has in thin walls, one of the two is wrong.
    ///
    /// The slope is that of a plane through the distances of the twelve neighbours across the faces' diagonals.
    func trust(from first: Int, in samples: LatticeSamples) -> [Float] {
        concurrently(first..<samples.count, Float(0)) { index in
            guard samples.trust[index] > 0 else { return 0 }
            let (own, place) = (samples.planes[index], places[index])
            var (rise, run) = (Float(0), Float(0))
            for offset in Self.diagonals {
                let other = Int(self.index(place &+ offset))
                guard other >= 0, other < samples.count, samples.trust[other] > 0 else { continue }
                let along = spacing * dot(own.direction, SIMD3<Float>(offset))
                rise += along * (samples.planes[other].w - own.w)
                run += along * along
            }
            // Where nothing is known, nothing is held against it.
            guard run > 0 else { return 1 }
            let share = (rise / run - Self.slopes.none) / (Self.slopes.full - Self.slopes.none)
            return share > 0 ? min(1, share * share) + Self.leastTrust : Self.leastTrust
        }
    }

    private static let diagonals: [Place] = (0..<3).flatMap { axis in
        [(-1, -1), (-1, 1), (1, -1), (1, 1)].map { (p: Int32, q: Int32) in
            var offset = Place(repeating: 0)
            offset[(axis + 1) % 3] = p
            offset[(axis + 2) % 3] = q
            return offset
        }
    }

    /// The samples from `first` on after a round.
    ///
    /// Every sample says where the surface is: a point and its normal. At each corner those of the neighbours are asked
    /// for its distance, and the mean is taken, in which those count that are believed and agree with their neighbourhood's
    /// normal: first those of about its mean direction, then those of the direction that comes of it. So one side of an
    /// edge does not speak for the other, nor one side of a thin wall, and a pit among good samples is outvoted.
    func evenedOut(
        from first: Int, _ samples: LatticeSamples, by round: VotingRound
    ) -> [(plane: SIMD4<Float>, trust: Float)] {
        concurrently(first..<samples.count, (LatticeSamples.unknown, Float(0))) { index in
            let (own, ownTrust) = (samples.planes[index], samples.trust[index])
            guard ownTrust == 0 || abs(own.w) < round.within * spacing else { return (own, ownTrust) }
            let place = places[index]
            return round.withVotes { votes in
                var count = 0
                for number in round.offsets.indices {
                    let offset = round.offsets[number]
                    let other = Int(self.index(place &+ offset))
                    guard other >= 0, other < samples.count else { continue }
                    let trust = samples.trust[other]
                    guard trust > 0 else { continue }
                    let plane = samples.planes[other]
                    votes.set(
                        count, plane.direction, place: plane.w * plane.direction - spacing * SIMD3<Float>(offset),
                        weight: round.weights[number] * trust)
                    count += 1
                }
                votes.close(count)
                // A lone normal that differs from all must not choose its own company.
                let start =
                    ownTrust > 0
                    ? unit(votes.mean() + 0.5 * own.direction, or: own.direction) : votes.nearest(of: count)
                guard let vote = votes.plane(about: start, tolerance: Self.tolerance) else { return (own, ownTrust) }
                return (vote.plane, min(1, vote.total / (Self.quorum * round.total)) + Self.leastTrust)
            }
        }
    }

    /// A distance that was evened out, no farther from what the field said than it may be.
    static func bounded(_ distance: Float, said: Float) -> Float {
        said.isFinite ? max(said - mostChange, min(said + mostChange, distance)) : distance
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

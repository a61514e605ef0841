// Evening out what a learned field gets wrong from place to place, without rounding what is sharp.

import Dispatch

extension SparseLattice {
    /// How far the noise of a field reaches, in its units: neighbours within this speak for each other.
    private static let reach: Float = 0.016
    /// How much less a neighbour counts whose normal differs: to 1/e at this much less than 1 of the cosine.
    private static let tolerance: Float = 0.12

    /// Evens out the samples from `first` on.
    ///
    /// Every sample says where the surface is: a plane. At each corner the planes of the neighbours are asked for their
    /// distance, and the mean is taken, in which planes count that agree with their neighbourhood's normal: first those
    /// of about its mean direction, then those of the direction that comes of it. So one side of an edge does not speak
    /// for the other, nor one side of a thin wall, and a pit among good samples is outvoted.
    mutating func smooth(from first: Int, in raw: RawSamples) {
        let cells = Int32(min(2, (Self.reach / spacing).rounded(.toNearestOrAwayFromZero)))
        // Wider cells average more than the noise by themselves.
        guard cells > 0 else { return }
        let offsets: [(offset: Place, weight: Float)] = (-cells...cells).flatMap { z in
            (-cells...cells).flatMap { y in
                (-cells...cells).compactMap { x in
                    let offset = Place(x, y, z)
                    let square = Float(x * x + y * y + z * z) / Float(cells * cells)
                    return square > 1.01 ? nil : (offset, 1 - 0.75 * square)
                }
            }
        }
        let count = raw.distances.count
        guard first < count else { return }
        var distances = [Float](repeating: 0, count: count - first)
        var directions = [SIMD3<Float>](repeating: .zero, count: count - first)
        let (parts, lattice) = (16, self)
        distances.withUnsafeMutableBufferPointer { distances in
            directions.withUnsafeMutableBufferPointer { directions in
                // Each part writes its own results.
                nonisolated(unsafe) let (distances, directions) = (distances, directions)
                DispatchQueue.concurrentPerform(iterations: parts) { part in
                    let total = count - first
                    for index in total * part / parts..<total * (part + 1) / parts {
                        (distances[index], directions[index]) = lattice.smoothed(first + index, raw, offsets)
                    }
                }
            }
        }
        replace(from: first, distances: distances, directions: directions)
    }

    /// A sample, evened out.
    private func smoothed(
        _ index: Int, _ raw: RawSamples, _ offsets: [(offset: Place, weight: Float)]
    ) -> (Float, SIMD3<Float>) {
        let place = places[index]
        let own = (raw.distances[index], raw.directions[index])
        guard !isOutermost(place), abs(own.0) < 3 * spacing, own.1.x.isFinite else { return own }
        // What neighbours say: their normals, the distances of their planes from here, and how near they are.
        return withUnsafeTemporaryAllocation(of: (SIMD4<Float>, Float).self, capacity: offsets.count) { found in
            var count = 0
            var mean = SIMD3<Float>.zero
            for (offset, weight) in offsets {
                let neighbour = place &+ offset
                guard holds(neighbour), !isOutermost(neighbour) else { continue }
                let other = Int(self.index(neighbour))
                guard other >= 0, other < raw.distances.count else { continue }
                let normal = raw.directions[other]
                let plane = raw.distances[other] - spacing * dot(normal, SIMD3<Float>(offset))
                guard plane.isFinite else { continue }
                found.initializeElement(at: count, to: (SIMD4(normal, plane), weight))
                count += 1
                mean += weight * normal
            }
            // A lone normal that differs from all must not choose its own company.
            var direction = unit(mean + 0.5 * own.1, or: own.1)
            var distance = own.0
            for _ in 0..<2 {
                var (normals, planes, total) = (SIMD3<Float>.zero, Float(0), Float(0))
                for place in 0..<count {
                    let (sample, weight) = found[place]
                    let normal = SIMD3(sample.x, sample.y, sample.z)
                    // As a bell's, without its exponential.
                    let difference = (1 - dot(normal, direction)) / Self.tolerance
                    let vote = weight / (1 + difference * difference * (1 + difference * difference))
                    normals += vote * normal
                    planes += vote * sample.w
                    total += vote
                }
                guard total > 1e-6 else { break }
                direction = unit(normals, or: direction)
                distance = planes / total
            }
            return (distance, direction)
        }
    }
}

// Thinning candidates to points that cover the surface evenly.

#if canImport(Glibc)
    internal import Glibc
#endif

/// Indices, ascending, of exactly `count` of M candidates that cover the surface evenly and lie on it.
///
/// Weighted sample elimination (Yuksel 2015), with the field's own doubt:
///
/// 1. Reliability qᵢ = max(exp(−(sᵢ/reliableResidual)²), leastReliability), sᵢ being the residual distance. Candidates i and j are
///    neighbours where they are at most a radius apart and nᵢ·nⱼ > sameSideCosine: the two sides of a thin part are not.
/// 2. The surface's area A = π·R²·Σ qᵢ/kᵢ with kᵢ the sum of q over i and its neighbours within
///    R = crowdingRadius·√(crowdingCandidates/M).
/// 3. Neighbours within ρ = min(2·√(A/(2√3·count)), 2R), twice the radius of the densest packing of discs, crowd one
///    another: pᵢ = (leastPressure + Σⱼ qⱼ·(1 − dᵢⱼ/ρ)⁸)/qᵢ, the powers rounded to `Float`. The candidate of the largest p
///    (the first of equals) is removed and its neighbours' p fall, until `count` are left.
func evenSubset(
    of points: [SIMD3<Float>], normals: [SIMD3<Float>], residuals: [Float], count: Int,
    options: LatentSetFlowConfiguration.ReadOut
) -> [Int] {
    let total = points.count
    precondition(normals.count == total && residuals.count == total && count <= total)
    guard count < total else { return Array(points.indices) }
    let reliability = residuals.map { residual in
        let ratio = Double(residual) / options.reliableResidual
        return max(exp(-ratio * ratio), options.leastReliability)
    }
    let cosine = options.sameSideCosine
    func sameSide(_ first: Int, _ second: Int) -> Bool { (normals[first] * normals[second]).sum() > cosine }
    // An even cloud has a dozen neighbours per point; a heap of points is not worth evening out.
    let limit = total * 500

    let radius = options.crowdingRadius * (options.crowdingCandidates / Double(total)).squareRoot()
    var crowd = reliability
    var even = PointGrid(points, size: Float(radius)).forEachPair(limit: limit) { first, second, _ in
        guard sameSide(first, second) else { return }
        crowd[first] += reliability[second]
        crowd[second] += reliability[first]
    }
    let area = Double.pi * radius * radius * zip(reliability, crowd).reduce(0) { $0 + $1.0 / $1.1 }
    let spacing = min(2 * (area / (2 * 3.0.squareRoot() * Double(count))).squareRoot(), 2 * radius)

    var pairs: [Pair] = []
    pairs.reserveCapacity(total * 8)
    even =
        even
        && PointGrid(points, size: Float(spacing)).forEachPair(limit: limit) { first, second, square in
            guard sameSide(first, second) else { return }
            let nearness = max(0, 1 - Double(square).squareRoot() / spacing)
            let fourth = nearness * nearness * nearness * nearness
            pairs.append(Pair(first: Int32(first), second: Int32(second), kernel: Float(fourth * fourth)))
        }
    guard even else {
        let best = points.indices.sorted { (-reliability[$0], $0) < (-reliability[$1], $1) }
        return best.prefix(count).sorted()
    }
    return eliminate(
        Neighbourhoods(pairs, count: total), reliability: reliability, leastPressure: options.leastPressure,
        keeping: count)
}

/// Two neighbours and how much they crowd each other.
private struct Pair {
    let first: Int32
    let second: Int32
    let kernel: Float
}

/// Every candidate's neighbours, one candidate's after another's.
private struct Neighbourhoods {
    let starts: [Int]
    let neighbours: [(index: Int32, kernel: Float)]

    init(_ pairs: [Pair], count: Int) {
        var ends = [Int](repeating: 0, count: count + 1)
        for pair in pairs {
            ends[Int(pair.first) + 1] += 1
            ends[Int(pair.second) + 1] += 1
        }
        for index in 0..<count { ends[index + 1] += ends[index] }
        starts = ends
        var neighbours = [(index: Int32, kernel: Float)](repeating: (0, 0), count: 2 * pairs.count)
        for pair in pairs {
            neighbours[ends[Int(pair.first)]] = (pair.second, pair.kernel)
            ends[Int(pair.first)] += 1
            neighbours[ends[Int(pair.second)]] = (pair.first, pair.kernel)
            ends[Int(pair.second)] += 1
        }
        self.neighbours = neighbours
    }
}

/// Removes the most crowded candidate again and again; see ``evenSubset(of:normals:residuals:count:options:)``.
private func eliminate(
    _ neighbourhoods: Neighbourhoods, reliability: [Double], leastPressure: Double, keeping count: Int
) -> [Int] {
    let total = reliability.count
    let (starts, neighbours) = (neighbourhoods.starts, neighbourhoods.neighbours)
    var pressure = reliability.indices.map { index in
        var sum = leastPressure
        for place in starts[index]..<starts[index + 1] {
            sum += reliability[Int(neighbours[place].index)] * Double(neighbours[place].kernel)
        }
        return sum / reliability[index]
    }
    // Pressures only fall, so an outdated entry of the queue stands too high: it is put back when it comes up.
    var queue = PressureQueue(pressure)
    var kept = [Bool](repeating: true, count: total)
    var left = total
    pressure.withUnsafeMutableBufferPointer { pressure in
        neighbours.withUnsafeBufferPointer { neighbours in
            while left > count {
                let (index, outdated) = queue.largest
                guard outdated == pressure[index] else {
                    queue.replaceLargest(pressure[index])
                    continue
                }
                queue.removeLargest()
                kept[index] = false
                left -= 1
                for place in starts[index]..<starts[index + 1] {
                    let (other, kernel) = (Int(neighbours[place].index), Double(neighbours[place].kernel))
                    pressure[other] -= reliability[index] * kernel / reliability[other]
                }
            }
        }
    }
    return kept.indices.filter { kept[$0] }
}

/// A binary heap of candidates, the largest pressure first, the smaller index among equals.
private struct PressureQueue {
    private var entries: [(pressure: Double, index: Int32)]

    init(_ pressures: [Double]) {
        entries = pressures.enumerated().map { ($1, Int32($0)) }
        for place in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    var largest: (index: Int, pressure: Double) { (Int(entries[0].index), entries[0].pressure) }

    mutating func replaceLargest(_ pressure: Double) {
        entries[0].pressure = pressure
        sink(0)
    }

    mutating func removeLargest() {
        entries[0] = entries[entries.count - 1]
        entries.removeLast()
        if !entries.isEmpty { sink(0) }
    }

    private mutating func sink(_ place: Int) {
        entries.withUnsafeMutableBufferPointer { entries in
            let moving = entries[place]
            var place = place
            while true {
                var child = 2 * place + 1
                guard child < entries.count else { break }
                if child + 1 < entries.count, Self.precedes(entries[child + 1], entries[child]) { child += 1 }
                guard Self.precedes(entries[child], moving) else { break }
                entries[place] = entries[child]
                place = child
            }
            entries[place] = moving
        }
    }

    private static func precedes(
        _ first: (pressure: Double, index: Int32), _ second: (pressure: Double, index: Int32)
    ) -> Bool {
        first.pressure > second.pressure || (first.pressure == second.pressure && first.index < second.index)
    }
}

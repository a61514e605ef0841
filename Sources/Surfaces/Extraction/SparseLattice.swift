// Samples of a field on the corners of cubic cells, only where they are wanted.

/// A lattice of corners in bricks of 8³; bricks without samples take no memory beside their place in a table.
struct SparseLattice: Sendable {
    /// A corner's place in the lattice.
    typealias Place = SIMD3<Int32>

    /// The corner (0, 0, 0), and the width of a cell.
    let origin: SIMD3<Float>
    let spacing: Float

    /// The samples' places and values, in the order in which they were asked for.
    private(set) var places: [Place] = []
    private(set) var distances: [Float] = []
    private(set) var directions: [SIMD3<Float>] = []

    /// What the field said, and what each round of evening out left of it.
    private var layers: [LatticeSamples]
    private let rounds: [VotingRound]

    /// With a brick to spare on every side: neighbours of corners need no check.
    private let bricks: SIMD3<Int32>
    private var brickStarts: [Int32]
    private var indices: [Int32] = []

    /// The offset of a cell's corner from its beginning.
    @inline(__always)
    static func corner(_ number: Int) -> Place {
        Place(Int32(number & 1), Int32(number >> 1 & 1), Int32(number >> 2 & 1))
    }

    /// Cells of `spacing` that cover a box, whose outermost corners lie outside it.
    init(covering box: (lower: SIMD3<Float>, upper: SIMD3<Float>), spacing: Float, multiple: Int32) {
        self.spacing = spacing
        rounds = Self.votingRounds(spacing: spacing)
        layers = [LatticeSamples](repeating: LatticeSamples(), count: rounds.count + 1)
        let cells = ((box.upper - box.lower) / spacing).rounded(.up)
        func fitted(_ count: Float) -> Int32 {
            let whole = max(1, Int32(count) + 2)
            return (whole + multiple - 1) / multiple * multiple
        }
        let fitted = SIMD3(fitted(cells.x), fitted(cells.y), fitted(cells.z))
        // One more corner than cells; a brick begins for it.
        bricks = (fitted &+ 8) / 8 &+ 2
        cellCounts = fitted
        let spare = (SIMD3<Float>(fitted) * spacing - (box.upper - box.lower)) / 2
        origin = box.lower - spare
        brickStarts = [Int32](repeating: -1, count: Int(bricks.x) * Int(bricks.y) * Int(bricks.z))
    }

    /// How many cells there are along each axis.
    let cellCounts: Place

    var count: Int { places.count }

    func position(_ place: Place) -> SIMD3<Float> { origin + spacing * SIMD3<Float>(place) }

    /// Whether a corner lies on the outside of the lattice, where nothing is inside.
    func isOutermost(_ place: Place) -> Bool {
        any(place .<= Place(repeating: 0)) || any(place .>= cellCounts)
    }

    func holds(_ place: Place) -> Bool { all(place .>= Place(repeating: 0)) && all(place .<= cellCounts) }

    @inline(__always)
    private func slot(_ place: Place) -> (brick: Int, offset: Int) {
        let (x, y, z) = (Int(place.x >> 3) + 1, Int(place.y >> 3) + 1, Int(place.z >> 3) + 1)
        let brick = (z * Int(bricks.y) + y) * Int(bricks.x) + x
        return (brick, Int(place.z & 7) << 6 | Int(place.y & 7) << 3 | Int(place.x & 7))
    }

    /// The index of a corner's sample, or -1.
    @inline(__always)
    func index(_ place: Place) -> Int32 {
        let (brick, offset) = slot(place)
        let start = brickStarts[brick]
        return start < 0 ? -1 : indices[Int(start) + offset]
    }

    /// Asks for a corner's sample, which is there once ``sample(from:)`` was called.
    mutating func request(_ place: Place) {
        let (brick, offset) = slot(place)
        if brickStarts[brick] < 0 {
            brickStarts[brick] = Int32(indices.count)
            indices.append(contentsOf: repeatElement(-1, count: 512))
        }
        let slot = Int(brickStarts[brick]) + offset
        guard indices[slot] < 0 else { return }
        indices[slot] = Int32(places.count)
        places.append(place)
    }

    /// Evaluates the field at the corners asked for since the last time, and evens out what it says.
    ///
    /// Where neighbours speak for each other, the field is asked at every second corner only, as the black ones of a
    /// chessboard; what it would say at the others their neighbours know.
    mutating func sample(from field: some ClosestPointField) {
        let first = layers[0].count
        guard first < places.count else { return }
        ask(field, from: first)
        if !rounds.isEmpty { layers[0].trust(trust(from: first, in: layers[0]), from: first) }
        for (number, round) in rounds.enumerated() {
            layers[number + 1].append(evenedOut(from: first, layers[number], by: round))
        }
        let made = layers[rounds.count].planes
        for index in first..<made.count {
            let plane = made[index]
            var distance = Self.bounded(plane.w, said: said(at: index))
            // NaN counts as outside. A corner exactly on the surface would give vertices that coincide.
            let least = 1e-6 * spacing
            if !(distance < -least) { distance = max(least, distance) }
            if !distance.isFinite || isOutermost(places[index]) {
                distance = max(spacing, distance.isFinite ? distance : 0)
            }
            distances.append(distance)
            directions.append(plane.direction)
        }
    }

    /// What the field says at a corner, or where it was not asked the mean of what it says beside it; NaN for nothing.
    private func said(at index: Int) -> Float {
        let own = layers[0].planes[index].w
        guard !own.isFinite else { return own }
        var (sum, count) = (Float(0), Float(0))
        for number in 0..<6 {
            var next = places[index]
            next[number / 2] &+= number & 1 == 0 ? -1 : 1
            let other = Int(self.index(next))
            guard other >= 0, other < layers[0].count, layers[0].planes[other].w.isFinite else { continue }
            sum += layers[0].planes[other].w
            count += 1
        }
        return count > 0 ? sum / count : .nan
    }

    private mutating func ask(_ field: some ClosestPointField, from first: Int) {
        let asked = (first..<places.count).filter { rounds.isEmpty || places[$0].wrappedSum() & 1 == 0 }
        let samples = field.samples(at: asked.map { position(places[$0]) })
        var planes = [SIMD4<Float>](repeating: LatticeSamples.unknown, count: places.count - first)
        for (place, index) in asked.enumerated() {
            planes[index - first] = SIMD4(samples.directions[place], samples.distances[place])
        }
        layers[0].append(planes)
    }

    /// Makes a corner an inside one.
    mutating func fill(_ index: Int, distance: Float, direction: SIMD3<Float>) {
        (distances[index], directions[index]) = (distance, direction)
    }

    /// The samples at the eight corners of a cell; nil where one is missing.
    @inline(__always)
    func corners(of cell: Place) -> SIMD8<Int32>? {
        var found = SIMD8<Int32>(repeating: 0)
        for corner in 0..<8 {
            let index = index(cell &+ Self.corner(corner))
            guard index >= 0 else { return nil }
            found[corner] = index
        }
        return found
    }
}

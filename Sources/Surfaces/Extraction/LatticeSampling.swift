// Which corners a surface needs: those near it, found from coarse to fine, and all that closing it takes.

extension SparseLattice {
    /// How many times as wide as a cell the cells are that the search ends with.
    private static let finestCull: Int32 = 2
    /// The half diagonal of a cube over its width.
    private static let halfDiagonal: Float = 0.8661

    /// Samples the corners of every cell that the surface goes through.
    ///
    /// Cells of 2ᵏ widths are kept where the distance at their middle is less than their half diagonal and something for
    /// what the field gets wrong, and are cut into eight. What the culling missed is made up for: where the surface
    /// leaves the cells that were sampled, its next ones are, until it leaves them nowhere.
    mutating func sampleSurface(of field: some ClosestPointField, coarsest: Int32) {
        var width = coarsest
        var cells: [Place] = []
        for z in stride(from: 0, to: cellCounts.z, by: Int(width)) {
            for y in stride(from: 0, to: cellCounts.y, by: Int(width)) {
                for x in stride(from: 0, to: cellCounts.x, by: Int(width)) { cells.append(Place(x, y, z)) }
            }
        }
        while true {
            let half = Float(width) * spacing / 2
            let middles = cells.map { position($0) + half }
            let distances = field.samples(at: middles).distances
            // Far from the surface the field is less exact.
            let reach = 2 * half * Self.halfDiagonal * (width == Self.finestCull ? 1 : 1.2)
            cells = zip(cells, distances).filter { abs($0.1) <= reach }.map(\.0)
            guard width > Self.finestCull else { break }
            width /= 2
            cells = cells.flatMap { cell -> [Place] in
                (0..<8).map { corner -> Place in cell &+ Self.corner(corner) &* width }
            }
        }
        for cell in cells {
            for z in 0...width { for y in 0...width { for x in 0...width { request(cell &+ Place(x, y, z)) } } }
        }
        sample(from: field)
        close(from: field)
        if fillPinholes() { close(from: field) }
    }

    /// Samples the cells around every edge between an inside and an outside corner.
    private mutating func close(from field: some ClosestPointField) {
        var first = 0
        while first < count {
            let known = count
            for index in first..<known {
                let place = places[index]
                let isInside = distances[index] < 0
                for axis in 0..<3 {
                    // An edge between two new corners is met at its beginning.
                    for step in [Int32(-1), 1] where step > 0 || first > 0 {
                        var neighbour = place
                        neighbour[axis] &+= step
                        let other = Int(self.index(neighbour))
                        guard other >= 0, other < known, isInside != (distances[other] < 0) else { continue }
                        requestCells(around: step > 0 ? place : neighbour, axis: axis)
                    }
                }
            }
            first = known
            sample(from: field)
        }
    }

    /// Asks for the corners of the four cells around the edge that begins at a corner.
    private mutating func requestCells(around place: Place, axis: Int) {
        let (b, c) = ((axis + 1) % 3, (axis + 2) % 3)
        for along in Int32(0)...1 {
            for q in Int32(-1)...1 {
                for p in Int32(-1)...1 {
                    var corner = place
                    corner[axis] &+= along
                    corner[b] &+= p
                    corner[c] &+= q
                    request(corner)
                }
            }
        }
    }
}

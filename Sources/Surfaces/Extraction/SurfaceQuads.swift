// The quads between the vertices of neighbouring cells, as triangles.

extension SurfacePatches {
    /// The mesh of all edges between inside and outside.
    func mesh(_ lattice: SparseLattice) -> Mesh {
        var weaver = Weaver(self, lattice)
        for (index, place) in lattice.places.enumerated() {
            for axis in 0..<3 { weaver.add(edgeFrom: index, place, axis: axis) }
        }
        return Mesh(
            positions: weaver.positions, normals: weaver.normals,
            colours: weaver.colours.map { colour in
                let scaled = (colour.clamped(lowerBound: .zero, upperBound: .one) * 255)
                    .rounded(.toNearestOrAwayFromZero)
                return SIMD3<UInt8>(UInt8(scaled.x), UInt8(scaled.y), UInt8(scaled.z))
            },
            triangles: weaver.triangles)
    }
}

/// Joins vertices around edges.
private struct Weaver {
    private let patches: SurfacePatches
    private let lattice: SparseLattice
    private(set) var positions: [SIMD3<Float>]
    private(set) var normals: [SIMD3<Float>]
    private(set) var colours: [SIMD3<Float>]
    private(set) var triangles: [SIMD3<UInt32>] = []
    /// The vertices on faces where two cells' patches meet twice, by the face and the corner that a segment cuts off.
    private var faceVertices: [FaceSegment: UInt32] = [:]

    private struct FaceSegment: Hashable {
        let place: SparseLattice.Place
        let axis: Int
        let corner: Int
    }

    init(_ patches: SurfacePatches, _ lattice: SparseLattice) {
        (self.patches, self.lattice) = (patches, lattice)
        (positions, normals, colours) = (patches.positions, patches.normals, patches.colours)
        triangles.reserveCapacity(2 * positions.count + 64)
    }

    /// Adds the polygon around the edge from a corner along an axis, where the surface crosses it.
    mutating func add(edgeFrom index: Int, _ place: SparseLattice.Place, axis: Int) {
        var end = place
        end[axis] &+= 1
        guard lattice.holds(end) else { return }
        let other = lattice.index(end)
        guard other >= 0 else { return }
        let beginsInside = lattice.distances[index] < 0
        guard beginsInside != (lattice.distances[Int(other)] < 0) else { return }
        let (b, c) = ((axis + 1) % 3, (axis + 2) % 3)
        // Counter-clockwise as seen from the edge's end.
        let steps: [(p: Int, q: Int)] = [(0, 0), (1, 0), (1, 1), (0, 1)]
        var polygon: [UInt32] = []
        polygon.reserveCapacity(8)
        var cells: [Int] = []
        cells.reserveCapacity(4)
        for (p, q) in steps {
            var cell = place
            cell[b] &-= Int32(p)
            cell[c] &-= Int32(q)
            let sample = lattice.index(cell)
            guard sample >= 0, patches.cellOfSample[Int(sample)] >= 0 else {
                preconditionFailure("the cells around every crossed edge are sampled")
            }
            cells.append(Int(patches.cellOfSample[Int(sample)]))
        }
        for (turn, (p, q)) in steps.enumerated() {
            let cell = cells[turn]
            let patch = CellPatches.all[Int(patches.patterns[cell])].patchOfEdge[4 * axis + p + 2 * q]
            polygon.append(UInt32(patches.starts[cell] + Int32(patch)))
            // The face to the next cell: square to b after the first and third cell, to c after the others.
            let next = cells[(turn + 1) % 4]
            let across = turn % 2 == 0 ? b : c
            // As seen from the cell, at its beginning where the next one lies before it.
            let side = (turn == 0 || turn == 1) ? 0 : 1
            let mine = UInt8(1) << UInt8(2 * across + side)
            let theirs = UInt8(1) << UInt8(2 * across + 1 - side)
            if CellPatches.all[Int(patches.patterns[cell])].doubledFaces & mine != 0,
                CellPatches.all[Int(patches.patterns[next])].doubledFaces & theirs != 0
            {
                polygon.append(faceVertex(of: cell, face: 2 * across + side, edge: 4 * axis + p + 2 * q))
            }
        }
        if !beginsInside { polygon.reverse() }
        if polygon.count == 4 { addQuad(polygon) } else { addFan(polygon) }
    }

    /// The shorter way to cut a quad is often the wrong one at sharp edges: the better one has triangles that face as
    /// the field says at their corners.
    private mutating func addQuad(_ q: [UInt32]) {
        let first = agreement(q[0], q[1], q[2]) + agreement(q[0], q[2], q[3])
        let second = agreement(q[0], q[1], q[3]) + agreement(q[1], q[2], q[3])
        if first >= second {
            triangles.append(SIMD3(q[0], q[1], q[2]))
            triangles.append(SIMD3(q[0], q[2], q[3]))
        } else {
            triangles.append(SIMD3(q[0], q[1], q[3]))
            triangles.append(SIMD3(q[1], q[2], q[3]))
        }
    }

    private func agreement(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> Float {
        let (p, q, r) = (positions[Int(a)], positions[Int(b)], positions[Int(c)])
        let normal = unit(cross(q - p, r - p), or: .zero)
        return dot(normal, normals[Int(a)] + normals[Int(b)] + normals[Int(c)])
    }

    /// A polygon of more than four vertices is cut from its middle, so that no edge can be another's.
    private mutating func addFan(_ polygon: [UInt32]) {
        let middle = addMean(of: polygon)
        for index in polygon.indices {
            triangles.append(SIMD3(polygon[index], polygon[(index + 1) % polygon.count], middle))
        }
    }

    private mutating func addMean(of vertices: [UInt32]) -> UInt32 {
        func mean(_ values: [SIMD3<Float>]) -> SIMD3<Float> {
            vertices.reduce(.zero) { $0 + values[Int($1)] } / Float(vertices.count)
        }
        let (position, normal, colour) = (mean(positions), unit(mean(normals), or: [0, 0, 1]), mean(colours))
        positions.append(position)
        normals.append(normal)
        colours.append(colour)
        return UInt32(positions.count - 1)
    }

    /// The vertex in the middle of the segment that leaves an edge on a face with two of them.
    private mutating func faceVertex(of cell: Int, face: Int, edge: Int) -> UInt32 {
        let (corners, edges) = CellPatches.ring(of: face)
        let pattern = Int(patches.patterns[cell])
        // The edge's outside corner is the one that the segment cuts off.
        let turn = corners.indices.first { turn in
            pattern >> corners[turn] & 1 == 0 && (edges[turn] == edge || edges[(turn + 3) % 4] == edge)
        }
        guard let turn else { preconditionFailure("an edge of a face with two segments") }
        let corner = corners[turn]
        let place = patches.cells[cell] &+ SparseLattice.corner(corner)
        // The face between two cells is known by its lowest corner.
        var lowest = patches.cells[cell]
        lowest[face / 2] &+= Int32(face & 1)
        let offset = place &- lowest
        let key = FaceSegment(
            place: lowest, axis: face / 2, corner: Int(offset.x) | Int(offset.y) << 1 | Int(offset.z) << 2)
        if let known = faceVertices[key] { return known }
        let crossings = [edges[turn], edges[(turn + 3) % 4]].map { crossing(of: $0, in: cell) }
        let patch = CellPatches.all[pattern].patchOfEdge[edge]
        let nearby = Int(patches.starts[cell] + Int32(patch))
        positions.append((crossings[0] + crossings[1]) / 2)
        normals.append(normals[nearby])
        colours.append(colours[nearby])
        let vertex = UInt32(positions.count - 1)
        faceVertices[key] = vertex
        return vertex
    }

    private func crossing(of edge: Int, in cell: Int) -> SIMD3<Float> {
        let (first, last) = CellPatches.edgeCorners[edge]
        let start = patches.cells[cell] &+ SparseLattice.corner(first)
        let end = patches.cells[cell] &+ SparseLattice.corner(last)
        let (from, to) = (
            lattice.distances[Int(lattice.index(start))], lattice.distances[Int(lattice.index(end))]
        )
        return lattice.position(start) + from / (from - to) * (lattice.position(end) - lattice.position(start))
    }
}

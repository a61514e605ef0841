// How the surface goes through a cell, by the signs at its corners.

/// The pieces of surface in a cell of one of the 256 patterns of inside and outside.
///
/// Corner i of a cell lies at (i & 1, i >> 1 & 1, i >> 2 & 1). An edge along axis a that begins at the offsets (p, q)
/// on the axes b = a + 1 and c = a + 2 (modulo 3) has the number 4a + p + 2q, a face square to a at offset s the number
/// 2a + s.
///
/// On a face the surface runs between edges whose ends differ in sign. Where all four edges do, the inside corners are
/// joined and each outside corner is cut off by a segment of its own: the choice depends on the face alone, so that the
/// two cells of a face agree, and thin parts hold together. The segments of a cell close to loops; each is a patch,
/// which gets one vertex (dual marching cubes: Nielson 2004).
struct CellPatches: Sendable {
    /// Which patch each edge belongs to; -1 for an edge that the surface does not cross.
    let patchOfEdge: [Int8]
    /// How many patches there are.
    let count: Int
    /// The faces, as bits, on which the two segments belong to one patch. Where both cells of a face have it so, their
    /// vertices would be joined by two edges at once.
    let doubledFaces: UInt8

    /// The patterns: bit i says that corner i is inside.
    static let all: [CellPatches] = (0..<256).map(CellPatches.init)

    /// The corners of an edge: where it begins and where it ends.
    static let edgeCorners: [(Int, Int)] = (0..<12).map { edge in
        let (a, p, q) = (edge / 4, edge & 1, edge >> 1 & 1)
        let first = p << ((a + 1) % 3) | q << ((a + 2) % 3)
        return (first, first | 1 << a)
    }

    /// The four corners around a face, and the edges between each and the next.
    static func ring(of face: Int) -> (corners: [Int], edges: [Int]) {
        let (a, s) = (face / 2, face & 1)
        let (b, c) = ((a + 1) % 3, (a + 2) % 3)
        let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map { s << a | $0.0 << b | $0.1 << c }
        let edges = (0..<4).map { index in
            let pair = [corners[index], corners[(index + 1) % 4]]
            return edgeCorners.firstIndex { pair.contains($0.0) && pair.contains($0.1) } ?? 0
        }
        return (corners, edges)
    }

    private init(_ pattern: Int) {
        func isInside(_ corner: Int) -> Bool { pattern >> corner & 1 == 1 }
        // The edges that a segment joins to each edge: one on each of its two faces.
        var joined = [[Int]](repeating: [], count: 12)
        var doubled: [(face: Int, edges: [Int])] = []
        for face in 0..<6 {
            let (corners, edges) = Self.ring(of: face)
            let crossed = edges.indices.filter { isInside(corners[$0]) != isInside(corners[($0 + 1) % 4]) }
            var segments: [(Int, Int)] = []
            if crossed.count == 2 {
                segments = [(edges[crossed[0]], edges[crossed[1]])]
            } else if crossed.count == 4 {
                segments = (0..<4).filter { !isInside(corners[$0]) }.map { (edges[($0 + 3) % 4], edges[$0]) }
                doubled.append((face, segments.map(\.0)))
            }
            for (first, second) in segments {
                joined[first].append(second)
                joined[second].append(first)
            }
        }
        var patches = [Int8](repeating: -1, count: 12)
        var count = 0
        for start in 0..<12 where !joined[start].isEmpty && patches[start] < 0 {
            var waiting = [start]
            while let edge = waiting.popLast() {
                guard patches[edge] < 0 else { continue }
                patches[edge] = Int8(count)
                waiting += joined[edge]
            }
            count += 1
        }
        patchOfEdge = patches
        self.count = count
        doubledFaces = doubled.reduce(0) { mask, item in
            patches[item.edges[0]] == patches[item.edges[1]] ? mask | 1 << UInt8(item.face) : mask
        }
    }
}

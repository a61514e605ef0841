// Whether a mesh is what a slicer takes, and how large it is.

/// What holds of a mesh.
public struct MeshCheck: Sendable, Equatable, Codable {
    /// The number of triangles.
    public let triangles: Int
    /// The number of vertices that triangles use.
    public let vertices: Int
    /// Whether every edge belongs to exactly two triangles.
    public let isWatertight: Bool
    /// Whether the two triangles of every edge run along it in opposite directions.
    public let isWindingConsistent: Bool
    /// The number of pieces that share no edge with each other.
    public let components: Int
    /// The volume inside, in cubic units; nil for a mesh that is open or turned both ways.
    public let volume: Double?
    /// The surface's area, in square units.
    public let area: Double

    enum CodingKeys: String, CodingKey {
        case triangles, vertices, components, volume, area
        case isWatertight = "watertight"
        case isWindingConsistent = "winding_consistent"
    }

    /// Checks the meshes of a scene together; each is closed by itself or not.
    public init(_ scene: MeshScene) {
        let checks = scene.objects.map { MeshCheck($0.mesh) }
        triangles = checks.reduce(0) { $0 + $1.triangles }
        vertices = checks.reduce(0) { $0 + $1.vertices }
        components = checks.reduce(0) { $0 + $1.components }
        isWatertight = !checks.isEmpty && checks.allSatisfy(\.isWatertight)
        isWindingConsistent = checks.allSatisfy(\.isWindingConsistent)
        area = checks.reduce(0) { $0 + $1.area }
        let volumes = checks.compactMap(\.volume)
        volume = volumes.count == checks.count && !checks.isEmpty ? volumes.reduce(0, +) : nil
    }

    /// Checks a mesh; vertices at the same place count as one.
    public init(_ mesh: Mesh) {
        let (welded, used) = mesh.weldedTriangles()
        triangles = welded.count
        vertices = used
        let edges = EdgeTable(welded)
        (isWatertight, isWindingConsistent) = (edges.isClosed && !welded.isEmpty, edges.isOriented)
        components = mesh.components(of: welded).count
        var (volume, area) = (0.0, 0.0)
        // From a corner of the mesh: far from the origin the parts of a sum would cancel.
        let origin = mesh.positions.first.map(SIMD3<Double>.init) ?? .zero
        for triangle in mesh.triangles {
            let a = SIMD3<Double>(mesh.positions[Int(triangle.x)]) - origin
            let b = SIMD3<Double>(mesh.positions[Int(triangle.y)]) - origin
            let c = SIMD3<Double>(mesh.positions[Int(triangle.z)]) - origin
            let normal = cross(b - a, c - a)
            area += (normal * normal).sum().squareRoot() / 2
            volume += (a * cross(b, c)).sum() / 6
        }
        self.area = area
        self.volume = isWatertight && isWindingConsistent ? volume : nil
    }
}

/// The edges of triangles, sorted.
struct EdgeTable {
    /// Whether every edge belongs to exactly two triangles, and whether those run along it in opposite directions.
    let isClosed: Bool
    let isOriented: Bool
    /// The triangles at edges that do not belong to exactly two that run in opposite directions.
    let faulty: [Int]

    init(_ triangles: [SIMD3<UInt32>]) {
        var edges: [(key: UInt64, forward: Bool, triangle: Int32)] = []
        edges.reserveCapacity(3 * triangles.count)
        for (index, triangle) in triangles.enumerated() {
            for corner in 0..<3 {
                let (a, b) = (triangle[corner], triangle[(corner + 1) % 3])
                edges.append((UInt64(min(a, b)) << 32 | UInt64(max(a, b)), a < b, Int32(index)))
            }
        }
        edges.sort { $0.key < $1.key }
        var (closed, oriented, faulty) = (true, true, [Int]())
        var start = 0
        while start < edges.count {
            var end = start + 1
            while end < edges.count, edges[end].key == edges[start].key { end += 1 }
            let forward = edges[start..<end].count { $0.forward }
            let isClosed = end - start == 2
            let isOriented = 2 * forward == end - start
            let isCollapsed = edges[start].key >> 32 == edges[start].key & 0xFFFF_FFFF
            if !isClosed || isCollapsed { closed = false }
            if end - start == 2, !isOriented { oriented = false }
            if end - start > 2, !isOriented { oriented = false }
            if !isClosed || !isOriented || isCollapsed { faulty += edges[start..<end].map { Int($0.triangle) } }
            start = end
        }
        (isClosed, isOriented, self.faulty) = (closed, oriented, faulty)
    }
}

extension Mesh {
    /// The triangles with one index for all vertices at a place, and how many places triangles use.
    func weldedTriangles() -> (triangles: [SIMD3<UInt32>], places: Int) {
        var order = Array(0..<UInt32(positions.count))
        func key(_ index: UInt32) -> (Float, Float, Float) {
            let p = positions[Int(index)]
            return (p.x, p.y, p.z)
        }
        order.sort { key($0) < key($1) }
        var place = [UInt32](repeating: 0, count: positions.count)
        for (rank, index) in order.enumerated() {
            let before = rank > 0 ? order[rank - 1] : index
            place[Int(index)] = rank > 0 && positions[Int(before)] == positions[Int(index)] ? place[Int(before)] : index
        }
        let welded = triangles.map { SIMD3(place[Int($0.x)], place[Int($0.y)], place[Int($0.z)]) }
        var isUsed = [Bool](repeating: false, count: positions.count)
        for triangle in welded { for corner in 0..<3 { isUsed[Int(triangle[corner])] = true } }
        return (welded, isUsed.count { $0 })
    }

    /// The triangles' indices by connected piece; pieces that share a vertex are one.
    func components(of triangles: [SIMD3<UInt32>]) -> [[Int]] {
        var parent = Array(0..<UInt32(positions.count))
        func root(_ vertex: UInt32) -> UInt32 {
            var vertex = vertex
            while parent[Int(vertex)] != vertex {
                parent[Int(vertex)] = parent[Int(parent[Int(vertex)])]
                vertex = parent[Int(vertex)]
            }
            return vertex
        }
        for triangle in triangles {
            let first = root(triangle.x)
            for other in [root(triangle.y), root(triangle.z)] where other != first { parent[Int(other)] = first }
        }
        var number: [UInt32: Int] = [:]
        var pieces: [[Int]] = []
        for (index, triangle) in triangles.enumerated() {
            let root = root(triangle.x)
            if let known = number[root] {
                pieces[known].append(index)
            } else {
                number[root] = pieces.count
                pieces.append([index])
            }
        }
        return pieces
    }
}

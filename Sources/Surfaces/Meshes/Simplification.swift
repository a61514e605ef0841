// Fewer triangles, by meshoptimizer.

import CMeshOptimizer

extension Mesh {
    /// How often what thinning pinches is taken back, before a step is given up.
    private static let mostRounds = 6
    /// What is left of a mesh at least after a step: few places are pinched then, and the next step thins them, too.
    private static let step = 0.6
    /// How far the surface may move in a step, in parts of the mesh's size: a little, and where that is too little for
    /// few triangles, more.
    private static let errors: [Float] = [0.004, 0.015, 0.05]

    /// The mesh with at most `count` triangles, for a closed mesh a closed one; as few as can be where that is more.
    ///
    /// Vertices where colours meet are kept on the line where they do: they are split by colour, and meshoptimizer moves
    /// the halves together. Its collapses may pinch a mesh: then the triangles around the pinched places stay as they
    /// were, and the others are thinned again.
    public func simplified(to count: Int) -> Mesh {
        var mesh = self
        for (error, keepsColours) in [(0, true), (1, true), (1, false), (2, false)] {
            while mesh.triangles.count > count {
                let wanted = max(count, Int(Double(mesh.triangles.count) * Self.step))
                let split = keepsColours ? mesh.splitByColour() : mesh
                guard let thinned = split.closedAndThinned(to: wanted, error: Self.errors[error]),
                    // Steps that hardly help are not worth their time.
                    thinned.triangles.count <= max(count, mesh.triangles.count * 49 / 50)
                else { break }
                mesh = thinned
            }
        }
        return mesh
    }

    /// The mesh thinned, closed; nil where that does not come about.
    private func closedAndThinned(to count: Int, error: Float) -> Mesh? {
        var isKept = [Bool](repeating: false, count: triangles.count)
        for _ in 0..<Self.mostRounds {
            let kept = triangles.indices.filter { isKept[$0] }.map { triangles[$0] }
            let free = kept.isEmpty ? triangles : triangles.indices.filter { !isKept[$0] }.map { triangles[$0] }
            guard !free.isEmpty else { return nil }
            var mesh = self
            let share = max(count - kept.count, free.count / 2)
            mesh.triangles = kept + collapsed(free, to: share, error: error, locksBorder: !kept.isEmpty)
            // Split vertices are one again.
            mesh.triangles = mesh.weldedTriangles().triangles
            let edges = EdgeTable(mesh.triangles)
            if edges.isClosed, edges.isOriented { return mesh.keeping(mesh.triangles) }
            keep(around: edges.faulty.map { mesh.triangles[$0] }, in: &isKept)
        }
        return nil
    }

    /// Keeps the triangles of which a corner is one of theirs, or lies an edge away from one.
    private func keep(around faulty: [SIMD3<UInt32>], in isKept: inout [Bool]) {
        let welded = weldedTriangles().triangles
        var isNear = [Bool](repeating: false, count: positions.count)
        for triangle in faulty { for corner in 0..<3 { isNear[Int(triangle[corner])] = true } }
        for _ in 0..<2 {
            var reached: [SIMD3<UInt32>] = []
            for (index, triangle) in welded.enumerated()
            where isNear[Int(triangle.x)] || isNear[Int(triangle.y)] || isNear[Int(triangle.z)] {
                isKept[index] = true
                reached.append(triangle)
            }
            for triangle in reached { for corner in 0..<3 { isNear[Int(triangle[corner])] = true } }
        }
    }

    /// Triangles thinned by meshoptimizer.
    private func collapsed(
        _ triangles: [SIMD3<UInt32>], to count: Int, error: Float, locksBorder: Bool
    ) -> [SIMD3<UInt32>] {
        let indices = triangles.flatMap { [$0.x, $0.y, $0.z] }
        var result = [UInt32](repeating: 0, count: indices.count)
        let options = locksBorder ? UInt32(meshopt_SimplifyLockBorder) : 0
        let written = positions.withUnsafeBytes { raw in
            meshopt_simplify(
                &result, indices, indices.count, raw.bindMemory(to: Float.self).baseAddress, positions.count,
                MemoryLayout<SIMD3<Float>>.stride, 3 * count, error, options, nil)
        }
        return stride(from: 0, to: written, by: 3).map { SIMD3(result[$0], result[$0 + 1], result[$0 + 2]) }
    }

    /// The mesh with a vertex by itself for every group of colours that meet there.
    private func splitByColour() -> Mesh {
        guard let colours else { return self }
        let groups = ColourGroups(colours: colours, triangles: triangles)
        var result = self
        var places: [UInt64: UInt32] = [:]
        var owner = [Int32](repeating: -1, count: positions.count)
        for (index, triangle) in triangles.enumerated() {
            let group = groups.ofTriangle[index]
            for corner in 0..<3 {
                let vertex = Int(triangle[corner])
                if owner[vertex] < 0 { owner[vertex] = group }
                guard owner[vertex] != group else { continue }
                let key = UInt64(vertex) << 32 | UInt64(group)
                let place =
                    places[key]
                    ?? {
                        let place = UInt32(result.positions.count)
                        result.positions.append(positions[vertex])
                        result.colours?.append(colours[vertex])
                        if let normals { result.normals?.append(normals[vertex]) }
                        places[key] = place
                        return place
                    }()
                result.triangles[index][corner] = place
            }
        }
        return result
    }
}

/// Triangles by colour.
private struct ColourGroups {
    private(set) var ofTriangle: [Int32] = []

    /// Colours nearer than this, in bytes, are shades of one.
    private static let reach: Float = 70

    init(colours: [SIMD3<UInt8>], triangles: [SIMD3<UInt32>]) {
        var counts: [UInt32: Int] = [:]
        for colour in colours { counts[Self.key(colour), default: 0] += 1 }
        // The commonest colours are those of parts; what lies between two of them is where they meet.
        let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var centres: [SIMD3<Float>] = []
        for (key, _) in ordered where centres.count < 12 {
            let colour = SIMD3<Float>(Float(key >> 16), Float(key >> 8 & 255), Float(key & 255))
            if centres.allSatisfy({ Self.distance($0, colour) > Self.reach }) { centres.append(colour) }
        }
        for triangle in triangles {
            var sum = SIMD3<Float>.zero
            for corner in 0..<3 { sum += SIMD3<Float>(colours[Int(triangle[corner])]) }
            let mean = sum / 3
            var (nearest, least) = (Int32(0), Float.infinity)
            for (index, centre) in centres.enumerated() {
                let distance = Self.distance(centre, mean)
                if distance < least { (nearest, least) = (Int32(index), distance) }
            }
            ofTriangle.append(nearest)
        }
    }

    /// A colour in steps of eight.
    private static func key(_ colour: SIMD3<UInt8>) -> UInt32 {
        let steps = SIMD3<UInt32>(truncatingIfNeeded: colour) & 0xF8 | 4
        return steps.x << 16 | steps.y << 8 | steps.z
    }

    private static func distance(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
        let difference = a - b
        return dot(difference, difference).squareRoot()
    }
}

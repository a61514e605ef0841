// Fewer triangles, by meshoptimizer.

import CMeshOptimizer

extension Mesh {
    /// The mesh with at most `count` triangles, for a closed mesh a closed one.
    ///
    /// Vertices where colours meet are kept on the line where they do: they are split by colour, and meshoptimizer moves
    /// the halves together. Its collapses may still pinch a mesh; what is no longer closed is taken back, a little more
    /// of the mesh each time, and at last all of it.
    public func simplified(to count: Int) -> Mesh {
        guard triangles.count > count else { return self }
        let split = splitByColour()
        var best = self
        // Whoever asks for few triangles rather has a few more than a mesh with holes.
        for share in [1.0, 0.97, 1.03, 0.9, 1.1, 1.25, 1.5, 2, 3, 5] {
            let wanted = Int(Double(count) * share)
            guard wanted < triangles.count else { break }
            guard let result = split.collapsed(to: wanted) else { continue }
            let edges = EdgeTable(result.triangles)
            guard edges.isClosed, edges.isOriented else { continue }
            best = result
            break
        }
        return best
    }

    /// The mesh by meshoptimizer, its split vertices joined again.
    private func collapsed(to count: Int) -> Mesh? {
        let indices = triangles.flatMap { [$0.x, $0.y, $0.z] }
        var result = [UInt32](repeating: 0, count: indices.count)
        let written = positions.withUnsafeBytes { raw in
            meshopt_simplify(
                &result, indices, indices.count, raw.bindMemory(to: Float.self).baseAddress, positions.count,
                MemoryLayout<SIMD3<Float>>.stride, 3 * count, .greatestFiniteMagnitude, 0, nil)
        }
        guard written > 0 else { return nil }
        let kept = stride(from: 0, to: written, by: 3).map { SIMD3(result[$0], result[$0 + 1], result[$0 + 2]) }
        var mesh = self
        mesh.triangles = kept
        mesh.triangles = mesh.weldedTriangles().triangles
        return mesh.keeping(mesh.triangles)
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

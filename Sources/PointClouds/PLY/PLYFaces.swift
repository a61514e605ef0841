// The faces of a PLY file: lists of vertices.

/// The triangles of an element of faces; a face of more corners is a fan of them.
struct PLYFaces {
    private var triangles: [SIMD3<UInt32>] = []

    /// Which of an element's properties lists the corners of faces; nil for an element that has none.
    static func list(of element: PLYHeader.Element) -> Int? {
        guard element.name == "face" else { return nil }
        return element.properties.firstIndex {
            $0.listCount != nil && ["vertex_indices", "vertex_index"].contains($0.name)
        }
    }

    /// Reads an element's rows; nil, and nothing read, for one without faces.
    init?(
        _ element: PLYHeader.Element, _ encoding: PLYHeader.Encoding, _ reader: CloudByteReader
    ) throws(CloudFileError) {
        guard let list = Self.list(of: element) else { return nil }
        var rows = PLYRowReader(element, encoding, list: list)
        for index in 0..<element.count {
            try rows.readRow(index, reader)
            let corners = rows.kept
            guard corners.allSatisfy({ $0 >= 0 && $0 < Double(UInt32.max) && $0 == $0.rounded() }) else {
                throw reader.error(expected: "indices of vertices in face \(index)", got: "other numbers")
            }
            guard corners.count >= 3 else { continue }
            for corner in 2..<corners.count {
                triangles.append(SIMD3(UInt32(corners[0]), UInt32(corners[corner - 1]), UInt32(corners[corner])))
            }
        }
    }

    /// The surface of these corners.
    func surface(
        _ corners: [TriangleSurface.Corner], _ objects: [UInt8], _ reader: CloudByteReader
    ) throws(CloudFileError) -> TriangleSurface {
        var surface = TriangleSurface()
        for triangle in triangles {
            guard triangle.max() < corners.count else {
                throw reader.error(
                    expected: "faces of the \(corners.count) vertices", got: "one of vertex \(triangle.max())")
            }
            surface.append(
                corners[Int(triangle.x)], corners[Int(triangle.y)], corners[Int(triangle.z)],
                object: objects[Int(triangle.x)])
        }
        return surface
    }
}

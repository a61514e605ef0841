// PLY as MeshLab, CloudCompare, Blender and Open3D show it in colour without asking.

public import AtomicFiles

extension PointCloud {
    /// The header of the files written: vertices only.
    ///
    /// Colours are `uchar` because MeshLab and CloudCompare show no others; there is no empty face element and no
    /// comment, on which some loaders stumble.
    func plyHeader(encoding: String = "binary_little_endian") -> String {
        """
        ply
        format \(encoding) 1.0
        element vertex \(count)
        property float x
        property float y
        property float z
        property float nx
        property float ny
        property float nz
        property uchar red
        property uchar green
        property uchar blue
        property uchar object
        end_header

        """
    }

    /// Bytes of one vertex: six floats, three colours, the object.
    static let plyVertexBytes = 28

    /// Writes the cloud to `path`, whole or not at all.
    ///
    /// Unknown normals are written as zeros and unknown colours as a light grey, so that the layout is always the same.
    ///
    /// - Throws: `FileWriteError` with the path and what the system said.
    public func writePLY(to path: String) throws(FileWriteError) {
        var file = try AtomicFile(path: path)
        try file.write(Array(plyHeader().utf8))
        let rowsAtOnce = 16_384
        for start in stride(from: 0, to: count, by: rowsAtOnce) {
            try file.write(plyRows(start..<min(count, start + rowsAtOnce)))
        }
        try file.commit()
    }

    /// The whole file in memory: header and vertices.
    public func plyBytes() -> [UInt8] {
        Array(plyHeader().utf8) + plyRows(0..<count)
    }

    private func plyRows(_ range: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count * Self.plyVertexBytes) { buffer, filled in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var offset = 0
            for i in range {
                let position = positions[i]
                let normal = normals?[i] ?? .zero
                for value in [position.x, position.y, position.z, normal.x, normal.y, normal.z] {
                    raw.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: offset, as: UInt32.self)
                    offset += 4
                }
                let colour = writtenColour(i)
                for value in [colour.x, colour.y, colour.z, objects[i]] {
                    raw.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
                    offset += 1
                }
            }
            filled = offset
        }
    }
}

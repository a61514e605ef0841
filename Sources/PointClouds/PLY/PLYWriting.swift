// PLY as MeshLab, CloudCompare, Blender and Open3D show it in colour without asking.

public import AtomicFiles
public import SystemPackage

extension PointCloud {
    /// The header of the files written: vertices only.
    ///
    /// Colours are `uchar` because MeshLab and CloudCompare show no others; there is no empty face element and no
    /// comment, on which some loaders stumble.
    func plyHeader(encoding: String = "binary_little_endian") -> String {
        Self.plyHeader(count: count, encoding: encoding, place: isWrittenInDouble ? "double" : "float")
    }

    /// The header of a file of so many points, or of a mesh's vertices and its triangular faces.
    static func plyHeader(
        count: Int, encoding: String = "binary_little_endian", place: String = "float", faces: Int? = nil
    ) -> String {
        let faceElement = faces.map { "element face \($0)\nproperty list uchar int vertex_indices\n" } ?? ""
        return """
            ply
            format \(encoding) 1.0
            element vertex \(count)
            property \(place) x
            property \(place) y
            property \(place) z
            property float nx
            property float ny
            property float nz
            property uchar red
            property uchar green
            property uchar blue
            property uchar object
            \(faceElement)end_header

            """
    }

    /// Whether single precision would lose what the origin keeps.
    var isWrittenInDouble: Bool {
        origin != .zero
            && positions.indices.contains { SIMD3<Double>(SIMD3<Float>(place($0))) != place($0) }
    }

    /// Writes the cloud to `path`, whole or not at all.
    ///
    /// Unknown normals are written as zeros and unknown colours as a light grey, so that the layout is always the same.
    /// Places far from zero (see ``PointCloud/origin``) are written as doubles where floats would lose something.
    ///
    /// - Throws: `FileWriteError` with the path and what the system said.
    public func writePLY(to path: FilePath) throws(FileWriteError) {
        try write(to: path, format: .ply)
    }

    /// Gives the header, then vertices, some thousand at a time.
    func encodePLY<Failure: Error>(into take: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        try take(Array(plyHeader().utf8))
        let inDouble = isWrittenInDouble
        let rowsAtOnce = 16_384
        for start in stride(from: 0, to: count, by: rowsAtOnce) {
            try take(plyRows(start..<min(count, start + rowsAtOnce), inDouble: inDouble))
        }
    }

    /// Rows of a place, six floats or three doubles and three floats, of three bytes of colour and of the object.
    func plyRows(_ range: Range<Int>, inDouble: Bool) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count * (inDouble ? 40 : 28)) { buffer, filled in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var offset = 0
            for i in range {
                let place = place(i)
                let normal = normals?[i] ?? .zero
                if inDouble {
                    for value in [place.x, place.y, place.z] {
                        raw.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: offset, as: UInt64.self)
                        offset += 8
                    }
                } else {
                    for value in [Float(place.x), Float(place.y), Float(place.z)] {
                        raw.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: offset, as: UInt32.self)
                        offset += 4
                    }
                }
                for value in [normal.x, normal.y, normal.z] {
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

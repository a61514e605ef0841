// STL, binary and as text: triangles alone.

/// Whether a file is a binary STL: nothing in it says so but that its length is the one of its number of triangles.
func isBinarySTL(_ reader: CloudByteReader) -> Bool {
    let head = reader.ahead(84)
    guard head.count == 84 else { return false }
    return reader.remaining == 84 + 50 * littleCount(head)
}

private func littleCount(_ head: [UInt8]) -> Int { head[80..<84].reversed().reduce(0) { $0 << 8 | Int($1) } }

/// Reads the triangles of a file; the normals in it are those of the triangles, and are not needed.
func readSTL(_ reader: CloudByteReader) throws(CloudFileError) -> TriangleSurface {
    if isBinarySTL(reader) { return try readBinary(reader) }
    let head = reader.ahead(84)
    guard head.starts(with: "solid".utf8) else {
        let count = head.count == 84 ? littleCount(head) : 0
        throw reader.error(
            expected: head.count == 84
                ? "\(84 + 50 * count) bytes for \(count) triangles" : "an STL file of 84 bytes or more",
            got: "\(reader.remaining)")
    }
    return try readText(reader)
}

private func readBinary(_ reader: CloudByteReader) throws(CloudFileError) -> TriangleSurface {
    var surface = TriangleSurface()
    let count = littleCount(reader.ahead(84))
    var row = [UInt8](repeating: 0, count: 50)
    guard reader.skip(84) else { throw reader.error(expected: "\(count) triangles", got: "none") }
    for index in 0..<count {
        guard row.withUnsafeMutableBytes({ reader.fill($0) }) else {
            throw reader.error(expected: "\(count) triangles", got: "\(index)")
        }
        let corners = row.withUnsafeBytes { raw in
            (1...3).map { corner -> TriangleSurface.Corner in
                func value(_ axis: Int) -> Double {
                    PLYScalar.float.value(in: raw, at: 12 * corner + 4 * axis, bigEndian: false)
                }
                return .init(position: SIMD3(value(0), value(1), value(2)), colour: nil)
            }
        }
        surface.append(corners[0], corners[1], corners[2], object: 0)
    }
    return surface
}

/// `solid`, then for every triangle `facet normal x y z`, `outer loop`, three `vertex x y z`, `endloop` and `endfacet`.
/// Every solid is an object.
private func readText(_ reader: CloudByteReader) throws(CloudFileError) -> TriangleSurface {
    var surface = TriangleSurface()
    var corners: [TriangleSurface.Corner] = []
    var (solids, numbers): (Int, [Double]) = (0, [])
    var line: [UInt8] = []
    var fields = TextFields()
    while try reader.textLine(into: &line) {
        fields.read(line)
        guard fields.count > 0 else { continue }
        switch fields.word(0).lowercased() {
        case "solid": solids += 1
        case "facet", "outer": corners.removeAll(keepingCapacity: true)
        case "vertex":
            numbers = (1..<max(1, fields.count)).compactMap { fields.number($0) }
            guard numbers.count == 3, fields.count == 4 else {
                throw reader.error(expected: "\"vertex x y z\" in line \(reader.line)", got: "something else")
            }
            corners.append(.init(position: SIMD3(numbers[0], numbers[1], numbers[2]), colour: nil))
        case "endloop":
            guard corners.count == 3 else {
                throw reader.error(expected: "three corners before line \(reader.line)", got: "\(corners.count)")
            }
            surface.append(corners[0], corners[1], corners[2], object: UInt8(clamping: solids - 1))
        case "endfacet", "endsolid": continue
        default:
            throw reader.error(expected: "a line of an STL file in line \(reader.line)", got: quoted(fields.word(0)))
        }
    }
    return surface
}

// Wavefront OBJ: vertices with colours, as points or as the corners of faces.

/// Reads the vertices of a file without faces, or points drawn from its faces.
///
/// `v x y z [w] [r g b]`, `vn` for every vertex, and "object_N" as this package writes them; materials are not read.
func readOBJ(
    _ reader: CloudByteReader, _ sampling: SurfaceSampling, _ findings: inout [CloudFinding]
) throws(CloudFileError) -> PointsOrSurface {
    var file = OBJFile()
    var line: [UInt8] = []
    var isFirst = true
    var fields = TextFields()
    while try reader.textLine(into: &line) {
        if isFirst, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        // A line that ends with a backslash goes on in the next one.
        var more: [UInt8] = []
        while line.last == UInt8(ascii: "\\"), line.count < 1 << 22, try reader.textLine(into: &more) {
            line[line.count - 1] = 0x20
            line += more
        }
        if isFirst {
            file.namesObjects = line.starts(with: "# Surfaces by Sonoform".utf8)
            file.isOurs = file.namesObjects || line.starts(with: "# Points by Sonoform".utf8)
        }
        isFirst = false
        guard let first = line.first(where: { $0 > 0x20 }), first != UInt8(ascii: "#") else { continue }
        fields.read(line)
        guard fields.count > 0 else { continue }
        if let got = file.read(fields) {
            throw reader.error(expected: "\(got.expected) in line \(reader.line)", got: got.got)
        }
    }
    guard let cloud = file.cloud(sampling, &findings) else {
        throw reader.error(expected: "positions that lie less than 3e38 apart", got: "more")
    }
    return PointsOrSurface(cloud: cloud, surface: file.surface)
}

/// What has been read of a file.
private struct OBJFile {
    /// Whether this package wrote it: then z is up.
    var isOurs = false
    /// Whether objects have names of their own and count in their order.
    var namesObjects = false
    private var namedObjects = 0
    private var vertices: [TriangleSurface.Corner] = []
    private var objects: [UInt8] = []
    private var normals: [SIMD3<Float>] = []
    private(set) var surface = TriangleSurface()
    private var object: UInt8 = 0
    private var unread: [String] = []
    private var numbers: [Double] = []

    /// What is passed over without a word, and what is passed over and said.
    private static let silent: Set<String> = ["vt", "g", "s", "p", "vp"]
    private static let said = [
        "mtllib": "materials", "usemtl": "materials", "l": "lines", "curv": "curves", "curv2": "curves",
        "surf": "surfaces", "cstype": "curves", "deg": "curves", "parm": "curves", "trim": "curves", "hole": "curves",
        "scrv": "curves", "sp": "curves", "end": "curves", "con": "curves", "bmat": "curves", "step": "curves",
        "mg": "groups", "bevel": "display", "c_interp": "display", "d_interp": "display", "lod": "display",
        "shadow_obj": "display", "trace_obj": "display", "ctech": "display", "stech": "display", "maplib": "materials",
        "usemap": "materials", "call": "other files", "csh": "commands",
    ]

    /// Reads a line; what was expected instead, where it is wrong.
    mutating func read(_ fields: TextFields) -> (expected: String, got: String)? {
        if fields.equals(0, "v") { return readVertex(fields) }
        if fields.equals(0, "f") || fields.equals(0, "fo") { return readFace(fields) }
        if fields.equals(0, "vn") {
            guard readNumbers(fields), numbers.count == 3 else { return ("\"vn x y z\"", "something else") }
            normals.append(SIMD3<Float>(SIMD3(numbers[0], numbers[1], numbers[2])))
            return nil
        }
        let word = fields.word(0)
        if word == "o" {
            let name = fields.count == 2 ? fields.word(1) : ""
            object = name.hasPrefix("object_") ? UInt8(name.dropFirst(7)) ?? 0 : 0
            if namesObjects { (object, namedObjects) = (UInt8(clamping: namedObjects), namedObjects + 1) }
        } else if let name = Self.said[word] {
            if !unread.contains(name) { unread.append(name) }
        } else if !Self.silent.contains(word) {
            return ("a line of an OBJ file", quoted(word))
        }
        return nil
    }

    private mutating func readNumbers(_ fields: TextFields) -> Bool {
        numbers.removeAll(keepingCapacity: true)
        for index in 1..<max(1, fields.count) {
            guard let number = fields.number(index) else { return false }
            numbers.append(number)
        }
        return true
    }

    private mutating func readVertex(_ fields: TextFields) -> (expected: String, got: String)? {
        guard readNumbers(fields) else { return ("numbers after \"v\"", "something else") }
        guard [3, 4, 6, 7].contains(numbers.count) else {
            return ("\"v x y z\" with or without w and a colour", "\(numbers.count) numbers")
        }
        let colour = numbers.count >= 6 ? numbers.suffix(3).map { Float($0) } : nil
        vertices.append(
            .init(
                position: SIMD3(numbers[0], numbers[1], numbers[2]),
                colour: colour.map { SIMD3($0[0], $0[1], $0[2]) }))
        objects.append(object)
        return nil
    }

    /// A face of any number of corners, as a fan of triangles.
    private mutating func readFace(_ fields: TextFields) -> (expected: String, got: String)? {
        guard fields.count >= 4 else { return ("three or more corners", "\(fields.count - 1)") }
        var corners: [TriangleSurface.Corner] = []
        for index in 1..<fields.count {
            let word = fields.word(index)
            let number = Int(word.prefix { $0 != "/" })
            // Numbers below zero count back from the last vertex.
            let place = number.map { $0 < 0 ? vertices.count.addingReportingOverflow($0).partialValue : $0 - 1 }
            guard let place, vertices.indices.contains(place) else {
                return ("a corner of 1 to \(vertices.count), the vertices so far", quoted(word))
            }
            corners.append(vertices[place])
        }
        for index in 2..<corners.count {
            surface.append(corners[0], corners[index - 1], corners[index], object: object)
        }
        return nil
    }

    func cloud(_ sampling: SurfaceSampling, _ findings: inout [CloudFinding]) -> PointCloud? {
        var points = PointGatherer()
        if surface.count > 0, surface.draw(sampling, into: &points) {
            findings.append(.surfaceSampled(points: points.count, triangles: surface.count))
        } else {
            let hasNormals = normals.count == vertices.count
            if !hasNormals, !normals.isEmpty { findings.append(.normalsIncomplete) }
            for (index, vertex) in vertices.enumerated() {
                points.append(
                    vertex.position, normal: hasNormals ? normals[index] : nil, colour: vertex.colour,
                    object: objects[index])
            }
        }
        if !unread.isEmpty { findings.append(.notRead(unread)) }
        if !isOurs { findings.append(.upAssumed) }
        return points.cloud(colours: .floats, &findings)
    }
}

// One reader for clouds, whatever their format, which its first bytes show.

public import Surfaces
public import SystemPackage

/// A file with a point cloud, read: its format, its points, and what was left out or taken for granted.
public struct CloudFile: Sendable {
    /// A format that is read.
    public enum Format: String, Sendable, Encodable, CaseIterable {
        case ply, xyz, obj, glb, stl
    }

    /// The format, by the content.
    public let format: Format
    /// The points.
    public let cloud: PointCloud
    /// What was left out or taken for granted; a program shows it.
    public let findings: [CloudFinding]
    /// What the header says, for PLY.
    public let ply: PLYSummary?
    /// The triangles, a mesh for every object, counted from the cloud's origin; nil for a file of points alone.
    public let surface: MeshScene?

    /// Reads a file or what comes through a pipe.
    ///
    /// PLY: `x y z` of any type, normals, colours under any of the names and in any of the ranges that tools use,
    /// `object`. XYZ: `x y z [normal] [colour]` a line. OBJ: vertices with colours, or points drawn from faces. GLB:
    /// points, and points drawn from triangles. STL: points drawn from triangles. See ``CloudFinding`` for what is said
    /// of each.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - sampling: how points are drawn from triangles; nil to draw the usual number, and none from the faces of a
    ///     PLY, whose vertices are its points.
    /// - Throws: ``CloudFileError``, which names the file, what was expected and what was got.
    public init(_ path: FilePath, sampling: SurfaceSampling? = nil) throws(CloudFileError) {
        try self.init(CloudByteReader(path), sampling)
    }

    /// Reads the file of that name.
    public init(path: String) throws(CloudFileError) { try self.init(FilePath(path)) }

    /// Reads bytes in memory; errors call them `name`.
    public init(bytes: [UInt8], name: String) throws(CloudFileError) {
        try self.init(CloudByteReader(bytes: bytes, path: name), nil)
    }

    /// The format that a file's first bytes show, or nil for anything else; nothing is read of pipes and folders.
    public static func format(ofFile path: FilePath) -> Format? {
        guard let reader = try? CloudByteReader(path, regularOnly: true) else { return nil }
        return isBinarySTL(reader) ? .stl : recognized(reader.ahead(sniffedBytes))
    }

    private init(_ reader: CloudByteReader, _ sampling: SurfaceSampling?) throws(CloudFileError) {
        var findings: [CloudFinding] = []
        format = try Self.format(of: reader)
        let (usual, read): (SurfaceSampling, PointsOrSurface)
        usual = sampling ?? SurfaceSampling()
        switch format {
        case .ply:
            let header = try PLYHeader(from: reader)
            ply = PLYSummary(header)
            read = try readPLYPoints(header, reader, sampling, &findings)
        case .xyz: (ply, read) = (nil, PointsOrSurface(cloud: try readXYZ(reader, &findings)))
        case .obj: (ply, read) = (nil, try readOBJ(reader, usual, &findings))
        case .glb: (ply, read) = (nil, try readGLB(reader, usual, &findings))
        case .stl:
            let surface = try readSTL(reader)
            var points = PointGatherer()
            if surface.draw(usual, into: &points) {
                findings.append(.surfaceSampled(points: points.count, triangles: surface.count))
            }
            findings.append(.upAssumed)
            guard let cloud = points.cloud(colours: .floats, &findings) else {
                throw reader.error(expected: "positions that lie less than 3e38 apart", got: "more")
            }
            (ply, read) = (nil, PointsOrSurface(cloud: cloud, surface: surface))
        }
        cloud = read.cloud
        surface = read.surface.flatMap { $0.count > 0 ? $0.scene(from: read.cloud.origin) : nil }
        self.findings = findings
    }

    /// The format by the content, or by the name where the content is of none: its reader says best what is wrong.
    private static func format(of reader: CloudByteReader) throws(CloudFileError) -> Format {
        let bytes = reader.ahead(sniffedBytes)
        let name = reader.path.lowercased()
        if isBinarySTL(reader) { return .stl }
        if let format = recognized(bytes) ?? Format.allCases.first(where: { name.hasSuffix(".\($0.rawValue)") }) {
            return format
        }
        throw reader.error(
            .unknownFormat, expected: "a point cloud: PLY, XYZ, OBJ, GLB or STL",
            got: foreign(bytes) ?? "something else")
    }
}

/// What a reader gives: points, and the triangles that they were drawn from or that came with them.
struct PointsOrSurface {
    let cloud: PointCloud
    var surface: TriangleSurface?
}

extension PointCloud {
    /// Reads a cloud of any format, as ``CloudFile`` does.
    public init(reading path: String) throws(CloudFileError) { self = try CloudFile(path: path).cloud }
}

private let sniffedBytes = 4_096

/// The format that a file's first bytes show.
private func recognized(_ bytes: [UInt8]) -> CloudFile.Format? {
    if bytes.starts(with: Array("glTF".utf8)) { return .glb }
    var text = bytes[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    let start = text.drop { $0 == 0x20 || $0 == 0x09 }
    let afterWord = start.dropFirst(3).first
    if start.starts(with: Array("ply".utf8)), afterWord.map({ $0 <= 0x20 }) ?? true { return .ply }
    guard text.allSatisfy({ $0 >= 0x20 || 0x09...0x0D ~= $0 }) else { return nil }
    var fields = TextFields()
    var values: [Double] = []
    let lines = text.split { $0 == 0x0A || $0 == 0x0D }
    // The last line may be cut off.
    for line in bytes.count == sniffedBytes && lines.count > 1 ? lines.dropLast() : lines[...] {
        fields.read(Array(line))
        guard fields.count > 0 else { continue }
        let word = fields.word(0)
        if word == "solid", bytes.count < sniffedBytes || holdsFacet(bytes) { return .stl }
        if ["v", "vn", "vt", "o", "g", "mtllib", "usemtl", "f"].contains(word) { return .obj }
        if fields.numbers(into: &values) {
            if values.count >= 3 { return .xyz }
            // A number of points may come first.
            guard values.count == 1 else { return nil }
            continue
        }
        if namesPositions(fields) { return .xyz }
        guard ["#", "//", "%", "!"].contains(where: { word.hasPrefix($0) }), foreign(bytes) == nil else { return nil }
    }
    return nil
}

/// Whether "facet" stands in a text, as it does soon in an STL file.
private func holdsFacet(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes, as: UTF8.self).lowercased().contains("facet")
}

/// Whether a line names columns, x, y and z among them; a comment that does begins with x.
private func namesPositions(_ fields: TextFields) -> Bool {
    let words = fields.ranges.indices.map { fields.word($0) }
    let isComment = ["#", "//", "%"].contains { words[0].hasPrefix($0) }
    let names = words.map { $0.filter { !"#/%\"".contains($0) }.lowercased() }.filter { !$0.isEmpty }
    return ["x", "y", "z"].allSatisfy { names.contains($0) } && names.count < 256 && (!isComment || names.first == "x")
}

/// The name of a format that is not read here.
private func foreign(_ bytes: [UInt8]) -> String? {
    let known: [(start: String, name: String)] = [
        ("# .PCD", "a PCD file"), ("LASF", "a LAS file"), ("{", "JSON"),
        ("OFF", "an OFF file"),
        ("COFF", "an OFF file"), ("ISO-10303", "a STEP file"), ("<", "XML"), ("PK", "a ZIP archive"),
        ("Kaydara", "an FBX file"), ("ASTM-E57", "an E57 file"), ("RIFF", "a recording"), ("fLaC", "a recording"),
        ("OggS", "a recording"),
    ]
    return bytes.isEmpty ? "nothing" : known.first { bytes.starts(with: Array($0.start.utf8)) }?.name
}

// The file formats that clouds are written in, and one path that every byte takes, to a file or to memory.

public import AtomicFiles
public import SystemPackage

/// A file format for clouds.
public enum CloudFormat: String, Codable, Sendable, CaseIterable {
    /// Binary PLY, little endian; see ``PointCloud/writePLY(to:)-(FilePath)``.
    case ply
    /// The same PLY as text.
    case plyASCII = "ply-ascii"
    /// Text, a point per line: `x y z nx ny nz red green blue`, colours 0...255.
    case xyz
    /// Wavefront OBJ: `v x y z r g b` with colours 0...1, `vn`, and a point element each; z stays up.
    case obj
    /// Binary glTF 2.0 with POINTS; glTF wants y up, so (x, y, z) becomes (x, z, -y).
    case glb

    /// What such files end in, without the dot.
    public var fileExtension: String { self == .plyASCII ? "ply" : rawValue }

    /// The format that a path's ending asks for; nil when it asks for none.
    public init?(path: String) {
        let name = path.lowercased()
        guard let format = [Self.ply, .xyz, .obj, .glb].first(where: { name.hasSuffix(".\($0.rawValue)") }) else {
            return nil
        }
        self = format
    }
}

extension PointCloud {
    /// Writes the cloud to `path`, whole or not at all.
    ///
    /// Every format has positions, normals, colours and (but for XYZ) objects. What is not known is written as in
    /// ``writePLY(to:)-(FilePath)``; glTF and OBJ leave unknown normals out.
    ///
    /// - Throws: `FileWriteError` with the path and what the system said.
    public func write(to path: FilePath, format: CloudFormat) throws(FileWriteError) {
        var file = try AtomicFile(path)
        try encode(format) { (bytes: [UInt8]) throws(FileWriteError) in try file.write(bytes) }
        try file.commit()
    }

    /// The bytes of the file that ``write(to:format:)-(FilePath,_)`` writes.
    public func bytes(format: CloudFormat) -> [UInt8] {
        var all: [UInt8] = []
        encode(format) { all += $0 }
        return all
    }

    /// Gives the file to `take`, piece by piece, so that memory does not grow with the cloud (but for glTF, whose head
    /// has the length of everything).
    private func encode<Failure: Error>(
        _ format: CloudFormat, into take: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        switch format {
        case .ply: try encodePLY(into: take)
        case .plyASCII: try encodeText(head: plyHeader(encoding: "ascii"), row: plyTextRow, into: take)
        case .xyz: try encodeText(head: "", row: xyzRow, into: take)
        case .obj: try encodeOBJ(into: take)
        case .glb: try take(glbBytes())
        }
    }

    /// The colour of a point as it is written: a light grey where none is known.
    func writtenColour(_ i: Int) -> SIMD3<UInt8> { colours?[i] ?? SIMD3(repeating: 200) }

    /// For every object in turn, its points in their order; most clouds are sorted so already.
    var pointsByObject: [(object: UInt8, points: [Int])] {
        var points = [[Int]](repeating: [], count: 256)
        for (i, object) in objects.enumerated() { points[Int(object)].append(i) }
        return points.enumerated().filter { !$0.element.isEmpty }.map { (UInt8($0.offset), $0.element) }
    }
}

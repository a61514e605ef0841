// The file formats that clouds are written in, and one function that writes any of them.

public import AtomicFiles
public import SystemPackage

/// A file format for clouds.
public enum CloudFormat: String, Codable, Sendable, CaseIterable {
    /// Binary PLY, little endian; see ``PointCloud/writePLY(to:)``.
    case ply
    /// The same PLY as text.
    case plyASCII = "ply-ascii"
    /// Text, a point a line: `x y z nx ny nz red green blue`, colours 0...255.
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
    /// ``writePLY(to:)``; glTF and OBJ leave unknown normals out.
    ///
    /// - Throws: `FileWriteError` with the path and what the system said.
    public func write(to path: FilePath, format: CloudFormat) throws(FileWriteError) {
        switch format {
        case .ply: try writePLY(to: path)
        case .plyASCII: try writeText(to: path, head: plyHeader(encoding: "ascii"), row: plyTextRow)
        case .xyz: try writeText(to: path, head: "", row: xyzRow)
        case .obj: try writeOBJ(to: path)
        case .glb: try AtomicFile.write(glbBytes(), to: path)
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

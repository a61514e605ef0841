// The file formats that surfaces are written in, and what their numbers measure.

public import AtomicFiles
public import Surfaces
public import SystemPackage

/// A file format for surfaces.
public enum MeshFormat: String, Codable, Sendable, CaseIterable {
    /// Binary STL in millimetres: triangles alone, all objects in one.
    case stl
    /// Binary glTF 2.0 in metres, y up: a named node for every object, with normals and vertex colours.
    case glb
    /// Wavefront OBJ: an `o` for every object, `v x y z r g b`, `vn`; z stays up.
    case obj
    /// Binary PLY, little endian: vertices as those of clouds, and faces.
    case ply
    /// 3MF in millimetres: a named object for every object, with vertex colours.
    case threeMF = "3mf"

    /// Whether such files go to slicers.
    public var isPrinted: Bool { self == .stl || self == .threeMF }

    /// What such files end in, without the dot.
    public var fileExtension: String { rawValue }

    /// The format that a path's ending asks for; nil when it asks for none.
    public init?(path: String) {
        let name = path.lowercased()
        guard let format = Self.allCases.first(where: { name.hasSuffix(".\($0.rawValue)") }) else { return nil }
        self = format
    }

    /// What a medium object, 1 unit long, measures in formats of millimetres where no size is asked for.
    public static let millimetresOfUnit: Float = 100

    /// What a scene's coordinates are multiplied by.
    ///
    /// - Parameters:
    ///   - longestSide: of the scene's box, in its own units.
    ///   - millimetres: what that side is to measure; nil for 100 mm a unit in STL and 3MF, and units as they are in
    ///     the others.
    func scale(longestSide: Float, millimetres: Double?) -> Float {
        guard let millimetres, longestSide > 0 else {
            return self == .stl || self == .threeMF ? Self.millimetresOfUnit : 1
        }
        // glTF's unit is the metre; slicers take OBJ and PLY, which have none, for millimetres.
        return Float(self == .glb ? millimetres / 1_000 : millimetres) / longestSide
    }
}

extension MeshScene {
    /// Writes the scene to `path`, whole or not at all.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - format: how it is written.
    ///   - millimetres: how long the longest side of the whole scene is to be; nil for 100 mm a unit in STL and 3MF and
    ///     the scene's own units in GLB, OBJ and PLY.
    /// - Throws: `FileWriteError` with the path and what the system said.
    public func write(to path: FilePath, format: MeshFormat, millimetres: Double? = nil) throws(FileWriteError) {
        var file = try AtomicFile(path)
        try encode(format, millimetres) { (bytes: [UInt8]) throws(FileWriteError) in try file.write(bytes) }
        try file.commit()
    }

    /// Writes the scene to the file of that name.
    public func write(to path: String, format: MeshFormat, millimetres: Double? = nil) throws(FileWriteError) {
        try write(to: FilePath(path), format: format, millimetres: millimetres)
    }

    /// The bytes of the file that ``write(to:format:millimetres:)-(FilePath,_,_)`` writes.
    public func bytes(format: MeshFormat, millimetres: Double? = nil) -> [UInt8] {
        var all: [UInt8] = []
        encode(format, millimetres) { all += $0 }
        return all
    }

    private func encode<Failure: Error>(
        _ format: MeshFormat, _ millimetres: Double?, into take: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        let longest = bounds.map { ($0.upper - $0.lower).max() } ?? 0
        let scaled = scaled(by: format.scale(longestSide: longest, millimetres: millimetres))
        switch format {
        case .stl: try take(scaled.stlBytes())
        case .glb: try take(scaled.glbBytes())
        case .obj: try scaled.encodeOBJ(into: take)
        case .ply: try take(scaled.plyBytes())
        case .threeMF: try take(scaled.threeMFBytes())
        }
    }

    private func scaled(by factor: Float) -> MeshScene {
        guard factor != 1 else { return self }
        return MeshScene(objects.map { NamedMesh(name: $0.name, mesh: $0.mesh.placed(at: .zero, scale: factor)) })
    }
}

extension Mesh {
    /// The colour of a vertex as it is written: a light grey where none is known.
    func writtenColour(_ index: Int) -> SIMD3<UInt8> { colours?[index] ?? SIMD3(repeating: 200) }

    /// The normal of a vertex as it is written.
    func writtenNormal(_ index: Int) -> SIMD3<Float> { (normals?[index] ?? .zero).normalized() }
}

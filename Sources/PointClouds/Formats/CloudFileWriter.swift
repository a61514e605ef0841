// A cloud's file, written piece by piece: of clouds that no memory holds.

public import AtomicFiles
public import SystemPackage

/// Writes a file of so many points, which come in pieces; it appears whole or not at all.
public struct CloudFileWriter: ~Copyable {
    private var file: AtomicFile
    private let format: CloudFormat
    private let path: FilePath
    private let count: Int
    private var written = 0
    private var object: UInt8?

    /// Whether a format's files can be written piece by piece: not those of glTF, whose head tells the bounds of all.
    public static func takes(_ format: CloudFormat) -> Bool { format != .glb }

    /// Begins a file of exactly `count` points.
    ///
    /// - Throws: `FileWriteError` with the path and what the system said.
    public init(_ path: FilePath, format: CloudFormat, count: Int) throws(FileWriteError) {
        precondition(Self.takes(format), "a format without a table of contents")
        (self.path, self.format, self.count) = (path, format, count)
        file = try Self.begun(path, format, count)
    }

    private static func begun(
        _ path: FilePath, _ format: CloudFormat, _ count: Int
    ) throws(FileWriteError) -> AtomicFile {
        var file = try AtomicFile(path)
        switch format {
        case .ply: try file.write(Array(PointCloud.plyHeader(count: count).utf8))
        case .plyASCII: try file.write(Array(PointCloud.plyHeader(count: count, encoding: "ascii").utf8))
        case .obj: try file.write(Array(PointCloud.objHead.utf8))
        case .xyz, .glb: break
        }
        return file
    }

    /// Appends points; in OBJ those of one object follow one another.
    public mutating func append(_ cloud: PointCloud) throws(FileWriteError) {
        precondition(cloud.origin == .zero, "points counted from zero")
        written += cloud.count
        switch format {
        case .ply: try file.write(cloud.plyRows(0..<cloud.count, inDouble: false))
        case .plyASCII: try write((0..<cloud.count).lazy.map(cloud.plyTextRow))
        case .xyz: try write((0..<cloud.count).lazy.map(cloud.xyzRow))
        case .obj:
            for (object, points) in cloud.pointsByObject {
                if object != self.object { try file.write(Array("o object_\(object)\n".utf8)) }
                self.object = object
                try write(cloud.objRows(points, after: written - cloud.count))
            }
        case .glb: break
        }
    }

    private mutating func write(_ rows: some Sequence<String>) throws(FileWriteError) {
        var bytes: [UInt8] = []
        for row in rows { bytes += row.utf8 }
        try file.write(bytes)
    }

    /// Makes the file durable and puts it in its place.
    public consuming func commit() throws(FileWriteError) {
        precondition(written == count, "\(count) points, as the head says")
        try file.commit()
    }
}

// Why a file could not be written.

public import SystemPackage

/// A file that could not be written: which, and what the system said.
public struct FileWriteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file as the caller named it.
    public let path: FilePath

    /// The system's error.
    public let errno: Errno

    /// A file, and what the system said of it.
    public init(path: FilePath, errno: Errno) { (self.path, self.errno) = (path, errno) }

    /// A file by text, and the system's error number.
    public init(path: String, code: Int32) { self.init(path: FilePath(path), errno: Errno(rawValue: code)) }

    /// The system's error number.
    public var code: Int32 { errno.rawValue }

    /// One line: `out/chair.ply: cannot be written: No space left on device`.
    public var description: String { "\(path.printable): cannot be written: \(errno)" }
}

// Files that appear whole or not at all: written beside the target, synced, then renamed over it.

#if canImport(Glibc)
    import Glibc
#endif
public import SystemPackage

/// A file being written; until ``commit()`` the target is what it was before.
///
/// Dropping it without a commit removes what was written, so that an error leaves nothing behind. A target that is a
/// device or a pipe is written to directly: there is no file to be half. So is a descriptor of this program's own
/// (`/dev/stdout`), from where it stands: whoever redirected it wants what is there kept. A symbolic link is written
/// through: the file it leads to is replaced, and the link stays. A file that may not be written stays as it is.
public struct AtomicFile: ~Copyable {
    /// The file as the caller named it, for errors.
    private let path: FilePath
    private let target: FilePath
    private let temporary: FilePath?
    private let descriptor: FileDescriptor

    /// Begins a file that will be `path`.
    ///
    /// - Throws: ``FileWriteError`` with the path and the system's words: no such directory, no permission, ...
    public init(_ path: FilePath) throws(FileWriteError) {
        let opened = try attempting(path) { try Self.opened(path) }
        self.path = path
        (target, temporary, descriptor) = opened
    }

    /// As ``init(_:)``, for a path that is text.
    public init(path: String) throws(FileWriteError) { try self.init(FilePath(path)) }

    private static func opened(_ path: FilePath) throws -> (FilePath, FilePath?, FileDescriptor) {
        let target = try WriteTarget(path)
        if let number = target.descriptor {
            return (target.path, nil, try FileDescriptor(rawValue: number).duplicate())
        }
        if target.status?.type == .directory { throw Errno.isDirectory }
        if let status = target.status, status.type != .regular {
            return (target.path, nil, try .open(target.path, .writeOnly, options: .closeOnExec))
        }
        try target.checkPermission()
        // The same directory: a rename across file systems is a copy, which can be half done. The name holds nothing
        // of the target's, which may be as long as the system allows.
        let name = ".\(String(UInt64.random(in: .min ... .max), radix: 36)).partial"
        let beside = target.path.removingLastComponent().appending(name)
        let permissions = target.status?.permissions ?? FilePermissions(rawValue: 0o666)
        let descriptor = try FileDescriptor.open(
            beside, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: permissions.intersection(FilePermissions(rawValue: 0o777)))
        if let status = target.status {
            // Root replaces others' files without making them root's; nobody else can, or has to.
            _ = fchown(descriptor.rawValue, status.userID.rawValue, status.groupID.rawValue)
            _ = fchmod(descriptor.rawValue, permissions.rawValue & 0o777)
        }
        return (target.path, beside, descriptor)
    }

    /// Whether a file at `path` would be replaced as a whole; what is written to directly takes no bytes at a place.
    public static func replaces(_ path: FilePath) -> Bool {
        guard let target = try? WriteTarget(path), target.descriptor == nil else { return false }
        return target.status.map { $0.type == .regular } ?? true
    }

    /// Puts a finished file in the place of `target`, with links and permissions as ``init(_:)`` has them; where that is
    /// on another file system, its bytes.
    public static func move(_ finished: FilePath, to target: FilePath) throws(FileWriteError) {
        try attempting(target) {
            let end = try WriteTarget(target)
            if end.status?.type == .directory { throw Errno.isDirectory }
            try end.checkPermission()
            if renamed(finished, to: end.path) { return }
            guard errno == EXDEV else { throw Errno(rawValue: errno) }
            try write(try finished.readAll(limit: .max), to: end.path)
            remove(finished)
        }
    }

    deinit {
        try? descriptor.close()
        if let temporary { remove(temporary) }
    }

    /// Appends bytes.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileWriteError) {
        try attempting(path) { _ = try descriptor.writeAll(bytes) }
    }

    /// Appends the bytes of plain numbers, as they are in memory.
    public mutating func write<Number: BitwiseCopyable>(_ numbers: [Number]) throws(FileWriteError) {
        try attempting(path) { try numbers.withUnsafeBytes { _ = try descriptor.writeAll($0) } }
    }

    /// Puts the bytes of plain numbers to a place of the file.
    public mutating func write<Number: BitwiseCopyable>(
        _ numbers: [Number], at offset: Int
    ) throws(FileWriteError) {
        try attempting(path) {
            try numbers.withUnsafeBytes { _ = try descriptor.writeAll(toAbsoluteOffset: Int64(offset), $0) }
        }
    }

    /// Makes the file durable and puts it in the target's place.
    public consuming func commit() throws(FileWriteError) {
        guard let temporary else { return }
        guard fsync(descriptor.rawValue) == 0, renamed(temporary, to: target) else {
            throw FileWriteError(path: path, errno: Errno(rawValue: errno))
        }
    }

    /// Writes a whole file at once.
    public static func write(_ bytes: [UInt8], to path: FilePath) throws(FileWriteError) {
        var file = try AtomicFile(path)
        try file.write(bytes)
        try file.commit()
    }

    /// As ``write(_:to:)-(_,FilePath)``, for a path that is text.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileWriteError) {
        try write(bytes, to: FilePath(path))
    }
}

/// Does what may fail with the system's error, which then names the file.
func attempting<Value>(_ path: FilePath, _ body: () throws -> Value) throws(FileWriteError) -> Value {
    do {
        return try body()
    } catch {
        throw FileWriteError(path: path, errno: error as? Errno ?? (error as? FileWriteError)?.errno ?? .ioError)
    }
}

private func remove(_ path: FilePath) { path.withPlatformString { _ = unlink($0) } }

private func renamed(_ old: FilePath, to new: FilePath) -> Bool {
    old.withPlatformString { old in new.withPlatformString { new in rename(old, new) == 0 } }
}

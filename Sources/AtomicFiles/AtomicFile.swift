// Files that appear whole or not at all: written beside the target, synced, then renamed over it.

import Glibc

/// A file being written; until ``commit()`` the target is what it was before.
///
/// Dropping it without a commit removes what was written, so that an error leaves nothing behind. A target that is a
/// device or a pipe (`/dev/stdout`) is written to directly: there is no file to be half.
public struct AtomicFile: ~Copyable {
    private let target: String
    private let temporary: String?
    private let descriptor: Int32

    /// Begins a file that will be `path`.
    ///
    /// - Throws: ``FileWriteError`` with the path and the system's words: no such directory, no permission, ...
    public init(path: String) throws(FileWriteError) {
        let opened = try Self.opened(path)
        target = path
        temporary = opened.temporary
        descriptor = opened.descriptor
    }

    private static func opened(_ path: String) throws(FileWriteError) -> (temporary: String?, descriptor: Int32) {
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR {
            throw FileWriteError(path: path, code: EISDIR)
        }
        if exists, status.st_mode & S_IFMT != S_IFREG {
            let descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileWriteError(path: path, code: errno) }
            return (nil, descriptor)
        }
        let end = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        // The same directory: a rename across file systems is a copy, which can be half done.
        let unique = String(UInt64.random(in: .min ... .max), radix: 36)
        let beside = "\(path[..<end]).\(path[end...].prefix(60)).\(unique).partial"
        let mode = exists ? status.st_mode & 0o777 : 0o666
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileWriteError(path: path, code: errno) }
        return (beside, descriptor)
    }

    deinit {
        close(descriptor)
        if let temporary { unlink(temporary) }
    }

    /// Appends bytes.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileWriteError) {
        var done = 0
        while done < bytes.count {
            let wrote = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if wrote < 0, errno == EINTR { continue }
            guard wrote > 0 else { throw FileWriteError(path: target, code: wrote < 0 ? errno : ENOSPC) }
            done += wrote
        }
    }

    /// Appends the bytes of plain numbers, as they are in memory.
    public mutating func write<Number: BitwiseCopyable>(_ numbers: [Number]) throws(FileWriteError) {
        var failure: FileWriteError?
        numbers.withUnsafeBytes { raw in
            do throws(FileWriteError) { try write(raw) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Puts the bytes of plain numbers to a place of the file.
    public mutating func write<Number: BitwiseCopyable>(
        _ numbers: [Number], at offset: Int
    ) throws(FileWriteError) {
        var failure: FileWriteError?
        numbers.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let place = off_t(offset + done)
                let wrote = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, place)
                if wrote < 0, errno == EINTR { continue }
                guard wrote > 0 else {
                    failure = FileWriteError(path: target, code: wrote < 0 ? errno : ENOSPC)
                    return
                }
                done += wrote
            }
        }
        if let failure { throw failure }
    }

    /// Makes the file durable and puts it in the target's place.
    public consuming func commit() throws(FileWriteError) {
        guard let temporary else { return }
        guard fsync(descriptor) == 0, rename(temporary, target) == 0 else {
            throw FileWriteError(path: target, code: errno)
        }
    }

    /// Writes a whole file at once.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileWriteError) {
        var file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }
}

/// A file that could not be written: which, and what the system said.
public struct FileWriteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file as the caller named it.
    public let path: String

    /// The system's error number.
    public let code: Int32

    /// A file, and what the system said of it.
    public init(path: String, code: Int32) { (self.path, self.code) = (path, code) }

    /// One line: `out/chair.ply: cannot be written: No space left on device`.
    public var description: String {
        let words = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            strerror_r(code, buffer.baseAddress!, buffer.count) == 0
                ? String(cString: buffer.baseAddress!) : "error \(code)"
        }
        return "\(path): cannot be written: \(words)"
    }
}

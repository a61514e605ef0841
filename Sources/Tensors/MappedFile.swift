// Files as bytes, mapped for reading.

#if canImport(Glibc)
    import Glibc
#endif
import SystemPackage

/// A regular file mapped into memory, read-only; unmapped with its owner.
final class MappedFile: @unchecked Sendable {
    // Unchecked: the mapping is private, read-only and never changes after `init`.
    let path: FilePath
    let bytes: UnsafeRawBufferPointer

    init(path: FilePath, expected: String) throws(TensorFileError) {
        func failure(_ got: String) -> TensorFileError { TensorFileError(path: path, expected: expected, got: got) }
        self.path = path
        // Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw failure(lastErrorText()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(lastErrorText()) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw failure(status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "no regular file")
        }
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }
}

/// The bytes of a small regular file (a configuration, a vocabulary); throws `TensorFileError` past `limit` bytes.
public func readWhole(_ path: FilePath, expected: String, limit: Int) throws(TensorFileError) -> [UInt8] {
    let file = try MappedFile(path: path, expected: expected)
    guard file.bytes.count <= limit else {
        throw TensorFileError(path: path, expected: "\(expected) of at most \(limit) bytes", got: "\(file.bytes.count)")
    }
    return Array(file.bytes)
}

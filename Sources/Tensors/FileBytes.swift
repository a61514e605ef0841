// Files as bytes: mapped for reading, replaced whole when written.

#if canImport(Glibc)
    import Glibc
#endif

/// A regular file mapped into memory, read-only; unmapped with its owner.
final class FileBytes: @unchecked Sendable {
    // Unchecked: the mapping is private, read-only and never changes after `init`.
    let path: String
    let bytes: UnsafeRawBufferPointer

    init(path: String, expected: String) throws(TensorFileError) {
        func failure(_ got: String) -> TensorFileError { TensorFileError(path: path, expected: expected, got: got) }
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(lastErrorText()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(lastErrorText()) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw failure(status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "no regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else { throw failure("an empty file") }
        let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw failure(lastErrorText()) }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }
}

/// The system's text for the last failed call.
func lastErrorText() -> String { String(cString: strerror(errno)).lowercased() }

/// Writes a file under a temporary name beside `path`, syncs it and renames it: never half a file.
func writeWhole(_ bytes: [UInt8], to path: String) throws(TensorFileError) {
    func failure() -> TensorFileError {
        TensorFileError(path: path, expected: "a file that can be written", got: lastErrorText())
    }
    let temporary = path + ".\(getpid()).part"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure() }
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, bytes.count - written) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
            let error = failure()
            close(descriptor)
            unlink(temporary)
            throw error
        }
        written += count
    }
    guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
        let error = failure()
        unlink(temporary)
        throw error
    }
}

/// The bytes of a small regular file (a configuration, a vocabulary); throws `TensorFileError` past `limit` bytes.
public func readWhole(_ path: String, expected: String, limit: Int) throws(TensorFileError) -> [UInt8] {
    let file = try FileBytes(path: path, expected: expected)
    guard file.bytes.count <= limit else {
        throw TensorFileError(path: path, expected: "\(expected) of at most \(limit) bytes", got: "\(file.bytes.count)")
    }
    return Array(file.bytes)
}

// Files as bytes, mapped for reading.

#if canImport(Glibc)
    import Glibc
#endif
public import SystemPackage

/// A regular file mapped into memory, read-only; unmapped with its owner.
final class MappedFile: @unchecked Sendable {
    // Unchecked: the mapping is private, read-only and never changes after `init`.
    let path: FilePath
    let bytes: UnsafeRawBufferPointer

    init(path: FilePath, expected: String) throws(TensorFileError) {
        func failure(_ got: String) -> TensorFileError { TensorFileError(path: path, expected: expected, got: got) }
        self.path = path
        do {
            // Not blocking: opening a named pipe would wait for somebody to write to it.
            let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
            bytes = try descriptor.closeAfter {
                let status = try descriptor.stat()
                guard status.type == .regular else {
                    throw failure(status.type == .directory ? "a directory" : "no regular file")
                }
                guard status.size > 0 else { throw failure("an empty file") }
                let address = mmap(nil, Int(status.size), PROT_READ, MAP_PRIVATE, descriptor.rawValue, 0)
                guard let address, address != MAP_FAILED else { throw Errno(rawValue: errno) }
                return UnsafeRawBufferPointer(start: address, count: Int(status.size))
            }
        } catch let refused as TensorFileError {
            throw refused
        } catch {
            throw failure("\(error)".lowercased())
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

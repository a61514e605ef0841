// A file without a name, for bytes that come once and are read more than once.

#if canImport(Glibc)
    import Glibc
#endif
import SystemPackage

/// Linux's O_TMPFILE, a macro of two flags.
private let temporaryFile: Int32 = 0o20_000_000 | O_DIRECTORY

/// Bytes on their way to the disk; nothing is left of them when their owner or the program is gone.
struct Spool: ~Copyable {
    private let limitBytes: Int
    private var descriptor: FileDescriptor?
    private(set) var count = 0

    /// Throws `Errno` where no file can be made in `TMPDIR`, or `/tmp`.
    init(limitBytes: Int) throws {
        self.limitBytes = limitBytes
        let folder = getenv("TMPDIR").map { FilePath(platformString: $0) } ?? ""
        descriptor = try Self.nameless(in: folder.isEmpty ? "/tmp" : folder)
    }

    deinit { try? descriptor?.close() }

    /// Appends bytes; throws `Errno` for a full disk and ``Refusal`` past the limit.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard count + bytes.count <= limitBytes else {
            throw Refusal(.outsideLimits, expected: "at most \(limitBytes) bytes from a pipe", "more")
        }
        _ = try descriptor!.writeAll(bytes)
        count += bytes.count
    }

    /// What was written, to be read.
    consuming func storage() -> ByteStorage {
        let storage = ByteStorage(descriptor!, count: count)
        descriptor = nil
        return storage
    }

    private static func nameless(in folder: FilePath) throws -> FileDescriptor {
        let opened = folder.withPlatformString { open($0, temporaryFile | O_RDWR | O_CLOEXEC, 0o600) }
        if opened >= 0 { return FileDescriptor(rawValue: opened) }
        // Not every file system can; there, the name is taken away at once.
        let name = folder.appending(".\(String(UInt64.random(in: .min ... .max), radix: 36)).spool")
        let descriptor = try FileDescriptor.open(
            name, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
        name.withPlatformString { _ = unlink($0) }
        return descriptor
    }
}

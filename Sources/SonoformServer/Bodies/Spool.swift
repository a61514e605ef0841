// Bodies on disk: what is sent is written to a file as it comes, and never held in memory.

import AtomicFiles
import NIOCore
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A folder for one server's bodies, which nobody else may look into; gone with the server.
final class Spool: Sendable {
    private let folder: FilePath
    private let next = Atomic<Int>(0)

    /// Makes the folder below `TMPDIR`, or /tmp. Throws the system's `Errno`.
    init() throws(Errno) {
        let parent = FilePath(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")
        let pattern = parent.appending("sonoform-XXXXXX")
        var name = pattern.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: pattern.length + 1)) }
        // Mode 0700, and a name that was not there.
        guard mkdtemp(&name) != nil else { throw Errno(rawValue: errno) }
        folder = name.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
    }

    deinit { folder.withPlatformString { _ = rmdir($0) } }

    /// A path in the folder that nothing has yet.
    func path(ending: String = "body") -> SpooledFile {
        let number = next.wrappingAdd(1, ordering: .relaxed).newValue
        return SpooledFile(path: folder.appending("\(number).\(ending)"), in: self)
    }
}

/// A file of the spool; removed when nobody holds it any more.
final class SpooledFile: Sendable {
    let path: FilePath
    /// The folder stays as long as its files.
    private let spool: Spool

    fileprivate init(path: FilePath, in spool: Spool) { (self.path, self.spool) = (path, spool) }

    deinit { path.withPlatformString { _ = unlink($0) } }

    /// How many bytes it has now; 0 where it is not there.
    var byteCount: Int { (try? Stat(path)).map { Int($0.size) } ?? 0 }
}

/// Writes a body's pieces to a file of the spool.
struct SpoolWriter: ~Copyable {
    let file: SpooledFile
    private let descriptor: SystemPackage.FileDescriptor
    private let limit: Int
    private var count = 0

    /// Begins a file that takes at most `limit` bytes.
    init(in spool: Spool, limit: Int) throws {
        file = spool.path()
        self.limit = limit
        descriptor = try SystemPackage.FileDescriptor.open(
            file.path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
    }

    deinit { try? descriptor.close() }

    /// Appends bytes; throws ``Problem/tooLarge(limit:got:)`` at the first one too many.
    mutating func write(_ bytes: some Sequence<UInt8>) throws {
        let bytes = Array(bytes)
        count += bytes.count
        guard count <= limit else { throw Problem.tooLarge(limit: limit, got: "more") }
        try descriptor.writeAll(bytes)
    }

    /// The file, with all that was written.
    consuming func finish() -> SpooledFile { file }
}

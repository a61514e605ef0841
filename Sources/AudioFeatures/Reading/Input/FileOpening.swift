// Opening what a path leads to: a regular file as it is, a pipe by copying it to its end.

#if canImport(Glibc)
    import Glibc
#endif
import SystemPackage

/// The ways to bytes that can be read by position.
enum FileOpening {
    static func opened(_ path: FilePath, _ options: ReadingOptions) throws(AudioFileError) -> ByteStorage {
        try naming(path) {
            // Opening a device can have effects, and opening a pipe waits: what it is decides how it is opened.
            switch try Stat(path).type {
            case .directory: throw Refusal(.notAFile, "a directory")
            case .regular, .fifo: break
            case .characterSpecial where isTerminal(path): throw Refusal(.notAFile, "a terminal")
            default: throw Refusal(.notAFile, "a device or socket")
            }
            let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try storage(descriptor, path, options)
        }
    }

    static func standardInput(_ path: FilePath, _ options: ReadingOptions) throws(AudioFileError) -> ByteStorage {
        try naming(path) {
            if isatty(STDIN_FILENO) != 0 { throw Refusal(.notAFile, "a terminal") }
            let copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { throw Errno(rawValue: errno) }
            return try storage(FileDescriptor(rawValue: copy), path, options)
        }
    }

    /// The bytes behind a descriptor, which is taken over.
    private static func storage(
        _ descriptor: FileDescriptor, _ path: FilePath, _ options: ReadingOptions
    ) throws -> ByteStorage {
        do {
            let status = try descriptor.stat()
            // A file that something else has read the beginning of goes on from there, as through a pipe.
            if status.type == .regular, try descriptor.seek(offset: 0, from: .current) == 0 {
                guard status.size > 0 else { throw Refusal(.empty, "an empty file") }
                return ByteStorage(descriptor, count: Int(status.size))
            }
            if status.type == .directory { throw Refusal(.notAFile, "a directory") }
            let spooled = try spooled(descriptor, path, options)
            try? descriptor.close()
            return spooled
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    private static func spooled(
        _ descriptor: FileDescriptor, _ path: FilePath, _ options: ReadingOptions
    ) throws -> ByteStorage {
        var spool = try Spool(limitBytes: options.limits.spooledBytes)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { room.deallocate() }
        var start: [UInt8]? = []
        while true {
            let got = try descriptor.read(into: room)
            guard got > 0 else { break }
            try spool.append(UnsafeRawBufferPointer(rebasing: room[..<got]))
            // What never was audio is not copied to its end, which may be none.
            if let begun = start {
                let known = begun + room[..<min(64 - begun.count, got)]
                start = known.count < 64 ? known : nil
                if start == nil, options.decoder == .builtIn, let unknown = UnknownFile(known) {
                    throw AudioFileError(unknown.reason, path: path, expected: allowedFormats, got: unknown.name)
                }
            }
        }
        guard spool.count > 0 else { throw Refusal(.empty, "no bytes") }
        return spool.storage()
    }

    private static func isTerminal(_ path: FilePath) -> Bool {
        guard let opened = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]) else {
            return false
        }
        defer { try? opened.close() }
        return isatty(opened.rawValue) != 0
    }

    /// Gives the system's errors and refusals the file's name.
    private static func naming(_ path: FilePath, _ body: () throws -> ByteStorage) throws(AudioFileError) -> ByteStorage
    {
        do {
            return try body()
        } catch let error as AudioFileError {
            throw error
        } catch let refusal as Refusal {
            throw AudioFileError(refusal.reason, path: path, expected: refusal.expected, got: refusal.got)
        } catch {
            let errno = error as? Errno ?? .ioError
            let reason: AudioFileError.Reason =
                switch errno {
                case .noSuchFileOrDirectory, .notDirectory: .missing
                case .permissionDenied, .notPermitted: .noPermission
                default: .unreadable
                }
            throw AudioFileError(reason, path: path, expected: wantedFile, got: "\"\(errno)\"")
        }
    }
}

/// Why something is not read, before it has the file's name.
struct Refusal: Error {
    let reason: AudioFileError.Reason
    let expected: String
    let got: String

    init(_ reason: AudioFileError.Reason, expected: String = wantedFile, _ got: String) {
        (self.reason, self.expected, self.got) = (reason, expected, got)
    }
}

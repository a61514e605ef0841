// report.jsonl: a line per input, each of them durable before the next input is begun.

import AtomicFiles
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A batch's report, open for adding lines and locked against other runs.
///
/// A line is on the disk when ``append(_:)`` returns. Of an input's lines the last one counts. A last line that a crash
/// tore is cut off when the report is opened; lines that are none, whoever wrote them, are passed over.
final class BatchReport: Sendable {
    private let path: FilePath
    private let descriptor: Int32
    private struct Index {
        /// Where each input's last line lies.
        var lines: [FilePath: Range<Int>] = [:]
        var end = 0
    }
    private let index: Mutex<Index>

    /// Opens a report, or begins one.
    ///
    /// - Throws: `FileWriteError` when it cannot be written, ``BatchError`` while another run writes it, or where the
    ///   file of that name is something else, which would be lost.
    init(path: FilePath) throws {
        self.path = path
        descriptor = try Self.locked(path)
        var index = Index()
        do {
            let bytes = try ReportLines.bytes(of: descriptor, path)
            index.end = bytes.lastIndex(of: newline).map { $0 + 1 } ?? 0
            try Self.requireReport(bytes, path)
            if index.end < bytes.count, ftruncate(descriptor, off_t(index.end)) != 0 {
                throw FileWriteError(path: path, errno: Errno(rawValue: errno))
            }
            ReportLines.forEachRecord(in: bytes[..<index.end]) { range, record in index.lines[record.input] = range }
        } catch {
            close(descriptor)
            throw error
        }
        self.index = Mutex(index)
    }

    deinit { close(descriptor) }

    /// What the report says of an input.
    func record(of input: FilePath) -> BatchRecord? {
        guard let range = index.withLock({ $0.lines[input] }) else { return nil }
        return BatchRecord(line: ReportLines.line(range, of: descriptor))
    }

    /// Throws unless the first line is a record, of whatever version, or could have become one before a crash tore it.
    private static func requireReport(_ bytes: [UInt8], _ path: FilePath) throws(BatchError) {
        let isOne =
            if let end = bytes.firstIndex(of: newline) {
                BatchRecord.isRecord(line: bytes[..<end])
            } else {
                bytes.allSatisfy { $0 == 0 } || bytes.starts(with: "{\"".utf8)
            }
        guard !isOne else { return }
        throw BatchError(source: path.printable, expected: "a batch's report", got: "another file of that name")
    }

    /// Adds a line and waits until the disk has it.
    ///
    /// - Throws: `FileWriteError`; the report is then as it was before.
    func append(_ record: BatchRecord) throws(FileWriteError) {
        let bytes = Array((jsonLine(record) + "\n").utf8)
        let failure: FileWriteError? = index.withLock { index in
            var done = 0
            while done < bytes.count {
                let wrote = bytes.withUnsafeBytes {
                    pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(index.end + done))
                }
                if wrote < 0, errno == EINTR { continue }
                guard wrote > 0 else {
                    let code = wrote < 0 ? errno : ENOSPC
                    ftruncate(descriptor, off_t(index.end))
                    return FileWriteError(path: path, errno: Errno(rawValue: code))
                }
                done += wrote
            }
            index.lines[record.input] = index.end..<index.end + bytes.count
            index.end += bytes.count
            return nil
        }
        if let failure { throw failure }
        // Outside the lock: another worker's line may be written meanwhile, and one sync serves both.
        guard fdatasync(descriptor) == 0 else { throw FileWriteError(path: path, errno: Errno(rawValue: errno)) }
    }

    /// Puts the lines of `inputs` into their order, one each, and drops all others.
    func finish(inputs: [FilePath]) throws(FileWriteError) {
        var file = try AtomicFile(path)
        for input in inputs {
            guard let range = index.withLock({ $0.lines[input] }) else { continue }
            try file.write(ReportLines.line(range, of: descriptor))
        }
        try file.commit()
    }

    /// Opens the file and takes its lock; a report that a finishing run has just replaced is opened again.
    private static func locked(_ path: FilePath) throws -> Int32 {
        while true {
            let descriptor = path.withPlatformString { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
            guard descriptor >= 0 else { throw FileWriteError(path: path, errno: Errno(rawValue: errno)) }
            // File systems without locks are taken as they are.
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                close(descriptor)
                throw BatchError(
                    source: path.printable, expected: "one batch at a time", got: "another one that writes it")
            }
            var (opened, current) = (stat(), stat())
            if fstat(descriptor, &opened) == 0, path.withPlatformString({ stat($0, &current) }) == 0,
                opened.st_ino == current.st_ino
            {
                return descriptor
            }
            close(descriptor)
        }
    }
}

private let newline = UInt8(ascii: "\n")

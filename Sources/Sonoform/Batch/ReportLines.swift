// The lines of a report: where they lie, and what they say.

import AtomicFiles
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A report that is only read. What it says stays on the disk until it is asked for: reports of a million inputs are
/// gigabytes.
final class ReportLines: Sendable {
    private let descriptor: Int32
    /// Where each input's last line lies.
    private let places: [FilePath: Range<Int>]

    /// Nil where there is no such report.
    init?(_ path: FilePath) {
        descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { return nil }
        var places: [FilePath: Range<Int>] = [:]
        if let bytes = try? Self.bytes(of: descriptor, path) {
            Self.forEachRecord(in: bytes[...]) { range, record in places[record.input] = range }
        }
        self.places = places
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// What the report says of an input.
    func record(of input: FilePath) -> BatchRecord? {
        places[input].flatMap { BatchRecord(line: Self.line($0, of: descriptor)) }
    }

    /// Any of the records, for what they have in common.
    var anyRecord: BatchRecord? { places.keys.first.flatMap(record) }

    /// All bytes of an open report.
    static func bytes(of descriptor: Int32, _ path: FilePath) throws(FileWriteError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileWriteError(path: path, errno: Errno(rawValue: errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileWriteError(path: path, errno: .invalidArgument) }
        return [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            count = 0
            while count < buffer.count {
                let got = pread(descriptor, buffer.baseAddress! + count, buffer.count - count, off_t(count))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                count += got
            }
        }
    }

    /// One line of an open report.
    static func line(_ range: Range<Int>, of descriptor: Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, range.count, off_t(range.lowerBound)))
        }
    }

    /// Tells of every line that is a record, in their order, where it lies with its line feed.
    static func forEachRecord(in bytes: ArraySlice<UInt8>, _ body: (Range<Int>, BatchRecord) -> Void) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if let record = BatchRecord(line: bytes[start..<end]) { body(start..<end + 1, record) }
            start = end + 1
        }
    }
}

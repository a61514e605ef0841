// A file or bytes read forward through one buffer: lines of text, numbers of ascii rows, bytes of binary ones.

import AtomicFiles
import Glibc
import SystemPackage

/// Buffered reading; of a regular file, memory is one small buffer whatever the file claims.
final class CloudByteReader {
    let path: String
    private let descriptor: FileDescriptor?
    private let totalBytes: Int
    private let buffer: UnsafeMutableRawBufferPointer
    private var next = 0
    private var filled = 0
    /// Bytes before the buffer's first.
    private var passed = 0
    /// How lines of a PLY header end, as its first one shows.
    private var lineEnd: UInt8?
    /// The number of the line that is being read, from 1.
    private(set) var line = 1

    /// No header that means something is longer.
    static let longestHeader = 1 << 20
    /// No line of text that means something is longer.
    private static let longestLine = 1 << 22
    /// A number in full decimals has up to 309 digits before the point and as many after it as its writer likes.
    private static let longestWord = 1 << 10
    /// What comes through a pipe is kept in memory, as its length is not known before.
    private static let longestStream = 1 << 30

    convenience init(_ file: FilePath, regularOnly: Bool = false) throws(CloudFileError) {
        let path = file.printable
        func refused(_ got: String) -> CloudFileError {
            CloudFileError(.unreadable, path: path, expected: "a point cloud", got: got)
        }
        // Without this look, opening a pipe that nobody writes to would wait, or not wait for its writer.
        let isPipe = !regularOnly && (try? Stat(file)).map { [.fifo, .socket].contains($0.type) } == true
        do {
            let opened = try FileDescriptor.open(
                file, .readOnly, options: isPipe ? .closeOnExec : [.closeOnExec, .nonBlocking])
            if isPipe {
                self.init(bytes: try opened.closeAfter { try opened.readAll(limit: Self.longestStream) }, path: path)
                return
            }
            let status = try opened.stat()
            guard status.type == .regular else {
                try? opened.close()
                throw refused(status.type == .directory ? "a directory" : "not a regular file")
            }
            self.init(path: path, descriptor: opened, totalBytes: Int(status.size), bufferBytes: 1 << 16)
        } catch let error as CloudFileError {
            throw error
        } catch {
            throw refused(
                error as? Errno == .fileTooLarge
                    ? "more than \(Self.longestStream >> 20) MiB through a pipe" : "\"\(error)\"")
        }
    }

    /// Reads bytes in memory; errors call them `path`.
    convenience init(bytes: [UInt8], path: String) {
        self.init(path: path, descriptor: nil, totalBytes: bytes.count, bufferBytes: max(1, bytes.count))
        buffer.copyBytes(from: bytes)
        filled = bytes.count
    }

    private init(path: String, descriptor: FileDescriptor?, totalBytes: Int, bufferBytes: Int) {
        (self.path, self.descriptor, self.totalBytes) = (path, descriptor, totalBytes)
        buffer = .allocate(byteCount: bufferBytes, alignment: 16)
    }

    deinit {
        try? descriptor?.close()
        buffer.deallocate()
    }

    /// Bytes from here to the end of the file.
    var remaining: Int { max(0, totalBytes - passed - next) }

    func error(
        _ reason: CloudFileError.Reason = .damaged, expected: String, got: String
    ) -> CloudFileError {
        CloudFileError(reason, path: path, expected: expected, got: got)
    }

    /// The next byte, or nil at the end.
    @inline(__always)
    func byte() -> UInt8? {
        if next == filled, !refill() { return nil }
        defer { next += 1 }
        return buffer[next]
    }

    @inline(__always)
    private func peek() -> UInt8? {
        guard next < filled || refill() else { return nil }
        return buffer[next]
    }

    /// Up to so many of the next bytes, without passing over them; `count` is at most 4,096.
    func ahead(_ count: Int) -> [UInt8] {
        if filled - next < count, descriptor != nil {
            // What is left goes to the front, to make room for more.
            buffer.baseAddress!.copyMemory(from: buffer.baseAddress! + next, byteCount: filled - next)
            passed += next
            (next, filled) = (0, filled - next)
            while filled < count, let more = readMore(at: filled), more > 0 { filled += more }
        }
        return Array(buffer[next..<min(filled, next + count)])
    }

    private func refill() -> Bool {
        guard descriptor != nil else { return false }
        passed += filled
        (next, filled) = (0, 0)
        filled = max(0, readMore(at: 0) ?? 0)
        return filled > 0
    }

    private func readMore(at place: Int) -> Int? {
        try? descriptor?.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[place...]))
    }

    /// Passes over a byte order mark, which editors put at the start.
    func skipByteOrderMark() {
        if ahead(3) == [0xEF, 0xBB, 0xBF] { next += 3 }
    }

    /// Passes over spaces and tabs, and line ends where they are to be passed over, too.
    func skipSpace(acrossLines: Bool) {
        while let character = peek(), character <= 0x20 {
            if character == 0x0A || character == 0x0D {
                guard acrossLines else { return }
                if character == lineEnd ?? 0x0A { line += 1 }
            }
            next += 1
        }
    }

    /// A line of a PLY header without its end and the space before it, or nil at the end of the file.
    ///
    /// Lines end with LF, CRLF or CR, as the first one does: what follows `end_header` may begin with any byte.
    func headerLine() throws(CloudFileError) -> String? {
        var text: [UInt8] = []
        while let character = byte() {
            guard passed + next <= Self.longestHeader else {
                throw error(expected: "a PLY header of at most \(Self.longestHeader) bytes", got: "more")
            }
            if lineEnd == nil, character == 0x0A || character == 0x0D {
                lineEnd = character == 0x0D && peek() == 0x0A ? 0x0A : character
            }
            if character == lineEnd {
                line += 1
                while let last = text.last, last <= 0x20 { text.removeLast() }
                return String(decoding: text, as: UTF8.self)
            }
            text.append(character)
        }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }

    /// The next line of a text without its end, or nil at the end of the file; lines end with LF, CRLF or CR.
    ///
    /// ``line`` is its number afterwards.
    func textLine(into text: inout [UInt8]) throws(CloudFileError) -> Bool {
        text.removeAll(keepingCapacity: true)
        guard peek() != nil else { return false }
        if passed + next > 0 { line += 1 }
        while let character = byte() {
            if character == 0x0A { break }
            if character == 0x0D {
                if peek() == 0x0A { next += 1 }
                break
            }
            guard text.count < Self.longestLine else {
                throw error(expected: "lines of at most \(Self.longestLine) bytes", got: "more in line \(line)")
            }
            text.append(character)
        }
        return true
    }

    /// The next number of an ascii body; nil where the line or the file ends before. Throws with the word that is none.
    func number(acrossLines: Bool) throws(CloudFileError) -> Double? {
        skipSpace(acrossLines: acrossLines)
        guard let first = peek(), first > 0x20 else { return nil }
        var result: Double?
        var shown = ""
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.longestWord + 1) { word in
            var count = 0
            // A word that is too long is read no further; it is not a number.
            while count < Self.longestWord, let letter = peek(), letter > 0x20 {
                word[count] = CChar(bitPattern: letter)
                count += 1
                next += 1
            }
            word[count] = 0
            var end: UnsafeMutablePointer<CChar>?
            let value = strtod(word.baseAddress!, &end)
            if count < Self.longestWord, end == word.baseAddress! + count {
                result = value
            } else {
                shown = String(decoding: word[..<min(count, 80)].map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
        }
        guard let result else { throw error(expected: "a number", got: quoted(shown)) }
        return result
    }

    /// Whether nothing more stands in this line.
    func isAtLineEnd() -> Bool {
        skipSpace(acrossLines: false)
        return peek().map { $0 == 0x0A || $0 == 0x0D } ?? true
    }

    /// Fills `row` with the next bytes; false when the file ends before.
    func fill(_ row: UnsafeMutableRawBufferPointer) -> Bool {
        var done = 0
        while done < row.count {
            if next == filled, !refill() { return false }
            let count = min(row.count - done, filled - next)
            (row.baseAddress! + done).copyMemory(from: buffer.baseAddress! + next, byteCount: count)
            next += count
            done += count
        }
        return true
    }

    /// The next so many bytes, or nil when there are fewer.
    func bytes(_ count: Int) -> [UInt8]? {
        guard count >= 0, count <= remaining else { return nil }
        var complete = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            complete = fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
            initialized = complete ? count : 0
        }
        return complete ? bytes : nil
    }

    /// Passes over bytes; false when there are fewer.
    func skip(_ count: Int) -> Bool {
        guard count >= 0, count <= remaining else { return false }
        if count <= filled - next {
            next += count
            return true
        }
        guard let descriptor else { return false }
        let beyond = count - (filled - next)
        guard (try? descriptor.seek(offset: Int64(beyond), from: .current)) != nil else { return false }
        passed += filled + beyond
        (next, filled) = (0, 0)
        return true
    }
}

/// Something of the file in an error: short and on one line, whatever it holds.
func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(60).map { scalar in
        scalar.properties.generalCategory == .control || scalar.properties.isWhitespace ? " " : Character(scalar)
    }
    return "\"\(String(shown))\(text.unicodeScalars.count > 60 ? "…" : "")\""
}

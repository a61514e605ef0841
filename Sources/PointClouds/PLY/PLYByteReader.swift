// A file read forward through one small buffer: lines for the header, words for ascii rows, bytes for binary ones.

import Glibc

/// Buffered reading of a regular file; memory is one buffer whatever the file claims.
final class PLYByteReader {
    let path: String
    private let descriptor: Int32
    private let fileBytes: Int
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    private var next = 0
    private var filled = 0
    /// Bytes of the file before the buffer's first.
    private var passed = 0
    /// How the header's lines end, as its first one shows.
    private var lineEnd: UInt8?

    /// No header that means something is longer.
    static let longestHeader = 1 << 20
    /// A number in full decimals has up to 309 digits before the point and as many after it as its writer likes.
    private static let longestWord = 1 << 10

    init(path: String) throws(PLYError) {
        self.path = path
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else {
            buffer.deallocate()
            throw PLYError(path: path, expected: "a PLY file", got: systemMessage(errno))
        }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "not a regular file"
            close(opened)
            buffer.deallocate()
            throw PLYError(path: path, expected: "a PLY file", got: kind)
        }
        descriptor = opened
        fileBytes = Int(status.st_size)
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Bytes from here to the end of the file.
    var remaining: Int { max(0, fileBytes - passed - next) }

    func error(expected: String, got: String) -> PLYError {
        PLYError(path: path, expected: expected, got: got)
    }

    /// The next byte, or nil at the end.
    @inline(__always)
    func byte() -> UInt8? {
        if next == filled, !refill() { return nil }
        defer { next += 1 }
        return buffer[next]
    }

    private func refill() -> Bool {
        passed += filled
        (next, filled) = (0, 0)
        var count: Int
        repeat { count = read(descriptor, buffer.baseAddress!, buffer.count) } while count < 0 && errno == EINTR
        filled = max(0, count)
        return filled > 0
    }

    /// A line of the header without its end and the space before it, or nil at the end of the file.
    ///
    /// Lines end with LF, CRLF or CR, as the first one does: what follows `end_header` may begin with any byte.
    func headerLine() throws(PLYError) -> String? {
        var line: [UInt8] = []
        while let character = byte() {
            guard passed + next <= Self.longestHeader else {
                throw error(expected: "a PLY header of at most \(Self.longestHeader) bytes", got: "more")
            }
            if lineEnd == nil, character == 0x0A || character == 0x0D {
                lineEnd = character == 0x0D && peek() == 0x0A ? 0x0A : character
            }
            if character == lineEnd {
                while let last = line.last, last <= 0x20 { line.removeLast() }
                return String(decoding: line, as: UTF8.self)
            }
            line.append(character)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    /// The next number of an ascii body, or nil at the end of the file; throws with the word where there is none.
    func number() throws(PLYError) -> Double? {
        var character = byte()
        while let space = character, space <= 0x20 { character = byte() }
        guard character != nil else { return nil }
        var result: Double?
        var shown = ""
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.longestWord + 1) { word in
            var count = 0
            while let letter = character, letter > 0x20 {
                // A word that is too long is read no further; it is no number.
                guard count < Self.longestWord else { break }
                word[count] = CChar(bitPattern: letter)
                count += 1
                character = byte()
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

    /// Passes over bytes; false when there are fewer.
    func skip(_ count: Int) -> Bool {
        guard count >= 0, count <= remaining else { return false }
        if count <= filled - next {
            next += count
            return true
        }
        let beyond = count - (filled - next)
        guard lseek(descriptor, off_t(beyond), SEEK_CUR) >= 0 else { return false }
        passed += filled + beyond
        (next, filled) = (0, 0)
        return true
    }

    private func peek() -> UInt8? {
        guard next < filled || refill() else { return nil }
        return buffer[next]
    }
}

/// Something of the file in an error: short and on one line, whatever it holds.
func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(60).map { scalar in
        scalar.properties.generalCategory == .control || scalar.properties.isWhitespace ? " " : Character(scalar)
    }
    return "\"\(String(shown))\(text.unicodeScalars.count > 60 ? "…" : "")\""
}

private func systemMessage(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        strerror_r(code, buffer.baseAddress!, buffer.count) == 0
            ? "\"\(String(cString: buffer.baseAddress!))\"" : "error \(code)"
    }
}

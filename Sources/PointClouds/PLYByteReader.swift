// A file read forward through one small buffer: lines for the header, words for ascii rows, bytes for binary ones.

import Glibc

/// Buffered reading of a regular file; memory is one buffer whatever the file claims.
final class PLYByteReader {
    let path: String
    private let descriptor: Int32
    private let fileBytes: Int
    private var buffer: [UInt8]
    private var next = 0
    private var filled = 0
    private var consumed = 0

    init(path: String) throws(PLYError) {
        self.path = path
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { throw PLYError(path: path, expected: "a PLY file", got: systemMessage(errno)) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "not a regular file"
            close(opened)
            throw PLYError(path: path, expected: "a PLY file", got: kind)
        }
        descriptor = opened
        fileBytes = Int(status.st_size)
        buffer = [UInt8](repeating: 0, count: 1 << 16)
    }

    deinit {
        close(descriptor)
    }

    /// Bytes from here to the end of the file.
    var remaining: Int { fileBytes - consumed }

    func error(expected: String, got: String) -> PLYError {
        PLYError(path: path, expected: expected, got: got)
    }

    /// The next byte, or nil at the end.
    func byte() -> UInt8? {
        if next == filled {
            repeat {
                filled = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress!, $0.count) }
            } while filled < 0 && errno == EINTR
            filled = max(0, filled)
            next = 0
            if filled == 0 { return nil }
        }
        defer {
            next += 1
            consumed += 1
        }
        return buffer[next]
    }

    /// A line of the header without its end (LF, CRLF or CR), or nil at the end of the file.
    func headerLine() throws(PLYError) -> String? {
        var line: [UInt8] = []
        while let character = byte() {
            if character == 0x0A { return String(decoding: line, as: UTF8.self) }
            if character == 0x0D {
                if peek() == 0x0A { _ = byte() }
                return String(decoding: line, as: UTF8.self)
            }
            guard line.count < 4096, consumed < 1 << 20 else {
                throw error(expected: "a PLY header of short lines", got: "a line or header without end")
            }
            line.append(character)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    /// The next word of an ascii body, or nil at the end of the file.
    func word() throws(PLYError) -> String? {
        var word: [UInt8] = []
        while let character = byte() {
            if character <= 0x20 {
                if word.isEmpty { continue }
                break
            }
            guard word.count < 64 else { throw error(expected: "numbers", got: "a word without end") }
            word.append(character)
        }
        return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    /// Fills `row` with the next bytes; false when the file ends before.
    func fill(_ row: UnsafeMutableRawBufferPointer) -> Bool {
        var done = 0
        while done < row.count {
            if next == filled {
                guard let first = byte() else { return false }
                row[done] = first
                done += 1
                continue
            }
            let count = min(row.count - done, filled - next)
            buffer.withUnsafeBytes { source in
                (row.baseAddress! + done).copyMemory(from: source.baseAddress! + next, byteCount: count)
            }
            next += count
            consumed += count
            done += count
        }
        return true
    }

    /// Passes over bytes; false when there are fewer.
    func skip(_ count: Int) -> Bool {
        guard count >= 0, count <= remaining else { return false }
        let inBuffer = min(count, filled - next)
        next += inBuffer
        if count > inBuffer {
            guard lseek(descriptor, off_t(count - inBuffer), SEEK_CUR) >= 0 else { return false }
        }
        consumed += count
        return true
    }

    private func peek() -> UInt8? {
        guard let value = byte() else { return nil }
        next -= 1
        consumed -= 1
        return value
    }
}

private func systemMessage(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        strerror_r(code, buffer.baseAddress!, buffer.count) == 0
            ? "\"\(String(cString: buffer.baseAddress!))\"" : "error \(code)"
    }
}

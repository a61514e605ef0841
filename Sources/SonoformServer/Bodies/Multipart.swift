// multipart/form-data (RFC 7578) as it comes, part by part: a recording of any length takes no memory.

import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// Reads the parts of a body, one at a time.
struct MultipartReader<Body: AsyncSequence> where Body.Element == ByteBuffer {
    /// What stands before a part's bytes.
    struct Part: Equatable {
        /// The field's name.
        var name: String
        /// The file's name as the client has it; nil for a plain field.
        var fileName: String?
    }

    /// No browser sends longer heads.
    private static var longestHead: Int { 16_384 }

    private var body: Body.AsyncIterator
    private let delimiter: [UInt8]
    /// What has come and is not given yet. The first delimiter has no line's end before it: it gets one.
    private var pending = Array("\r\n".utf8)
    private var isInPart = false
    private var hasBegun = false

    /// A reader of a body whose type has that `boundary`.
    init(_ body: Body, boundary: String) {
        self.body = body.makeAsyncIterator()
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// The boundary that a `Content-Type` names; nil where it has none that RFC 2046 allows.
    static func boundary(of contentType: String) -> String? {
        for parameter in contentType.split(separator: ";").dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1).map(\.trimmed)
            guard pair.count == 2, pair[0].lowercased() == "boundary" else { continue }
            let value = pair[1].hasPrefix("\"") ? String(pair[1].dropFirst().prefix { $0 != "\"" }) : pair[1]
            return (1...70).contains(value.utf8.count) && value.utf8.allSatisfy { 0x20..<0x7F ~= $0 } ? value : nil
        }
        return nil
    }

    /// The next part, whatever is left of the one before; nil after the last one.
    mutating func next() async throws -> Part? {
        if !hasBegun {
            // What stands before the first delimiter is for readers that do not know the format.
            (hasBegun, isInPart) = (true, true)
        }
        while try await nextBytes() != nil {}
        while pending.count < 2 { try await fill() }
        if pending.starts(with: Array("--".utf8)) { return nil }
        let end = Array("\r\n\r\n".utf8)
        while true {
            let place = find(end, in: pending)
            guard place ?? pending.count <= Self.longestHead else {
                throw Problem.body(expected: "a part's head of at most \(Self.longestHead) bytes", got: "more")
            }
            if let place {
                let head = String(decoding: pending[..<place], as: UTF8.self)
                pending.removeFirst(place + end.count)
                isInPart = true
                return try part(head)
            }
            try await fill()
        }
    }

    /// The next bytes of the part; nil at its end.
    mutating func nextBytes() async throws -> [UInt8]? {
        guard isInPart else { return nil }
        while true {
            if let place = find(delimiter, in: pending) {
                let bytes = Array(pending[..<place])
                guard bytes.isEmpty else {
                    pending.removeFirst(place)
                    return bytes
                }
                pending.removeFirst(delimiter.count)
                isInPart = false
                return nil
            }
            // The delimiter may have come in part.
            let sure = pending.count - (delimiter.count - 1)
            if sure > 0 {
                let bytes = Array(pending[..<sure])
                pending.removeFirst(sure)
                return bytes
            }
            try await fill()
        }
    }

    private mutating func fill() async throws {
        guard let buffer = try await body.next() else {
            throw Problem.body(expected: "parts up to a closing boundary", got: "the body's end")
        }
        pending += buffer.readableBytesView
    }

    /// Reads a part's head: `Content-Disposition: form-data; name="file"; filename="a.wav"`.
    private func part(_ head: String) throws(Problem) -> Part {
        for line in head.split(whereSeparator: \.isNewline) {
            let field = line.split(separator: ":", maxSplits: 1).map(\.trimmed)
            guard field.count == 2, field[0].lowercased() == "content-disposition" else { continue }
            guard field[1].lowercased().hasPrefix("form-data"), let name = quotedValue("name", in: field[1]) else {
                break
            }
            return Part(name: name, fileName: quotedValue("filename", in: field[1]))
        }
        throw .body(expected: "parts with Content-Disposition: form-data and a name", got: "another")
    }
}

/// The value of `name="…"` in a field; browsers write quotes inside as %22.
private func quotedValue(_ name: String, in field: String) -> String? {
    for parameter in field.split(separator: ";").dropFirst() {
        let pair = parameter.split(separator: "=", maxSplits: 1).map(\.trimmed)
        guard pair.count == 2, pair[0].lowercased() == name else { continue }
        return pair[1].hasPrefix("\"") ? String(pair[1].dropFirst().prefix { $0 != "\"" }) : pair[1]
    }
    return nil
}

/// Where `needle` begins in `bytes`; nil where it does not stand in them.
private func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress, bytes.count >= needle.count else { return nil }
        let last = bytes.count - needle.count
        var start = 0
        // memchr runs over a recording's bytes at the speed of memory; a carriage return comes once in 256 of them.
        while start <= last, let found = memchr(base + start, Int32(needle[0]), last - start + 1) {
            start = UnsafeRawPointer(found) - base
            if needle.withUnsafeBytes({ memcmp(base + start, $0.baseAddress!, needle.count) }) == 0 { return start }
            start += 1
        }
        return nil
    }
}

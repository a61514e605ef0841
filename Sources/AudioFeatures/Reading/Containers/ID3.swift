// ID3 tags, which some programs put around files that are not MP3.

/// Finds ID3 tags without reading them.
enum ID3 {
    /// The bytes of ID3v2 tags at the start of a file; 0 without one.
    static func lengthOfTag(atStartOf file: ByteView) -> Int {
        var length = 0
        // Tags may follow each other, but not for ever.
        for _ in 0..<16 {
            let head = file.bytes(at: length, count: 10)
            guard head.count == 10, head.text(at: 0, count: 3) == "ID3", head[3] < 0xFF, head[4] < 0xFF,
                head[6...].allSatisfy({ $0 < 0x80 })
            else { break }
            // A size of four times seven bits, without the head and the copy of the head at the end.
            let size = head[6...].reduce(0) { $0 << 7 | Int($1) }
            length += 10 + size + (head[5] & 0x10 != 0 ? 10 : 0)
        }
        return length
    }

    /// The bytes of an ID3v1 tag at the end of a file; 0 without one.
    static func lengthOfTag(atEndOf file: ByteView) -> Int {
        file.count >= 128 && file.bytes(at: file.count - 128, count: 3).text(at: 0, count: 3) == "TAG" ? 128 : 0
    }
}

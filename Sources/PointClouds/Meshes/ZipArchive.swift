// A ZIP archive in memory (PKWARE's APPNOTE 6.3.10), deflated by zlib; without dates, so that the same gives the same.

import CZLib

/// Files on their way into an archive.
struct ZipArchive {
    private var body: [UInt8] = []
    private var directory: [UInt8] = []
    private var count: UInt16 = 0

    /// The first day that the format knows: 1 January 1980.
    private static let date: UInt16 = 0x21

    mutating func add(_ name: String, _ content: [UInt8]) {
        let packed = deflated(content)
        var fields: [UInt8] = []
        // Version 2.0, names in UTF-8, deflate, no time of day, the date.
        for value in [20, 1 << 11, 8, 0, Self.date] as [UInt16] { fields.appendLittle(value) }
        fields.appendLittle(UInt32(truncatingIfNeeded: crc32(0, content, uInt(content.count))))
        fields.appendLittle(UInt32(packed.count))
        fields.appendLittle(UInt32(content.count))
        fields.appendLittle(UInt16(name.utf8.count))
        fields.appendLittle(UInt16(0))
        let offset = UInt32(body.count)
        body += Array("PK\u{3}\u{4}".utf8) + fields + Array(name.utf8) + packed
        directory += Array("PK\u{1}\u{2}".utf8)
        directory.appendLittle(UInt16(20))
        directory += fields
        // No comment, the first disc, no attributes.
        directory += [UInt8](repeating: 0, count: 10)
        directory.appendLittle(offset)
        directory += Array(name.utf8)
        count += 1
    }

    func bytes() -> [UInt8] {
        var end = Array("PK\u{5}\u{6}".utf8)
        for value in [0, 0, count, count] as [UInt16] { end.appendLittle(value) }
        end.appendLittle(UInt32(directory.count))
        end.appendLittle(UInt32(body.count))
        end.appendLittle(UInt16(0))
        return body + directory + end
    }
}

/// Raw deflate: zlib's own format without its head of two bytes and its checksum of four.
private func deflated(_ bytes: [UInt8]) -> [UInt8] {
    let bound = Int(compressBound(uLong(bytes.count)))
    let wrapped = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
        var length = uLongf(bound)
        let status = compress2(buffer.baseAddress, &length, bytes, uLong(bytes.count), 6)
        precondition(status == Z_OK, "zlib has room for what it said it needs")
        count = Int(length)
    }
    return Array(wrapped.dropFirst(2).dropLast(4))
}

// Numbers and names at places of a header.

enum ByteOrder { case little, big }

extension [UInt8] {
    /// Whether the bytes at `offset` are those of `text` in Latin-1.
    func hasText(_ text: String, at offset: Int) -> Bool {
        let wanted = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        return count >= offset + wanted.count && self[offset..<offset + wanted.count].elementsEqual(wanted)
    }

    /// `length` bytes as Latin-1 text, or nil past the end.
    func text(at offset: Int, count length: Int) -> String? {
        guard count >= offset + length else { return nil }
        return String(String.UnicodeScalarView(self[offset..<offset + length].map { Unicode.Scalar($0) }))
    }

    /// An unsigned integer of `bytes` bytes, or nil past the end; one of eight bytes keeps its bits.
    func integer(at offset: Int, bytes: Int, _ order: ByteOrder) -> Int? {
        guard count >= offset + bytes else { return nil }
        let digits = self[offset..<offset + bytes]
        return switch order {
        case .little: digits.reversed().reduce(0) { $0 << 8 | Int($1) }
        case .big: digits.reduce(0) { $0 << 8 | Int($1) }
        }
    }
}

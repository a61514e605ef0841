// How the numbers of a NumPy array are coded, and reading them.

/// A type of real numbers, by NumPy's string for it.
struct NPYNumbers {
    /// What a number takes, in bytes.
    let size: Int
    private let kind: Character
    private let isBigEndian: Bool

    /// The types that are read, in the words of an error.
    static let kinds = "f2, f4, f8, i1 to i8, u1 to u8 or b1, little- or big-endian"

    /// Nil for a type that is not read.
    init?(type: String) {
        let parts = Array(type)
        guard parts.count == 3, let size = parts[2].wholeNumberValue,
            let sizes = ["f": [2, 4, 8], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "b": [1]][parts[1]],
            sizes.contains(size), parts[0] == "<" || parts[0] == ">" || (parts[0] == "|" && size == 1)
        else { return nil }
        (self.size, kind, isBigEndian) = (size, parts[1], parts[0] == ">")
    }

    /// `count` numbers, which the data hold.
    func values(_ data: UnsafeRawBufferPointer, count: Int) -> [Float] {
        switch (kind, size) {
        case ("f", 2): read(data, count, UInt16.self) { Float(halfPattern: $0) }
        case ("f", 4): read(data, count, UInt32.self) { Float(bitPattern: $0) }
        case ("f", _): read(data, count, UInt64.self) { Float(Double(bitPattern: $0)) }
        case ("i", 1): read(data, count, Int8.self) { Float($0) }
        case ("i", 2): read(data, count, Int16.self) { Float($0) }
        case ("i", 4): read(data, count, Int32.self) { Float($0) }
        case ("i", _): read(data, count, Int64.self) { Float($0) }
        case ("u", 2): read(data, count, UInt16.self) { Float($0) }
        case ("u", 4): read(data, count, UInt32.self) { Float($0) }
        case ("u", 8): read(data, count, UInt64.self) { Float($0) }
        case ("b", _): read(data, count, UInt8.self) { $0 == 0 ? 0 : 1 }
        default: read(data, count, UInt8.self) { Float($0) }
        }
    }

    private func read<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ data: UnsafeRawBufferPointer, _ count: Int, _ type: Bits.Type, _ number: (Bits) -> Float
    ) -> [Float] {
        (0..<count).map { index in
            let bits = data.loadUnaligned(fromByteOffset: index * size, as: type)
            return number(isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
        }
    }
}

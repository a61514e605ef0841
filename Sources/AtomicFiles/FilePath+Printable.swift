// Names as a person may see them: whatever would move the cursor, hide or reorder text is spelt out.

public import SystemPackage

extension FilePath {
    /// The path for messages and reports read by people, on one line, whatever bytes it holds.
    ///
    /// What prints stands as it is. Control characters are `\n`, `\t`, `\u{1B}`; bytes that are not UTF-8 `\xE9`;
    /// a backslash is `\\`, so that two names never look the same. Not for opening a file: that takes the bytes.
    /// An empty path is `""`.
    public var printable: String {
        isEmpty
            ? "\"\"" : withPlatformString { printableText(UnsafeBufferPointer(start: $0, count: length)) }
    }
}

extension FilePath.Component {
    /// The name for messages; see `FilePath.printable`.
    public var printable: String { FilePath(root: nil, components: self).printable }
}

extension String {
    /// Text from a file or a library, on one line and with nothing in it that a terminal obeys.
    public var printable: String { unicodeScalars.reduce(into: "") { $0 += $1.spelt } }
}

private func printableText(_ characters: UnsafeBufferPointer<CChar>) -> String {
    var text = ""
    var rest = characters.map { UInt8(bitPattern: $0) }[...]
    while !rest.isEmpty {
        // One scalar has four bytes at most; decoding that many tells whether a whole one stands here.
        let length = scalarLength(rest)
        if length > 0, let scalar = String(validating: rest.prefix(length), as: UTF8.self)?.unicodeScalars.first {
            text += scalar.spelt
            rest = rest.dropFirst(length)
        } else {
            text += "\\x" + hexadecimal(UInt32(rest.removeFirst()))
        }
    }
    return text
}

/// How long the scalar at the start should be, by its first byte; 0 for a byte that begins none.
private func scalarLength(_ bytes: ArraySlice<UInt8>) -> Int {
    switch bytes[bytes.startIndex] {
    case 0x00...0x7F: 1
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
}

extension Unicode.Scalar {
    /// The scalar, or how it is written where it does not print.
    fileprivate var spelt: String {
        switch self {
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: break
        }
        switch properties.generalCategory {
        // Format characters reorder what follows (U+202E) or cannot be seen (U+200B), but for joiners within emoji.
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
            return "\\u{\(hexadecimal(value))}"
        case .format where value != 0x200D && value != 0x200C:
            return "\\u{\(hexadecimal(value))}"
        default: return String(Character(self))
        }
    }
}

private func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return digits.utf8.count < 2 ? "0" + digits : digits
}

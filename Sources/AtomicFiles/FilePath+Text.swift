// Paths as text and back, without losing a byte: for reports that programs read.

public import SystemPackage

extension FilePath {
    /// The path's bytes.
    public var bytes: [UInt8] {
        withPlatformString { text in UnsafeBufferPointer(start: text, count: length).map { UInt8(bitPattern: $0) } }
    }

    /// The path of those bytes.
    public init(bytes: some Sequence<UInt8>) {
        let text = bytes.map { CChar(bitPattern: $0) } + [0]
        self = text.withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
    }

    /// The path as text from which ``init(text:)`` makes the same path again.
    ///
    /// Almost all paths stand as they are. In one with bytes that are not UTF-8, or with `\x` in it, a backslash is
    /// `\\` and such a byte `\xE9`.
    public var text: String {
        let bytes = bytes
        let plain = String(validating: bytes, as: UTF8.self)
        if let plain, !plain.contains(byteMark) { return plain }
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            let length = (1...4).first { length in
                length <= rest.count && String(validating: rest.prefix(length), as: UTF8.self) != nil
            }
            if let length {
                text += first == backslash ? "\\\\" : String(decoding: rest.prefix(length), as: UTF8.self)
                rest = rest.dropFirst(length)
            } else {
                text += byteMark + (first < 16 ? "0" : "") + String(first, radix: 16, uppercase: true)
                rest = rest.dropFirst()
            }
        }
        return text
    }

    /// The path that ``text`` stands for.
    public init(text: String) {
        guard text.contains(byteMark) else {
            self.init(bytes: text.utf8)
            return
        }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let first = rest.first {
            if first == backslash, rest.dropFirst().first == backslash {
                bytes.append(backslash)
                rest = rest.dropFirst(2)
            } else if first == backslash, rest.dropFirst().first == UInt8(ascii: "x"),
                let byte = UInt8(String(decoding: rest.dropFirst(2).prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        self.init(bytes: bytes)
    }
}

private let backslash = UInt8(ascii: "\\")
private let byteMark = "\\x"

extension FilePath {
    /// Longer names no file system takes.
    private static let longestName = 255

    /// A file in this folder of the given name, which is cut where it would be too long.
    ///
    /// What stands before `ending` is cut between two characters and followed by `~` and sixteen digits that hang on
    /// the whole of it, so that two long names stay apart.
    public func appending(name: [UInt8], ending: String) -> FilePath {
        let tail = Array(ending.utf8)
        var name = name
        if name.count + tail.count > Self.longestName {
            let mark = Array("~\(hexadecimal(fingerprint(of: name)))".utf8)
            var kept = name.prefix(max(0, Self.longestName - tail.count - mark.count))
            // A character's later bytes are 10xxxxxx: none is left without its first.
            while let last = kept.last, name[kept.count] & 0xC0 == 0x80, last >= 0x80 { kept = kept.dropLast() }
            name = kept + mark
        }
        return FilePath(bytes: isEmpty ? name + tail : bytes + (bytes.last == slash ? [] : [slash]) + name + tail)
    }
}

private let slash = UInt8(ascii: "/")

/// FNV-1a, 64 bits: the same in every run and on every machine.
private func fingerprint(of bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

// What stands before the numbers of a NumPy array: a Python dictionary of three keys, read as strictly as NumPy does.

/// The description of an array: how its numbers are coded, in which order, and their shape.
struct NPYHeader: Equatable {
    /// NumPy's type string, such as `<f4`.
    let type: String
    /// Whether the first index moves fastest.
    let isFortranOrder: Bool
    let shape: [Int]

    /// What is wrong, in the words of an error.
    struct Failure: Error {
        let expected: String
        let got: String
    }

    /// As many dimensions as NumPy has.
    private static let mostDimensions = 64

    /// Reads the dictionary; anything but its three keys, each once, is refused.
    init(_ text: some Collection<UInt8>) throws(Failure) {
        var reader = Reader(rest: Array(text)[...])
        var (type, isFortranOrder, shape): (String?, Bool?, [Int]?)
        try reader.take("{")
        while !reader.takes("}") {
            let key = try reader.quoted()
            try reader.take(":")
            switch key {
            case "descr" where type == nil: type = try reader.quoted()
            case "fortran_order" where isFortranOrder == nil: isFortranOrder = try reader.truth()
            case "shape" where shape == nil: shape = try reader.lengths(atMost: Self.mostDimensions)
            default: throw reader.failure("the keys descr, fortran_order and shape, each once")
            }
            guard reader.takes(",") else {
                try reader.take("}")
                break
            }
        }
        guard reader.isAtEnd else { throw reader.failure("nothing behind the dictionary") }
        guard let type, let isFortranOrder, let shape else {
            throw Failure(expected: "a header with descr, fortran_order and shape", got: "one without")
        }
        (self.type, self.isFortranOrder, self.shape) = (type, isFortranOrder, shape)
    }

    /// Python's literals, as far as such a header needs them.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        private mutating func skipSpace() {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") }
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return rest.isEmpty
            }
        }

        mutating func takes(_ word: StaticString) -> Bool {
            skipSpace()
            let matches = word.withUTF8Buffer { rest.starts(with: $0) }
            if matches { rest = rest.dropFirst(word.utf8CodeUnitCount) }
            return matches
        }

        mutating func take(_ word: StaticString) throws(Failure) {
            guard takes(word) else { throw failure("\(word) in the header") }
        }

        mutating func quoted() throws(Failure) -> String {
            skipSpace()
            guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
                let end = rest.dropFirst().firstIndex(of: quote)
            else { throw failure("a quoted name in the header") }
            let name = rest[(rest.startIndex + 1)..<end]
            rest = rest[(end + 1)...]
            guard name.allSatisfy({ (0x20..<0x7F).contains($0) }) else { throw failure("a name of plain characters") }
            return String(decoding: name, as: UTF8.self)
        }

        mutating func truth() throws(Failure) -> Bool {
            if takes("True") { return true }
            if takes("False") { return false }
            throw failure("True or False in the header")
        }

        mutating func lengths(atMost most: Int) throws(Failure) -> [Int] {
            try take("(")
            var lengths: [Int] = []
            while !takes(")") {
                let digits = rest.prefix { (0x30...0x39).contains($0) }
                guard let length = Int(String(decoding: digits, as: UTF8.self)), lengths.count < most else {
                    throw failure("a shape of at most \(most) lengths")
                }
                lengths.append(length)
                rest = rest[digits.endIndex...]
                // Python 2 wrote long integers so.
                _ = takes("L")
                guard takes(",") else {
                    try take(")")
                    break
                }
            }
            return lengths
        }

        func failure(_ expected: String) -> Failure {
            let found = rest.prefix(24).map { (0x20..<0x7F).contains($0) ? Character(Unicode.Scalar($0)) : "?" }
            return Failure(expected: expected, got: rest.isEmpty ? "its end" : "\"\(String(found))\"")
        }
    }
}

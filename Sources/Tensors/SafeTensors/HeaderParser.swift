// The JSON header of a safetensors file, read as strictly as its reference implementation reads it.

/// One tensor as the header declares it.
struct TensorDeclaration: Equatable {
    var dtype = ""
    var shape: [Int] = []
    var begin = 0
    var end = 0
}

/// Parses `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "__metadata__": {"k": "v"}}`.
///
/// A parser of its own since the format forbids duplicate keys, which general JSON decoders let pass.
struct HeaderParser {
    struct Failure: Error { let got: String }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func parse() throws(Failure) -> [String: TensorDeclaration] {
        var tensors: [String: TensorDeclaration] = [:]
        var names: Set<String> = []
        try object { (parser, name) throws(Failure) in
            guard names.insert(name).inserted else { throw Failure(got: "the key \"\(name)\" twice") }
            if name == "__metadata__" {
                var keys: Set<String> = []
                try parser.object { (parser, key) throws(Failure) in
                    guard keys.insert(key).inserted else { throw Failure(got: "the metadata key \"\(key)\" twice") }
                    _ = try parser.string()
                }
            } else {
                tensors[name] = try parser.declaration(of: name)
            }
        }
        skipSpace()
        guard position == bytes.count else { throw Failure(got: "bytes after the header's object") }
        return tensors
    }

    private mutating func declaration(of name: String) throws(Failure) -> TensorDeclaration {
        var declaration = TensorDeclaration()
        var fields: Set<String> = []
        try object { (parser, field) throws(Failure) in
            guard fields.insert(field).inserted else { throw Failure(got: "\"\(field)\" of \"\(name)\" twice") }
            switch field {
            case "dtype": declaration.dtype = try parser.string()
            case "shape": declaration.shape = try parser.integers()
            case "data_offsets":
                let offsets = try parser.integers()
                guard offsets.count == 2 else { throw Failure(got: "\(offsets.count) offsets of \"\(name)\"") }
                (declaration.begin, declaration.end) = (offsets[0], offsets[1])
            default: throw Failure(got: "an unknown field \"\(field)\" of \"\(name)\"")
            }
        }
        guard fields.count == 3 else { throw Failure(got: "\"\(name)\" without dtype, shape or data_offsets") }
        return declaration
    }

    private mutating func object(
        _ member: (inout HeaderParser, String) throws(Failure) -> Void
    ) throws(Failure) {
        try expect("{")
        if accept("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while accept(",")
        try expect("}")
    }

    private mutating func integers() throws(Failure) -> [Int] {
        var numbers: [Int] = []
        try expect("[")
        if accept("]") { return numbers }
        repeat {
            skipSpace()
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
            let digits = String(decoding: bytes[start..<position], as: UTF8.self)
            guard let number = Int(digits), digits == String(number) else {
                throw Failure(got: "no whole number at byte \(start) of the header")
            }
            numbers.append(number)
        } while accept(",")
        try expect("]")
        return numbers
    }

    private mutating func string() throws(Failure) -> String {
        try expect("\"")
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: content, as: UTF8.self) else {
                    throw Failure(got: "a string that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): content += try escape()
            case 0..<0x20: throw Failure(got: "a control character in a string")
            default: content.append(byte)
            }
        }
        throw Failure(got: "a string without an end")
    }

    private mutating func escape() throws(Failure) -> [UInt8] {
        guard position < bytes.count else { throw Failure(got: "a string without an end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "u"):
            var code = try fourHexDigits()
            if (0xd800..<0xdc00).contains(code) {  // the first half of a surrogate pair
                try expect("\\")
                try expect("u")
                let second = try fourHexDigits()
                guard (0xdc00..<0xe000).contains(second) else { throw Failure(got: "a broken \\u escape") }
                code = 0x10000 + (code - 0xd800) << 10 + (second - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw Failure(got: "a broken \\u escape") }
            return Array(String(Character(scalar)).utf8)
        default: throw Failure(got: "an unknown escape in a string")
        }
    }

    private mutating func fourHexDigits() throws(Failure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw Failure(got: "a broken \\u escape")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[position]) { position += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
        let place = position
        guard accept(character) else { throw Failure(got: "no '\(character)' at byte \(place) of the header") }
    }
}

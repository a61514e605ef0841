// The text at the head of a PLY file: its format, its elements, and how an element's rows are laid out.

/// A PLY header.
struct PLYHeader {
    enum Encoding: String { case ascii, littleEndian = "binary_little_endian", bigEndian = "binary_big_endian" }

    struct Property {
        let name: String
        let type: PLYScalar
        /// The type of the count before the values, for a list.
        let listCount: PLYScalar?
    }

    struct Element {
        let name: String
        let count: Int
        var properties: [Property] = []

        /// Bytes of a binary row, or nil when lists make rows differ.
        var rowBytes: Int? {
            properties.contains { $0.listCount != nil } ? nil : properties.reduce(0) { $0 + $1.type.byteCount }
        }

        /// The fewest bytes that a row can take.
        func leastRowBytes(_ encoding: Encoding) -> Int {
            properties.reduce(0) { sum, property in
                // In ascii a value is at least a digit and what parts it from the next.
                sum + (encoding == .ascii ? 2 : (property.listCount ?? property.type).byteCount)
            }
        }
    }

    var encoding: Encoding?
    var elements: [Element] = []

    /// Reads up to and with the `end_header` line.
    init(from reader: CloudByteReader) throws(CloudFileError) {
        reader.skipByteOrderMark()
        reader.skipSpace(acrossLines: false)
        guard try reader.headerLine() == "ply" else {
            throw reader.error(expected: "a PLY file that begins with \"ply\"", got: "something else")
        }
        while true {
            guard let line = try reader.headerLine() else {
                throw reader.error(expected: "a header that ends with \"end_header\"", got: "the end of the file")
            }
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            switch words.first {
            case nil, "comment", "obj_info": continue
            case "format":
                guard words.count == 3, let format = Encoding(rawValue: words[1]), words[2] == "1.0" else {
                    throw reader.error(expected: "format ascii or binary, version 1.0", got: quoted(line))
                }
                encoding = format
            case "element": elements.append(try Self.element(words, line, reader))
            case "property":
                guard !elements.isEmpty else {
                    throw reader.error(expected: "an element before its properties", got: quoted(line))
                }
                let property = try Self.property(words, line, reader)
                elements[elements.count - 1].properties.append(property)
            case "end_header":
                guard encoding != nil else {
                    throw reader.error(expected: "a \"format\" line in the header", got: "none")
                }
                return
            default: throw reader.error(expected: "a line of a PLY header", got: quoted(line))
            }
        }
    }

    private static func element(_ words: [String], _ line: String, _ reader: CloudByteReader) throws(CloudFileError)
        -> Element
    {
        guard words.count == 3, let count = Int(words[2]), count >= 0 else {
            throw reader.error(expected: "\"element NAME COUNT\"", got: quoted(line))
        }
        return Element(name: words[1], count: count)
    }

    private static func property(
        _ words: [String], _ line: String, _ reader: CloudByteReader
    ) throws(CloudFileError) -> Property {
        if words.count == 3, let type = PLYScalar(word: words[1]) {
            return Property(name: words[2], type: type, listCount: nil)
        }
        if words.count == 5, words[1] == "list", let count = PLYScalar(word: words[2]), count.isInteger,
            let type = PLYScalar(word: words[3])
        {
            return Property(name: words[4], type: type, listCount: count)
        }
        throw reader.error(expected: "\"property TYPE NAME\" or \"property list TYPE TYPE NAME\"", got: quoted(line))
    }
}

/// PLY's scalar types, under their old and their new names.
enum PLYScalar {
    case int8, uint8, int16, uint16, int32, uint32, float, double

    init?(word: String) {
        switch word {
        case "char", "int8": self = .int8
        case "uchar", "uint8": self = .uint8
        case "short", "int16": self = .int16
        case "ushort", "uint16": self = .uint16
        case "int", "int32": self = .int32
        case "uint", "uint32": self = .uint32
        case "float", "float32": self = .float
        case "double", "float64": self = .double
        default: return nil
        }
    }

    var byteCount: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float: 4
        case .double: 8
        }
    }

    var isInteger: Bool {
        switch self {
        case .float, .double: false
        default: true
        }
    }

    /// How colours are stored in this type.
    var colourRange: PointGatherer.ColourRange {
        switch self {
        case .int8: .integers(full: 127, isSigned: true)
        case .uint8: .bytes
        case .int16: .integers(full: 32_767, isSigned: true)
        case .uint16: .integers(full: 65_535, isSigned: false)
        case .int32: .integers(full: 0x1p31, isSigned: true)
        case .uint32: .integers(full: 0x1p32, isSigned: false)
        case .float, .double: .floats
        }
    }

    /// Decodes the value at `offset` of a row.
    func value(in row: UnsafeRawBufferPointer, at offset: Int, bigEndian: Bool) -> Double {
        func load<I: FixedWidthInteger>(_ type: I.Type) -> I {
            let bits = row.loadUnaligned(fromByteOffset: offset, as: type)
            return bigEndian ? I(bigEndian: bits) : I(littleEndian: bits)
        }
        return switch self {
        case .int8: Double(load(Int8.self))
        case .uint8: Double(load(UInt8.self))
        case .int16: Double(load(Int16.self))
        case .uint16: Double(load(UInt16.self))
        case .int32: Double(load(Int32.self))
        case .uint32: Double(load(UInt32.self))
        case .float: Double(Float(bitPattern: load(UInt32.self)))
        case .double: Double(bitPattern: load(UInt64.self))
        }
    }
}

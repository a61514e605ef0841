// What a PLY file says that it holds, for people who want to know.

/// What the header of a PLY file says.
public struct PLYSummary: Sendable {
    /// A property of an element.
    public struct Property: Sendable, Encodable, Equatable {
        /// Its name.
        public let name: String
        /// Its type by its short name: "float", "uchar", "list uchar int".
        public let type: String
    }

    /// An element of the header.
    public struct Element: Sendable, Encodable, Equatable {
        /// Its name: "vertex", "face", …
        public let name: String
        /// How many rows it has.
        public let count: Int
        /// What a row holds.
        public let properties: [Property]
    }

    /// "ascii", "binary_little_endian" or "binary_big_endian".
    public let encoding: String
    /// The elements in the header's order.
    public let elements: [Element]

    init(_ header: PLYHeader) {
        encoding = header.encoding?.rawValue ?? ""
        elements = header.elements.map { element in
            Element(
                name: element.name, count: element.count,
                properties: element.properties.map { property in
                    let list = property.listCount.map { "list \($0.name) " } ?? ""
                    return Property(name: property.name, type: list + property.type.name)
                })
        }
    }
}

extension PLYScalar {
    /// The short name of PLY's first description.
    var name: String {
        switch self {
        case .int8: "char"
        case .uint8: "uchar"
        case .int16: "short"
        case .uint16: "ushort"
        case .int32: "int"
        case .uint32: "uint"
        case .float: "float"
        case .double: "double"
        }
    }
}

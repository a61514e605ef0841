// One row of an element after the other, whatever the encoding.

/// Reads rows into the same storage; a list's values are passed over.
struct PLYRowReader {
    private let element: PLYHeader.Element
    private let encoding: PLYHeader.Encoding
    /// The row's values; 0 for a list.
    private(set) var values: [Double]
    private var bytes: [UInt8]
    private let rowBytes: Int?
    private let types: [PLYScalar]
    private let offsets: [Int]

    init(_ element: PLYHeader.Element, _ encoding: PLYHeader.Encoding) {
        self.element = element
        self.encoding = encoding
        rowBytes = element.rowBytes
        types = element.properties.map(\.type)
        values = [Double](repeating: 0, count: element.properties.count)
        bytes = [UInt8](repeating: 0, count: max(8, rowBytes ?? 8))
        var offset = 0
        offsets = element.properties.map { property in
            defer { offset += property.type.byteCount }
            return offset
        }
    }

    /// Reads the next row into ``values``; `index` is for errors.
    mutating func readRow(_ index: Int, _ reader: PLYByteReader) throws(PLYError) {
        if encoding == .ascii {
            try readWords(index, reader)
        } else if let rowBytes {
            guard bytes.withUnsafeMutableBytes({ reader.fill(.init(rebasing: $0[..<rowBytes])) }) else {
                throw ended(index, reader)
            }
            let bigEndian = encoding == .bigEndian
            bytes.withUnsafeBytes { raw in
                for i in values.indices { values[i] = types[i].value(in: raw, at: offsets[i], bigEndian: bigEndian) }
            }
        } else {
            try readLists(index, reader)
        }
    }

    private mutating func readLists(_ index: Int, _ reader: PLYByteReader) throws(PLYError) {
        for (i, property) in element.properties.enumerated() {
            values[i] = try scalar(property.listCount ?? property.type, index, reader)
            guard property.listCount != nil else { continue }
            // A count has at most 32 bits: the product does not overflow.
            guard values[i] >= 0, reader.skip(Int(values[i]) * property.type.byteCount) else {
                throw ended(index, reader)
            }
            values[i] = 0
        }
    }

    private mutating func readWords(_ index: Int, _ reader: PLYByteReader) throws(PLYError) {
        for (i, property) in element.properties.enumerated() {
            values[i] = try number(index, reader)
            guard property.listCount != nil else { continue }
            guard values[i] >= 0, values[i] <= Double(reader.remaining), values[i] == values[i].rounded() else {
                throw ended(index, reader)
            }
            for _ in 0..<Int(values[i]) { _ = try number(index, reader) }
            values[i] = 0
        }
    }

    private mutating func scalar(_ type: PLYScalar, _ index: Int, _ reader: PLYByteReader) throws(PLYError) -> Double {
        guard bytes.withUnsafeMutableBytes({ reader.fill(.init(rebasing: $0[..<type.byteCount])) }) else {
            throw ended(index, reader)
        }
        return bytes.withUnsafeBytes { type.value(in: $0, at: 0, bigEndian: encoding == .bigEndian) }
    }

    private func number(_ index: Int, _ reader: PLYByteReader) throws(PLYError) -> Double {
        do throws(PLYError) {
            if let value = try reader.number() { return value }
        } catch {
            throw reader.error(
                expected: "a number in row \(index) of element \(quoted(element.name))", got: error.got)
        }
        throw ended(index, reader)
    }

    private func ended(_ index: Int, _ reader: PLYByteReader) -> PLYError {
        reader.error(
            expected: "\(element.count) rows of element \(quoted(element.name))",
            got: "\(index) before the end of the file")
    }
}

// One row of an element after the other, whatever the encoding.

/// Reads rows into the same storage; a list's values are passed over, but for those of one list that may be kept.
struct PLYRowReader {
    private let element: PLYHeader.Element
    private let encoding: PLYHeader.Encoding
    /// The row's values; 0 for a list.
    private(set) var values: [Double]
    /// The values of the list that is kept.
    private(set) var kept: [Double] = []
    private let keptList: Int?
    private var bytes: [UInt8]
    private let rowBytes: Int?
    private let types: [PLYScalar]
    private let offsets: [Int]

    /// - Parameters:
    ///   - bits: a float property whose bits are wanted as an integer.
    ///   - list: a list property whose values are kept.
    init(_ element: PLYHeader.Element, _ encoding: PLYHeader.Encoding, bits: Int? = nil, list: Int? = nil) {
        self.element = element
        keptList = list
        self.encoding = encoding
        rowBytes = element.rowBytes
        types = element.properties.enumerated().map { $0 == bits && $1.type == .float ? .uint32 : $1.type }
        values = [Double](repeating: 0, count: element.properties.count)
        bytes = [UInt8](repeating: 0, count: max(8, rowBytes ?? 8))
        var offset = 0
        offsets = element.properties.map { property in
            defer { offset += property.type.byteCount }
            return offset
        }
    }

    /// Reads the next row into ``values``; `index` is for errors.
    mutating func readRow(_ index: Int, _ reader: CloudByteReader) throws(CloudFileError) {
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

    private mutating func readLists(_ index: Int, _ reader: CloudByteReader) throws(CloudFileError) {
        for (i, property) in element.properties.enumerated() {
            values[i] = try scalar(property.listCount ?? property.type, index, reader)
            guard property.listCount != nil else { continue }
            if i == keptList {
                // A list that is longer than the file ends it.
                kept.removeAll(keepingCapacity: true)
                let count = max(0, min(values[i], Double(reader.remaining)))
                guard count == values[i] else { throw ended(index, reader) }
                for _ in 0..<Int(count) { kept.append(try scalar(property.type, index, reader)) }
                values[i] = 0
                continue
            }
            // A count has at most 32 bits: the product does not overflow.
            guard values[i] >= 0, reader.skip(Int(values[i]) * property.type.byteCount) else {
                throw ended(index, reader)
            }
            values[i] = 0
        }
    }

    /// A row of text is a line: what is too much or too little in it is not made up from the next one.
    private mutating func readWords(_ index: Int, _ reader: CloudByteReader) throws(CloudFileError) {
        for (i, property) in element.properties.enumerated() {
            values[i] = try number(index, reader, isFirst: i == 0)
            guard property.listCount != nil else { continue }
            guard values[i] >= 0, values[i] <= Double(reader.remaining), values[i] == values[i].rounded() else {
                throw ended(index, reader)
            }
            if i == keptList { kept.removeAll(keepingCapacity: true) }
            for _ in 0..<Int(values[i]) {
                let value = try number(index, reader, isFirst: false)
                if i == keptList { kept.append(value) }
            }
            values[i] = 0
        }
        guard reader.isAtLineEnd() else { throw unequal(reader, "more") }
    }

    private mutating func scalar(_ type: PLYScalar, _ index: Int, _ reader: CloudByteReader) throws(CloudFileError)
        -> Double
    {
        guard bytes.withUnsafeMutableBytes({ reader.fill(.init(rebasing: $0[..<type.byteCount])) }) else {
            throw ended(index, reader)
        }
        return bytes.withUnsafeBytes { type.value(in: $0, at: 0, bigEndian: encoding == .bigEndian) }
    }

    private func number(
        _ index: Int, _ reader: CloudByteReader, isFirst: Bool
    ) throws(CloudFileError) -> Double {
        do throws(CloudFileError) {
            if let value = try reader.number(acrossLines: isFirst) { return value }
        } catch {
            throw reader.error(
                expected: "a number in row \(index) of element \(quoted(element.name)), line \(reader.line)",
                got: error.got)
        }
        throw isFirst ? ended(index, reader) : unequal(reader, "fewer")
    }

    /// A row of text that is longer or shorter than its element's properties.
    private func unequal(_ reader: CloudByteReader, _ got: String) -> CloudFileError {
        let lists = element.properties.contains { $0.listCount != nil }
        return reader.error(
            expected: "the \(element.properties.count) \(lists ? "properties" : "numbers") of element "
                + "\(quoted(element.name)) in line \(reader.line)", got: got)
    }

    private func ended(_ index: Int, _ reader: CloudByteReader) -> CloudFileError {
        reader.error(
            expected: "\(element.count) rows of element \(quoted(element.name))",
            got: "\(index) before the end of the file")
    }
}

// Reading what other tools write: ascii or binary of either byte order, any scalar types, anything beside vertices.

extension PointCloud {
    /// Reads the vertices of a PLY file.
    ///
    /// Positions are needed (`x y z`, any scalar type). Normals (`nx ny nz`), colours (`red green blue`, `r g b` or
    /// `diffuse_red …`; integers are scaled from their type's range, floats from 0...1) and `object` are taken when
    /// there. Other properties and elements are passed over, and rows are read one by one: a header that promises more
    /// than the file can hold is refused before anything is allocated for it.
    ///
    /// - Throws: ``PLYError``, which names the file, what was expected and what was got.
    public init(readingPLY path: String) throws(PLYError) {
        let reader = try PLYByteReader(path: path)
        let header = try PLYHeader(from: reader)
        guard let encoding = header.encoding,
            let vertexElement = header.elements.firstIndex(where: { $0.name == "vertex" })
        else {
            throw reader.error(expected: "an element \"vertex\"", got: "none in the header")
        }
        for element in header.elements[..<vertexElement] {
            try skipRows(of: element, encoding, reader)
        }
        self = try readVertices(header.elements[vertexElement], encoding, reader)
    }
}

/// Which properties of a vertex row are wanted, and how they become a point.
private struct VertexLayout {
    let position: [Int]
    let normal: [Int]?
    let colour: [Int]?
    let object: Int?
    let colourScale: Double

    init(_ element: PLYHeader.Element, _ reader: PLYByteReader) throws(PLYError) {
        func indices(_ names: [String]) -> [Int]? {
            let found = names.compactMap { name in
                element.properties.firstIndex { $0.name == name && $0.listCount == nil }
            }
            return found.count == names.count ? found : nil
        }
        guard let position = indices(["x", "y", "z"]) else {
            throw reader.error(expected: "vertex properties x, y and z", got: "a header without them")
        }
        self.position = position
        normal = indices(["nx", "ny", "nz"]) ?? indices(["normal_x", "normal_y", "normal_z"])
        colour =
            indices(["red", "green", "blue"]) ?? indices(["r", "g", "b"])
            ?? indices(["diffuse_red", "diffuse_green", "diffuse_blue"])
        object = indices(["object"])?.first
        colourScale = colour.map { 255 / element.properties[$0[0]].type.fullIntensity } ?? 1
    }
}

private func readVertices(
    _ element: PLYHeader.Element, _ encoding: PLYHeader.Encoding, _ reader: PLYByteReader
) throws(PLYError) -> PointCloud {
    let layout = try VertexLayout(element, reader)
    let least = element.leastRowBytes(encoding)
    // The last ascii value needs nothing after it.
    let (bytes, overflow) = element.count.multipliedReportingOverflow(by: least)
    guard !overflow, bytes <= reader.remaining + 1 else {
        throw reader.error(
            expected: "\(element.count) vertices of at least \(least) bytes", got: "\(reader.remaining) bytes")
    }
    var positions: [SIMD3<Float>] = []
    var normals: [SIMD3<Float>] = []
    var colours: [SIMD3<UInt8>] = []
    var objects: [UInt8] = []
    positions.reserveCapacity(element.count)
    var rows = RowReader(element, encoding)
    for index in 0..<element.count {
        try rows.readRow(index, reader)
        let row = rows.values
        func vector(_ at: [Int]) -> SIMD3<Float> { SIMD3(Float(row[at[0]]), Float(row[at[1]]), Float(row[at[2]])) }
        let position = vector(layout.position)
        guard position.x.isFinite, position.y.isFinite, position.z.isFinite else {
            throw reader.error(expected: "finite positions", got: "\(position) at vertex \(index)")
        }
        positions.append(position)
        if let normal = layout.normal { normals.append(vector(normal)) }
        if let colour = layout.colour {
            let byte = { (at: Int) in UInt8((row[at] * layout.colourScale).clampedToByte) }
            colours.append(SIMD3(byte(colour[0]), byte(colour[1]), byte(colour[2])))
        }
        if let object = layout.object { objects.append(UInt8(row[object].clampedToByte)) }
    }
    return PointCloud(
        positions: positions, normals: layout.normal == nil ? nil : normals,
        colours: layout.colour == nil ? nil : colours, objects: layout.object == nil ? nil : objects)
}

private func skipRows(
    of element: PLYHeader.Element, _ encoding: PLYHeader.Encoding, _ reader: PLYByteReader
) throws(PLYError) {
    guard !element.properties.isEmpty else { return }
    if encoding != .ascii, let rowBytes = element.rowBytes {
        let (bytes, overflow) = element.count.multipliedReportingOverflow(by: rowBytes)
        guard !overflow, reader.skip(bytes) else {
            throw reader.error(
                expected: "\(element.count) rows of element \(element.name)", got: "\(reader.remaining) bytes")
        }
        return
    }
    var rows = RowReader(element, encoding)
    for index in 0..<element.count { try rows.readRow(index, reader) }
}

/// Reads one row after the other into the same storage; a list's values are passed over.
private struct RowReader {
    let element: PLYHeader.Element
    let encoding: PLYHeader.Encoding
    /// The row's values; 0 for a list.
    private(set) var values: [Double]
    private var bytes: [UInt8]
    private let offsets: [Int]

    init(_ element: PLYHeader.Element, _ encoding: PLYHeader.Encoding) {
        self.element = element
        self.encoding = encoding
        values = [Double](repeating: 0, count: element.properties.count)
        bytes = [UInt8](repeating: 0, count: max(8, element.rowBytes ?? 8))
        var offset = 0
        offsets = element.properties.map { property in
            defer { offset += property.type.byteCount }
            return offset
        }
    }

    mutating func readRow(_ index: Int, _ reader: PLYByteReader) throws(PLYError) {
        if encoding == .ascii {
            try readWords(index, reader)
        } else if let rowBytes = element.rowBytes {
            guard bytes.withUnsafeMutableBytes({ reader.fill(.init(rebasing: $0[..<rowBytes])) }) else {
                throw ended(index, reader)
            }
            bytes.withUnsafeBytes { raw in
                for (i, property) in element.properties.enumerated() {
                    values[i] = property.type.value(in: raw, at: offsets[i], bigEndian: encoding == .bigEndian)
                }
            }
        } else {
            for (i, property) in element.properties.enumerated() {
                values[i] = try scalar(property.listCount ?? property.type, index, reader)
                guard property.listCount != nil else { continue }
                guard values[i] >= 0, reader.skip(Int(values[i]) * property.type.byteCount) else {
                    throw ended(index, reader)
                }
                values[i] = 0
            }
        }
    }

    private mutating func scalar(_ type: PLYScalar, _ index: Int, _ reader: PLYByteReader) throws(PLYError) -> Double {
        guard bytes.withUnsafeMutableBytes({ reader.fill(.init(rebasing: $0[..<type.byteCount])) }) else {
            throw ended(index, reader)
        }
        return bytes.withUnsafeBytes { type.value(in: $0, at: 0, bigEndian: encoding == .bigEndian) }
    }

    private mutating func readWords(_ index: Int, _ reader: PLYByteReader) throws(PLYError) {
        for (i, property) in element.properties.enumerated() {
            values[i] = try number(index, reader)
            guard property.listCount != nil else { continue }
            guard values[i] >= 0, values[i] <= Double(reader.remaining) else { throw ended(index, reader) }
            for _ in 0..<Int(values[i]) { _ = try number(index, reader) }
            values[i] = 0
        }
    }

    private func number(_ index: Int, _ reader: PLYByteReader) throws(PLYError) -> Double {
        guard let word = try reader.word() else { throw ended(index, reader) }
        guard let value = Double(word) else {
            throw reader.error(
                expected: "a number in row \(index) of element \(element.name)", got: quoted(word))
        }
        return value
    }

    private func ended(_ index: Int, _ reader: PLYByteReader) -> PLYError {
        reader.error(
            expected: "\(element.count) rows of element \(element.name)", got: "\(index) before the end of the file")
    }
}

extension Double {
    /// Rounded and clamped to 0...255; NaN is 0.
    fileprivate var clampedToByte: Double {
        isNaN ? 0 : Swift.min(255, Swift.max(0, rounded()))
    }
}

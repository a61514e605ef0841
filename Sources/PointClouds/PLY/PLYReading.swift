// Reading what other tools write: ascii or binary of either byte order, any scalar types, anything beside vertices.

extension PointCloud {
    /// Reads the vertices of a PLY file.
    ///
    /// Positions are needed (`x y z`, any scalar type). Normals (`nx ny nz`), colours (`red green blue`, `r g b` or
    /// `diffuse_red …`; integers are scaled from their type's range, floats from 0...1) and `object` are taken when
    /// there; a normal that is no number becomes zero. Other properties and elements are passed over, and rows are
    /// read one by one: a header that promises more than the file can hold is refused before anything is allocated.
    ///
    /// - Throws: ``PLYError``, which names the file, what was expected and what was got.
    public init(readingPLY path: String) throws(PLYError) {
        let reader = try PLYByteReader(path: path)
        let header = try PLYHeader(from: reader)
        self = try readPoints(header, reader)
    }
}

/// The vertices of a file whose header has been read.
func readPoints(_ header: PLYHeader, _ reader: PLYByteReader) throws(PLYError) -> PointCloud {
    guard let encoding = header.encoding,
        let vertexElement = header.elements.firstIndex(where: { $0.name == "vertex" })
    else {
        throw reader.error(expected: "an element \"vertex\"", got: "none in the header")
    }
    let layout = try VertexLayout(header.elements[vertexElement], reader)
    try refuseLies(header.elements, encoding, reader)
    for element in header.elements[..<vertexElement] {
        try skipRows(of: element, encoding, reader)
    }
    return try readVertices(header.elements[vertexElement], layout, encoding, reader)
}

/// Refuses a header whose rows, at their shortest, do not fit into the rest of the file.
private func refuseLies(
    _ elements: [PLYHeader.Element], _ encoding: PLYHeader.Encoding, _ reader: PLYByteReader
) throws(PLYError) {
    // The last ascii value needs nothing after it.
    var left = reader.remaining + (encoding == .ascii ? 1 : 0)
    for element in elements {
        let least = element.leastRowBytes(encoding)
        let (bytes, overflow) = element.count.multipliedReportingOverflow(by: least)
        guard !overflow, bytes <= left else {
            throw reader.error(
                expected: "\(element.count) rows of element \(quoted(element.name)), \(least) bytes or more each",
                got: "\(reader.remaining) bytes")
        }
        left -= bytes
    }
}

/// Which properties of a vertex row are wanted, and how they become a point.
private struct VertexLayout {
    let position: [Int]
    let normal: [Int]?
    let colour: [Int]?
    let object: Int?
    /// What makes a stored colour one of 0...255, channel by channel.
    let colourScales: [Double]

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
        colourScales = (colour ?? []).map { 255 / element.properties[$0].type.fullIntensity }
    }
}

private func readVertices(
    _ element: PLYHeader.Element, _ layout: VertexLayout, _ encoding: PLYHeader.Encoding, _ reader: PLYByteReader
) throws(PLYError) -> PointCloud {
    var positions: [SIMD3<Float>] = []
    var normals: [SIMD3<Float>] = []
    var colours: [SIMD3<UInt8>] = []
    var objects: [UInt8] = []
    positions.reserveCapacity(element.count)
    if layout.normal != nil { normals.reserveCapacity(element.count) }
    if layout.colour != nil { colours.reserveCapacity(element.count) }
    if layout.object != nil { objects.reserveCapacity(element.count) }
    var rows = PLYRowReader(element, encoding)
    for index in 0..<element.count {
        try rows.readRow(index, reader)
        func vector(_ at: [Int]) -> SIMD3<Float> {
            SIMD3(Float(rows.values[at[0]]), Float(rows.values[at[1]]), Float(rows.values[at[2]]))
        }
        let position = vector(layout.position)
        guard position.isFinite else {
            throw reader.error(expected: "finite positions", got: "\(position) at vertex \(index)")
        }
        positions.append(position)
        if let normal = layout.normal {
            let vector = vector(normal)
            normals.append(vector.isFinite ? vector : .zero)
        }
        if let colour = layout.colour {
            func byte(_ channel: Int) -> UInt8 {
                UInt8((rows.values[colour[channel]] * layout.colourScales[channel]).clampedToByte)
            }
            colours.append(SIMD3(byte(0), byte(1), byte(2)))
        }
        if let object = layout.object { objects.append(UInt8(rows.values[object].clampedToByte)) }
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
        // That they fit was seen before.
        guard reader.skip(element.count * rowBytes) else {
            throw reader.error(expected: "\(element.count) rows of element \(quoted(element.name))", got: "fewer")
        }
        return
    }
    var rows = PLYRowReader(element, encoding)
    for index in 0..<element.count { try rows.readRow(index, reader) }
}

extension SIMD3<Float> {
    fileprivate var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}

extension Double {
    /// Rounded and clamped to 0...255; NaN is 0.
    fileprivate var clampedToByte: Double {
        isNaN ? 0 : Swift.min(255, Swift.max(0, rounded()))
    }
}

// Reading what other tools write: ascii or binary of either byte order, any scalar types, anything beside vertices.

/// The vertices of a PLY file whose header has been read; rows are read one by one, and a header that promises more
/// than the file can hold is refused before anything is allocated.
func readPLYPoints(
    _ header: PLYHeader, _ reader: CloudByteReader, _ sampling: SurfaceSampling?, _ findings: inout [CloudFinding]
) throws(CloudFileError) -> PointsOrSurface {
    guard let encoding = header.encoding,
        let vertexElement = header.elements.firstIndex(where: { $0.name == "vertex" })
    else {
        throw reader.error(expected: "an element \"vertex\"", got: "none in the header")
    }
    let element = header.elements[vertexElement]
    let names = element.properties.map { $0.listCount == nil ? $0.name : nil }
    guard let columns = PointColumns(names: names) else {
        throw reader.error(expected: "vertex properties x, y and z", got: "a header without them")
    }
    try refuseLies(header.elements, encoding, reader)
    if encoding == .ascii { reader.skipByteOrderMark() }
    var faces: PLYFaces?
    func read(_ element: PLYHeader.Element) throws(CloudFileError) {
        if faces == nil, let found = try PLYFaces(element, encoding, reader) {
            faces = found
        } else {
            try skipRows(of: element, encoding, reader)
        }
    }
    for element in header.elements[..<vertexElement] { try read(element) }
    let hasFaces = header.elements.contains { PLYFaces.list(of: $0) != nil && $0.count > 0 }
    let vertices = try readVertices(element, columns, encoding, reader, keepsCorners: hasFaces, &findings)
    for element in header.elements[(vertexElement + 1)...] { try read(element) }
    try refuseMore(after: header.elements, encoding, reader)

    let unread = element.properties.indices.filter { !columns.read.contains($0) }
    if !unread.isEmpty { findings.append(.columnsNotRead(unread.map { element.properties[$0].name })) }
    let others = header.elements.filter {
        $0.name != "vertex" && $0.count > 0 && !$0.properties.isEmpty && PLYFaces.list(of: $0) == nil
    }
    if !others.isEmpty { findings.append(.notRead(others.map(\.name))) }
    let surface = try faces?.surface(vertices.corners, vertices.objects, reader)
    var points = vertices.points
    if let sampling, let surface {
        var drawn = PointGatherer()
        if surface.draw(sampling, into: &drawn) {
            findings.append(.surfaceSampled(points: drawn.count, triangles: surface.count))
            points = drawn
        }
    }
    guard let cloud = points.cloud(colours: vertices.range, &findings) else {
        throw reader.error(expected: "positions that lie less than 3e38 apart", got: "more")
    }
    return PointsOrSurface(cloud: cloud, surface: surface)
}

/// What an element's rows hold.
private struct PLYVertices {
    var points = PointGatherer()
    var range = PointGatherer.ColourRange.bytes
    /// Every row as the corner of faces, where there are any, and its object.
    var corners: [TriangleSurface.Corner] = []
    var objects: [UInt8] = []
}

/// Refuses a header whose rows, at their shortest, do not fit into the rest of the file.
private func refuseLies(
    _ elements: [PLYHeader.Element], _ encoding: PLYHeader.Encoding, _ reader: CloudByteReader
) throws(CloudFileError) {
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

/// Refuses a file that goes on after the last row: its header does not say what it holds.
private func refuseMore(
    after elements: [PLYHeader.Element], _ encoding: PLYHeader.Encoding, _ reader: CloudByteReader
) throws(CloudFileError) {
    // Space and zeros are what transfers and editors leave at an end.
    if encoding == .ascii { reader.skipSpace(acrossLines: true) }
    let left = reader.remaining
    while let byte = reader.byte() {
        guard byte <= 0x20, encoding == .ascii || byte == 0 || byte >= 9 && byte <= 13 || byte == 0x20 else {
            throw reader.error(
                expected: "the end of the file after the \(elements.reduce(0) { $0 &+ $1.count }) rows of its header",
                got: encoding == .ascii ? "more in line \(reader.line)" : "\(left) bytes more")
        }
    }
}

private func readVertices(
    _ element: PLYHeader.Element, _ columns: PointColumns, _ encoding: PLYHeader.Encoding, _ reader: CloudByteReader,
    keepsCorners: Bool, _ findings: inout [CloudFinding]
) throws(CloudFileError) -> PLYVertices {
    var vertices = PLYVertices()
    vertices.points.reserve(element.count)
    var (bits, packedFloat) = (nil as Int?, false)
    switch columns.colour {
    case .channels(let channels):
        let types = Set(channels.map { element.properties[$0].type })
        vertices.range = types.count == 1 ? element.properties[channels[0]].type.colourRange : .floats
    case .packed(let column):
        // The bits of a float may be those of no number, which arithmetic would change.
        packedFloat = element.properties[column].type == .float
        bits = packedFloat && encoding != .ascii ? column : nil
    case .harmonics: findings.append(.coloursFromHarmonics)
    case nil: break
    }
    var rows = PLYRowReader(element, encoding, bits: bits)
    for index in 0..<element.count {
        try rows.readRow(index, reader)
        let values = rows.values
        func vector(_ at: [Int]) -> SIMD3<Double> { SIMD3(values[at[0]], values[at[1]], values[at[2]]) }
        let (position, object) = (vector(columns.position), columns.object.map { values[$0].clampedToByte } ?? 0)
        let colour = columns.storedColour(values, bits: packedFloat && bits == nil)
        vertices.points.append(
            position, normal: columns.normal.map { SIMD3<Float>(vector($0)) }, colour: colour, object: object)
        guard keepsCorners else { continue }
        vertices.corners.append(.init(position: position, colour: colour))
        vertices.objects.append(object)
    }
    return vertices
}

private func skipRows(
    of element: PLYHeader.Element, _ encoding: PLYHeader.Encoding, _ reader: CloudByteReader
) throws(CloudFileError) {
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

extension Double {
    /// Rounded and clamped to 0...255; NaN is 0.
    fileprivate var clampedToByte: UInt8 {
        isNaN ? 0 : UInt8(Swift.min(255, Swift.max(0, rounded())))
    }
}

// Binary glTF 2.0: points, and points drawn from triangles, in the places that the nodes give them.

/// Reads a GLB file; glTF's y is up, so (x, y, z) becomes (x, -z, y).
func readGLB(_ reader: CloudByteReader, _ findings: inout [CloudFinding]) throws(CloudFileError) -> PointCloud {
    let (document, binary) = try readChunks(reader)
    let known: Set = ["KHR_materials_unlit", "KHR_mesh_quantization", "KHR_texture_transform"]
    if let other = document.extensionsRequired?.first(where: { !known.contains($0) }) {
        throw reader.error(.unsupported, expected: "a GLB file without extensions", got: quoted(other))
    }
    var scene = GLBScene(document: document, binary: binary)
    do throws(GLBFault) {
        try scene.readNodes()
    } catch {
        throw reader.error(error.reason, expected: error.expected, got: error.got)
    }
    guard let cloud = scene.cloud(&findings) else {
        throw reader.error(expected: "positions that lie less than 3e38 apart", got: "more")
    }
    return cloud
}

/// The JSON and the data of a file.
private func readChunks(_ reader: CloudByteReader) throws(CloudFileError) -> (GLTFDocument, [UInt8]) {
    func number() -> Int? {
        reader.bytes(4).map { $0.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) } }
    }
    let size = reader.remaining
    guard reader.bytes(4) == Array("glTF".utf8), let version = number(), let length = number() else {
        throw reader.error(expected: "a GLB file that begins with \"glTF\"", got: "something else")
    }
    guard version == 2 else { throw reader.error(.unsupported, expected: "glTF 2.0", got: "version \(version)") }
    guard length == size else { throw reader.error(expected: "\(length) bytes, as its header says", got: "\(size)") }
    guard let textLength = number(), reader.bytes(4) == Array("JSON".utf8), let text = reader.bytes(textLength) else {
        throw reader.error(expected: "a chunk of JSON", got: "none that fits into the file")
    }
    guard let document = GLTFDocument(json: text) else {
        throw reader.error(expected: "JSON as glTF 2.0 has it", got: "something else")
    }
    guard reader.remaining > 0 else { return (document, []) }
    guard let dataLength = number(), reader.bytes(4) == Array("BIN\0".utf8), let data = reader.bytes(dataLength) else {
        throw reader.error(expected: "a chunk of data", got: "none that fits into the file")
    }
    return (document, data)
}

/// What is wrong with a file.
private struct GLBFault: Error {
    var reason = CloudFileError.Reason.damaged
    let expected: String
    let got: String
}

/// A scene on its way to a cloud.
private struct GLBScene {
    let document: GLTFDocument
    let binary: [UInt8]
    private var points = PointGatherer()
    private var surface = TriangleSurface()
    private var unread: [String] = []
    /// Points and corners read so far.
    private var used = 0

    /// Meshes may stand in many places and share their data, so a small file can ask for any number of points.
    private static let mostPoints = 20_000_000

    init(document: GLTFDocument, binary: [UInt8]) { (self.document, self.binary) = (document, binary) }

    /// Reads every mesh in every place where a node of the scene puts it.
    mutating func readNodes() throws(GLBFault) {
        let nodes = document.nodes ?? []
        let scene = try document.scenes.map { scenes throws(GLBFault) in
            try element(document.scene ?? 0, of: scenes, "scene")
        }
        // Without a scene, every node that is not another's child is shown.
        let children = Set(nodes.flatMap { $0.children ?? [] })
        let roots = scene.map { $0.nodes ?? [] } ?? nodes.indices.filter { !children.contains($0) }
        var waiting = roots.reversed().map { (node: $0, parent: GLTFPlacement()) }
        var seen = Set<Int>()
        while let (index, parent) = waiting.popLast() {
            let node = try element(index, of: nodes, "node")
            guard seen.insert(index).inserted else {
                throw GLBFault(expected: "nodes that form a tree", got: "node \(index) twice")
            }
            guard let own = GLTFPlacement(node) else {
                throw GLBFault(expected: "a matrix, or translation, rotation and scale", got: "others in node \(index)")
            }
            let place = own.inside(parent)
            if let mesh = node.mesh {
                let mesh = try element(mesh, of: document.meshes ?? [], "mesh")
                let object = objectNumber(node.name) ?? objectNumber(mesh.name) ?? 0
                for primitive in mesh.primitives { try read(primitive, place, object: object) }
            }
            waiting += (node.children ?? []).reversed().map { ($0, place) }
        }
    }

    /// "object 3", as this package names them.
    private func objectNumber(_ name: String?) -> UInt8? {
        name.flatMap { $0.hasPrefix("object ") ? UInt8($0.dropFirst(7)) : nil }
    }

    func cloud(_ findings: inout [CloudFinding]) -> PointCloud? {
        var points = points
        if surface.count > 0 {
            let before = points.count
            if surface.draw(into: &points) {
                findings.append(.surfaceSampled(points: points.count - before, triangles: surface.count))
            }
        }
        if !unread.isEmpty { findings.append(.notRead(unread)) }
        return points.cloud(colours: .bytes, &findings)
    }

    private mutating func read(
        _ primitive: GLTFDocument.Primitive, _ place: GLTFPlacement, object: UInt8
    ) throws(GLBFault) {
        guard let position = primitive.attributes["POSITION"] else { return }
        let mode = primitive.mode ?? 4
        guard mode == 0 || (4...6).contains(mode) else {
            note("lines")
            return
        }
        let places = try vectors(position, "POSITION")
        let colours = try colours(of: primitive, count: places.count)
        let order = try primitive.indices.map { index throws(GLBFault) in try indices(index, below: places.count) }
        guard mode == 0 else {
            let corners = places.indices.map {
                TriangleSurface.Corner(position: zUp(place.point(places[$0])), colour: colours?[$0])
            }
            let order = order ?? Array(places.indices)
            try use(order.count)
            for triangle in triangles(order.count, mode) {
                surface.append(
                    corners[order[triangle.0]], corners[order[triangle.1]], corners[order[triangle.2]], object: object)
            }
            return
        }
        let normals = try primitive.attributes["NORMAL"].map { index throws(GLBFault) in try vectors(index, "NORMAL") }
        guard normals.map({ $0.count == places.count }) ?? true else {
            throw GLBFault(expected: "a normal per position", got: "others")
        }
        for index in order ?? Array(places.indices) {
            let normal = normals.map { SIMD3<Float>(zUp(place.normal($0[index]))).normalized(or: .zero) }
            points.append(zUp(place.point(places[index])), normal: normal, colour: colours?[index], object: object)
        }
    }

    /// The corners of triangles, of strips or of fans.
    private func triangles(_ count: Int, _ mode: Int) -> [(Int, Int, Int)] {
        guard count >= 3 else { return [] }
        switch mode {
        case 4: return stride(from: 0, to: count - 2, by: 3).map { ($0, $0 + 1, $0 + 2) }
        case 5: return (0..<count - 2).map { $0 % 2 == 0 ? ($0, $0 + 1, $0 + 2) : ($0 + 1, $0, $0 + 2) }
        default: return (1..<count - 1).map { (0, $0, $0 + 1) }
        }
    }

    /// Colours from 0 to 255 as sRGB: those of the corners times the material's; nil where neither says any.
    private mutating func colours(
        of primitive: GLTFDocument.Primitive, count: Int
    ) throws(GLBFault) -> [SIMD3<Float>]? {
        let material = try primitive.material.map { index throws(GLBFault) in
            try element(index, of: document.materials ?? [], "material")
        }
        if material?.pbrMetallicRoughness?.baseColorTexture != nil { note("textures") }
        let factor = material?.pbrMetallicRoughness?.baseColorFactor
        guard factor.map({ $0.count == 4 }) ?? true else {
            throw GLBFault(expected: "a base colour of four numbers", got: "others")
        }
        let tint = factor.map { SIMD3<Float>(SIMD3($0[0], $0[1], $0[2])) }
        func stored(_ light: SIMD3<Float>) -> SIMD3<Float> {
            SIMD3<Float>(encoded(light.isNumber ? light : .zero))
        }
        guard let index = primitive.attributes["COLOR_0"] else {
            return tint.map { [SIMD3<Float>](repeating: stored($0), count: count) }
        }
        let light = try vectors(index, "COLOR_0")
        guard light.count == count else { throw GLBFault(expected: "a colour per position", got: "others") }
        return light.map { stored(SIMD3<Float>($0) * (tint ?? .one)) }
    }

    private mutating func note(_ name: String) {
        if !unread.contains(name) { unread.append(name) }
    }

    private mutating func use(_ count: Int) throws(GLBFault) {
        used += count
        guard used <= Self.mostPoints else {
            throw GLBFault(
                reason: .unsupported, expected: "at most \(Self.mostPoints) points and corners in all places",
                got: "more")
        }
    }

    /// The first three components of every element.
    private mutating func vectors(_ index: Int, _ name: String) throws(GLBFault) -> [SIMD3<Double>] {
        let accessor = try element(index, of: document.accessors ?? [], "accessor")
        guard let components = ["VEC3": 3, "VEC4": 4][accessor.type], components == 3 || name == "COLOR_0" else {
            throw GLBFault(expected: "\(name) of VEC3", got: quoted(accessor.type))
        }
        let isScaled = accessor.normalized ?? false || name == "COLOR_0"
        let layout = try layout(accessor, components: components)
        try use(layout.count)
        return binary.withUnsafeBytes { raw in
            (0..<layout.count).map { row in
                func value(_ component: Int) -> Double {
                    let offset = layout.start + row * layout.stride + component * layout.type.byteCount
                    let value = layout.type.value(in: raw, at: offset, bigEndian: false)
                    return isScaled ? max(-1, value / layout.type.unit) : value
                }
                return SIMD3(value(0), value(1), value(2))
            }
        }
    }

    /// Indices of corners, all of them below `limit`.
    private mutating func indices(_ index: Int, below limit: Int) throws(GLBFault) -> [Int] {
        let accessor = try element(index, of: document.accessors ?? [], "accessor")
        let layout = try layout(accessor, components: 1)
        guard accessor.type == "SCALAR", [.uint8, .uint16, .uint32].contains(layout.type) else {
            throw GLBFault(expected: "indices of whole numbers", got: quoted(accessor.type))
        }
        try use(layout.count)
        let indices = binary.withUnsafeBytes { raw in
            (0..<layout.count).map {
                Int(layout.type.value(in: raw, at: layout.start + $0 * layout.stride, bigEndian: false))
            }
        }
        guard indices.allSatisfy({ $0 < limit }) else {
            throw GLBFault(expected: "indices below \(limit)", got: "\(indices.max() ?? 0)")
        }
        return indices
    }

    /// Where an accessor's elements lie, all of them inside the data.
    private func layout(
        _ accessor: GLTFDocument.Accessor, components: Int
    ) throws(GLBFault) -> (type: PLYScalar, start: Int, stride: Int, count: Int) {
        let types: [Int: PLYScalar] = [
            5120: .int8, 5121: .uint8, 5122: .int16, 5123: .uint16, 5125: .uint32, 5126: .float,
        ]
        guard let type = types[accessor.componentType] else {
            throw GLBFault(expected: "a component type of glTF", got: "\(accessor.componentType)")
        }
        guard accessor.sparse == nil, let viewIndex = accessor.bufferView else {
            throw GLBFault(reason: .unsupported, expected: "an accessor with a bufferView", got: "a sparse one")
        }
        let view = try element(viewIndex, of: document.bufferViews ?? [], "bufferView")
        let buffer = try element(view.buffer, of: document.buffers ?? [], "buffer")
        guard view.buffer == 0, buffer.uri == nil else {
            throw GLBFault(reason: .unsupported, expected: "data inside the file", got: "another file's")
        }
        let size = components * type.byteCount
        let (offset, start, stride) = (view.byteOffset ?? 0, accessor.byteOffset ?? 0, view.byteStride ?? size)
        let sizes = [offset, start, view.byteLength, accessor.count]
        guard sizes.allSatisfy({ 0...binary.count ~= $0 }), stride >= size, stride <= 252 || stride == size,
            accessor.count == 0 || start + (accessor.count - 1) * stride + size <= view.byteLength,
            offset + view.byteLength <= binary.count
        else {
            throw GLBFault(expected: "an accessor inside the data of \(binary.count) bytes", got: "one beyond it")
        }
        return (type, offset + start, stride, accessor.count)
    }

    private func element<Element>(_ index: Int, of list: [Element], _ name: String) throws(GLBFault) -> Element {
        guard list.indices.contains(index) else {
            throw GLBFault(expected: "a \(name) below \(list.count)", got: "\(index)")
        }
        return list[index]
    }
}

private func zUp(_ v: SIMD3<Double>) -> SIMD3<Double> { SIMD3(v.x, -v.z, v.y) }

extension PLYScalar {
    /// What stands for 1 in a normalized accessor.
    fileprivate var unit: Double {
        switch self {
        case .int8: 127
        case .uint8: 255
        case .int16: 32_767
        case .uint16: 65_535
        case .int32, .uint32, .float, .double: 1
        }
    }
}

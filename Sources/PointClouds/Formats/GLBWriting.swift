// Binary glTF 2.0 (Khronos, "glTF 2.0 Specification", sections 3 and 4): a mesh of POINTS for every object.

extension PointCloud {
    /// The whole file in memory.
    ///
    /// glTF's y is up and its front looks along +z: (x, y, z) becomes (x, z, -y). Its vertex colours are linear
    /// light, ours are sRGB: they are converted, as floats, which keeps every byte apart.
    func glbBytes() -> [UInt8] {
        let groups = pointsByObject
        let order = groups.flatMap(\.points)
        let places = order.map { yUp(positions[$0]) }
        let directions = normals.map { normals in
            // Only unit vectors are valid.
            order.map { yUp(normals[$0].normalized()).normalized() }
        }
        let light = order.map { decoded(writtenColour($0)) }
        var binary: [UInt8] = []
        binary.reserveCapacity(order.count * 36)
        for section in [places, directions ?? [], light] { appendFloats(section, to: &binary) }

        let json = GLTFText(
            places: places, groups: groups.map { ($0.object, $0.points.count) }, hasNormals: normals != nil,
            origin: origin
        ).json
        return glbFile(json: json, binary: binary)
    }
}

/// The JSON of a file whose buffer holds all positions, then all normals, then all colours.
private struct GLTFText {
    let places: [Vector]
    let groups: [(object: UInt8, count: Int)]
    let hasNormals: Bool
    let origin: SIMD3<Double>

    var json: String {
        let asset = #""asset":{"version":"2.0","generator":"Sonoform"}"#
        guard !groups.isEmpty else { return #"{\#(asset),"scene":0,"scenes":[{"name":"empty"}]}"# }
        // The data are floats; a node's place is a double.
        let moved = origin == .zero ? "" : #","translation":[\#(origin.x),\#(origin.z),\#(-origin.y)]"#
        let nodes = groups.indices.map { #"{"name":"object \#(groups[$0].object)","mesh":\#($0)\#(moved)}"# }
        // Metal, which is the default, would be black where nothing is mirrored in it.
        let material = #"{"name":"points","pbrMetallicRoughness":{"metallicFactor":0,"roughnessFactor":1}}"#
        return """
            {\(asset),"scene":0,"scenes":[{"nodes":\(Array(groups.indices))}],"nodes":\(list(nodes)),\
            "meshes":\(list(groups.indices.map(mesh))),"materials":[\(material)],\
            "accessors":\(list(accessors)),"bufferViews":\(list(views)),\
            "buffers":[{"byteLength":\(sections * sectionBytes)}]}
            """
    }

    private var sections: Int { hasNormals ? 3 : 2 }
    private var sectionBytes: Int { 12 * places.count }

    private func mesh(_ i: Int) -> String {
        let first = i * sections
        let normal = hasNormals ? #","NORMAL":\#(first + 1)"# : ""
        let attributes = #"{"POSITION":\#(first)\#(normal),"COLOR_0":\#(first + sections - 1)}"#
        return
            #"{"name":"object \#(groups[i].object)","primitives":[{"mode":0,"material":0,"attributes":\#(attributes)}]}"#
    }

    private var accessors: [String] {
        var start = 0
        return groups.flatMap { _, count -> [String] in
            let bounds = PointCloud(positions: Array(places[start..<start + count])).bounds
            let shared = #""byteOffset":\#(12 * start),"componentType":5126,"count":\#(count),"type":"VEC3""#
            start += count
            guard let bounds else { return [] }
            let position = #"{"bufferView":0,\#(shared),"min":\#(array(bounds.lower)),"max":\#(array(bounds.upper))}"#
            return [position] + (1..<sections).map { #"{"bufferView":\#($0),\#(shared)}"# }
        }
    }

    private var views: [String] {
        (0..<sections).map {
            #"{"buffer":0,"byteOffset":\#($0 * sectionBytes),"byteLength":\#(sectionBytes),"byteStride":12,"target":34962}"#
        }
    }

    private func list(_ items: [String]) -> String { "[\(items.joined(separator: ","))]" }

    private func array(_ vector: Vector) -> String { "[\(vector.x),\(vector.y),\(vector.z)]" }
}

private func yUp(_ v: Vector) -> Vector { Vector(v.x, v.z, -v.y) }

private func appendFloats(_ vectors: [Vector], to bytes: inout [UInt8]) {
    for vector in vectors {
        for axis in 0..<3 { withUnsafeBytes(of: vector[axis].bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    }
}

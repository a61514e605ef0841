// Surfaces as binary glTF 2.0 (Khronos, "glTF 2.0 Specification", sections 3 and 4).

import Surfaces

extension MeshScene {
    /// The whole file in memory: a node for every object, under its name.
    ///
    /// glTF's y is up and its front looks along +z: (x, y, z) becomes (x, z, -y). Its vertex colours are linear light,
    /// ours are sRGB.
    func glbBytes() -> [UInt8] {
        var binary: [UInt8] = []
        var parts: [GLBPart] = []
        for object in objects where !object.mesh.triangles.isEmpty {
            let mesh = object.mesh
            let places = mesh.positions.map(yUp)
            var part = GLBPart(
                name: object.name, vertices: places.count, triangles: mesh.triangles.count,
                bounds: Mesh(positions: places).bounds ?? (.zero, .zero), hasNormals: mesh.normals != nil,
                start: binary.count)
            for place in places { binary.appendLittle(place) }
            if mesh.normals != nil {
                for index in places.indices { binary.appendLittle(yUp(mesh.writtenNormal(index)).normalized()) }
            }
            for index in places.indices { binary.appendLittle(decoded(mesh.writtenColour(index))) }
            for triangle in mesh.triangles { for corner in 0..<3 { binary.appendLittle(triangle[corner]) } }
            part.end = binary.count
            parts.append(part)
        }
        return glbFile(json: GLBText(parts: parts, bytes: binary.count).json, binary: binary)
    }
}

/// One object's share of the data: positions, normals, colours and indices follow one another.
private struct GLBPart {
    let name: String
    let vertices: Int
    let triangles: Int
    let bounds: (lower: SIMD3<Float>, upper: SIMD3<Float>)
    let hasNormals: Bool
    let start: Int
    var end = 0

    var vectorSections: Int { hasNormals ? 3 : 2 }
}

private struct GLBText {
    let parts: [GLBPart]
    let bytes: Int

    var json: String {
        let asset = #""asset":{"version":"2.0","generator":"Sonoform"}"#
        guard !parts.isEmpty else { return #"{\#(asset),"scene":0,"scenes":[{"name":"empty"}]}"# }
        var (meshes, accessors, views): ([String], [String], [String]) = ([], [], [])
        for part in parts {
            let first = accessors.count
            for section in 0..<part.vectorSections {
                let range =
                    section == 0 ? #","min":\#(array(part.bounds.lower)),"max":\#(array(part.bounds.upper))"# : ""
                accessors.append(
                    #"{"bufferView":\#(views.count),"componentType":5126,"count":\#(part.vertices),"type":"VEC3"\#(range)}"#
                )
                views.append(
                    view(start: part.start + 12 * part.vertices * section, length: 12 * part.vertices, target: 34962))
            }
            accessors.append(
                #"{"bufferView":\#(views.count),"componentType":5125,"count":\#(3 * part.triangles),"type":"SCALAR"}"#)
            views.append(
                view(
                    start: part.start + 12 * part.vertices * part.vectorSections, length: 12 * part.triangles,
                    target: 34963))
            let normal = part.hasNormals ? #","NORMAL":\#(first + 1)"# : ""
            let colour = first + part.vectorSections - 1
            let attributes = #"{"POSITION":\#(first)\#(normal),"COLOR_0":\#(colour)}"#
            meshes.append(
                #"{"name":\#(quotedJSON(part.name)),"primitives":[{"mode":4,"material":0,"attributes":\#(attributes),"indices":\#(accessors.count - 1)}]}"#
            )
        }
        let nodes = parts.indices.map { #"{"name":\#(quotedJSON(parts[$0].name)),"mesh":\#($0)}"# }
        let material = #"{"name":"surface","pbrMetallicRoughness":{"metallicFactor":0,"roughnessFactor":0.8}}"#
        return """
            {\(asset),"scene":0,"scenes":[{"nodes":\(Array(parts.indices))}],"nodes":[\(nodes.joined(separator: ","))],\
            "meshes":[\(meshes.joined(separator: ","))],"materials":[\(material)],\
            "accessors":[\(accessors.joined(separator: ","))],"bufferViews":[\(views.joined(separator: ","))],\
            "buffers":[{"byteLength":\(bytes)}]}
            """
    }

    private func view(start: Int, length: Int, target: Int) -> String {
        #"{"buffer":0,"byteOffset":\#(start),"byteLength":\#(length),"target":\#(target)}"#
    }

    private func array(_ vector: SIMD3<Float>) -> String { "[\(vector.x),\(vector.y),\(vector.z)]" }
}

/// A text in JSON.
private func quotedJSON(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case _ where scalar.value < 0x20: result += " "
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

private func yUp(_ v: SIMD3<Float>) -> SIMD3<Float> { SIMD3(v.x, v.z, -v.y) }

/// A GLB file of its two chunks, which are filled up to four bytes: text with spaces, data with zeros.
func glbFile(json: String, binary: [UInt8]) -> [UInt8] {
    let text = Array(json.utf8) + [UInt8](repeating: 0x20, count: (4 - json.utf8.count % 4) % 4)
    let data = binary + [UInt8](repeating: 0, count: (4 - binary.count % 4) % 4)
    var file = Array("glTF".utf8)
    file.appendLittle(UInt32(2))
    file.appendLittle(UInt32(20 + text.count + (data.isEmpty ? 0 : 8 + data.count)))
    file.appendLittle(UInt32(text.count))
    file += Array("JSON".utf8) + text
    if !data.isEmpty {
        file.appendLittle(UInt32(data.count))
        file += Array("BIN\0".utf8) + data
    }
    return file
}

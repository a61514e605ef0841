// 3MF: a ZIP archive with the surfaces as XML (3MF Consortium, "3D Manufacturing Format" 1.3; its materials extension).

import Surfaces

extension MeshScene {
    /// The whole file in memory: an object for every object, under its name, in millimetres.
    func threeMFBytes() -> [UInt8] {
        let types = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
            <Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>
            """
        let relations = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
            <Relationship Target="/3D/3dmodel.model" Id="rel0" \
            Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>
            """
        var archive = ZipArchive()
        archive.add("[Content_Types].xml", Array(types.utf8))
        archive.add("_rels/.rels", Array(relations.utf8))
        archive.add("3D/3dmodel.model", modelXML())
        return archive.bytes()
    }

    private func modelXML() -> [UInt8] {
        // Colours are a table that triangles point into.
        var numbers: [SIMD3<UInt8>: Int] = [:]
        var colours = ""
        for object in objects {
            for index in object.mesh.positions.indices {
                let colour = object.mesh.writtenColour(index)
                guard numbers[colour] == nil else { continue }
                numbers[colour] = numbers.count
                colours += "<m:color color=\"#\(hex(colour.x))\(hex(colour.y))\(hex(colour.z))FF\"/>"
            }
        }
        var xml = Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <model unit="millimeter" xml:lang="en-US" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02" \
            xmlns:m="http://schemas.microsoft.com/3dmanufacturing/material/2015/02">\
            <metadata name="Application">Sonoform</metadata><resources><m:colorgroup id="1">\(colours)</m:colorgroup>
            """.utf8)
        // What stands above the print bed is put on it.
        for (number, object) in objects.enumerated() {
            let mesh = object.mesh
            xml += Array(
                "\n<object id=\"\(number + 2)\" name=\"\(escaped(object.name))\" type=\"model\"><mesh><vertices>\n".utf8
            )
            for position in mesh.positions {
                xml += Array("<vertex x=\"\(position.x)\" y=\"\(position.y)\" z=\"\(position.z)\"/>\n".utf8)
            }
            xml += Array("</vertices><triangles>\n".utf8)
            for triangle in mesh.triangles {
                let p = (0..<3).map { numbers[mesh.writtenColour(Int(triangle[$0]))] ?? 0 }
                let paint =
                    p[0] == p[1] && p[1] == p[2] ? "p1=\"\(p[0])\"" : "p1=\"\(p[0])\" p2=\"\(p[1])\" p3=\"\(p[2])\""
                xml += Array(
                    "<triangle v1=\"\(triangle.x)\" v2=\"\(triangle.y)\" v3=\"\(triangle.z)\" pid=\"1\" \(paint)/>\n"
                        .utf8)
            }
            xml += Array("</triangles></mesh></object>".utf8)
        }
        xml += Array("</resources><build>".utf8)
        for number in objects.indices { xml += Array("<item objectid=\"\(number + 2)\"/>".utf8) }
        return xml + Array("</build></model>\n".utf8)
    }
}

private func hex(_ byte: UInt8) -> String {
    let digits = Array("0123456789ABCDEF")
    return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
}

private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
        switch character {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        default: result.append(character)
        }
    }
    return result
}

// Surfaces as OBJ and PLY.

import Surfaces

extension MeshScene {
    /// An OBJ file: an object's vertices with colours, their normals, and its faces.
    func encodeOBJ<Failure: Error>(into take: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        try take(Array("# Surfaces by Sonoform: v x y z red green blue, z up\n".utf8))
        var first = 1
        for object in objects {
            let mesh = object.mesh
            var text = "o \(object.name.isEmpty ? "object" : object.name.replacing(" ", with: "_"))\n"
            func flush() throws(Failure) {
                try take(Array(text.utf8))
                text = ""
            }
            for index in mesh.positions.indices {
                text +=
                    "v \(numbers(mesh.positions[index])) \(numbers(SIMD3<Float>(mesh.writtenColour(index)) / 255))\n"
                if text.utf8.count > 1 << 17 { try flush() }
            }
            for index in mesh.positions.indices where mesh.normals != nil {
                text += "vn \(numbers(mesh.writtenNormal(index)))\n"
                if text.utf8.count > 1 << 17 { try flush() }
            }
            for triangle in mesh.triangles {
                let corners = (0..<3).map { corner -> String in
                    let number = Int(triangle[corner]) + first
                    return mesh.normals == nil ? "\(number)" : "\(number)//\(number)"
                }
                text += "f \(corners[0]) \(corners[1]) \(corners[2])\n"
                if text.utf8.count > 1 << 17 { try flush() }
            }
            try flush()
            first += mesh.positions.count
        }
    }

    /// A binary PLY: vertices as a cloud's are written, with the object's number, then faces of three corners.
    func plyBytes() -> [UInt8] {
        let vertices = objects.reduce(0) { $0 + $1.mesh.positions.count }
        let header = PointCloud.plyHeader(count: vertices, faces: triangleCount)
        var bytes = Array(header.utf8)
        bytes.reserveCapacity(bytes.count + 28 * vertices + 13 * triangleCount)
        for (number, object) in objects.enumerated() {
            let mesh = object.mesh
            for index in mesh.positions.indices {
                bytes.appendLittle(mesh.positions[index])
                bytes.appendLittle(mesh.normals == nil ? .zero : mesh.writtenNormal(index))
                let colour = mesh.writtenColour(index)
                bytes += [colour.x, colour.y, colour.z, UInt8(clamping: number)]
            }
        }
        var first: UInt32 = 0
        for object in objects {
            for triangle in object.mesh.triangles {
                bytes.append(3)
                for corner in 0..<3 { bytes.appendLittle(first + triangle[corner]) }
            }
            first += UInt32(object.mesh.positions.count)
        }
        return bytes
    }
}

private func numbers(_ vector: SIMD3<Float>) -> String { "\(vector.x) \(vector.y) \(vector.z)" }

// Binary STL: what every slicer reads.

import Surfaces

extension MeshScene {
    /// A head of 80 bytes, the number of triangles, and for each its normal, its corners and two bytes of nothing.
    func stlBytes() -> [UInt8] {
        var bytes = Array("Sonoform, millimetres".utf8)
        bytes += [UInt8](repeating: 0x20, count: 80 - bytes.count)
        bytes.reserveCapacity(84 + 50 * triangleCount)
        bytes.appendLittle(UInt32(triangleCount))
        for object in objects {
            let positions = object.mesh.positions
            for triangle in object.mesh.triangles {
                let (a, b, c) = (positions[Int(triangle.x)], positions[Int(triangle.y)], positions[Int(triangle.z)])
                for vector in [cross(b - a, c - a).normalized(or: .zero), a, b, c] { bytes.appendLittle(vector) }
                bytes += [0, 0]
            }
        }
        return bytes
    }
}

extension [UInt8] {
    mutating func appendLittle(_ value: UInt32) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func appendLittle(_ value: UInt16) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func appendLittle(_ vector: SIMD3<Float>) {
        appendLittle(vector.x.bitPattern)
        appendLittle(vector.y.bitPattern)
        appendLittle(vector.z.bitPattern)
    }
}

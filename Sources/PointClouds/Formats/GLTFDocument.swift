// The JSON of a glTF file, as far as points and triangles need it (Khronos, "glTF 2.0 Specification").

import FoundationEssentials

/// What the JSON says; indices are checked where they are used.
struct GLTFDocument: Decodable {
    struct Accessor: Decodable {
        let bufferView: Int?
        let byteOffset: Int?
        let componentType: Int
        let normalized: Bool?
        let count: Int
        let type: String
        let sparse: Sparse?
    }
    /// Values that replace others: not read, and refused.
    struct Sparse: Decodable {}
    struct BufferView: Decodable {
        let buffer: Int
        let byteOffset: Int?
        let byteLength: Int
        let byteStride: Int?
    }
    struct Buffer: Decodable {
        let uri: String?
        let byteLength: Int
    }
    struct Mesh: Decodable {
        let name: String?
        let primitives: [Primitive]
    }
    struct Primitive: Decodable {
        let attributes: [String: Int]
        let indices: Int?
        let mode: Int?
        let material: Int?
    }
    struct Material: Decodable {
        struct Metallic: Decodable {
            let baseColorFactor: [Double]?
            let baseColorTexture: Texture?
        }
        struct Texture: Decodable {}
        let pbrMetallicRoughness: Metallic?
    }
    struct Node: Decodable {
        let name: String?
        let mesh: Int?
        let children: [Int]?
        let matrix: [Double]?
        let translation: [Double]?
        let rotation: [Double]?
        let scale: [Double]?
    }
    struct Scene: Decodable { let nodes: [Int]? }
    struct Asset: Decodable { let generator: String? }

    let asset: Asset?
    let extensionsRequired: [String]?
    let accessors: [Accessor]?
    let bufferViews: [BufferView]?
    let buffers: [Buffer]?
    let meshes: [Mesh]?
    let materials: [Material]?
    let nodes: [Node]?
    let scenes: [Scene]?
    let scene: Int?

    /// Nil where the text is no such JSON.
    init?(json: [UInt8]) {
        guard let decoded = try? JSONDecoder().decode(Self.self, from: Data(json)) else { return nil }
        self = decoded
    }
}

/// A node's place: `matrix · (x, y, z, 1)`, by columns.
struct GLTFPlacement {
    private var x = SIMD3<Double>(1, 0, 0)
    private var y = SIMD3<Double>(0, 1, 0)
    private var z = SIMD3<Double>(0, 0, 1)
    private var moved = SIMD3<Double>.zero

    init() {}

    /// A node's own; nil where its numbers are too many, too few or too large.
    init?(_ node: GLTFDocument.Node) {
        if let m = node.matrix {
            guard m.count == 16, m.allSatisfy(\.isFinite) else { return nil }
            (x, y, z, moved) = (
                SIMD3(m[0], m[1], m[2]), SIMD3(m[4], m[5], m[6]), SIMD3(m[8], m[9], m[10]), SIMD3(m[12], m[13], m[14])
            )
            return
        }
        let (scale, turn, move) = (
            node.scale ?? [1, 1, 1], node.rotation ?? [0, 0, 0, 1], node.translation ?? [0, 0, 0]
        )
        guard scale.count == 3, turn.count == 4, move.count == 3, (scale + turn + move).allSatisfy(\.isFinite) else {
            return nil
        }
        let (a, b, c, w) = (turn[0], turn[1], turn[2], turn[3])
        x = scale[0] * SIMD3(1 - 2 * (b * b + c * c), 2 * (a * b + c * w), 2 * (a * c - b * w))
        y = scale[1] * SIMD3(2 * (a * b - c * w), 1 - 2 * (a * a + c * c), 2 * (b * c + a * w))
        z = scale[2] * SIMD3(2 * (a * c + b * w), 2 * (b * c - a * w), 1 - 2 * (a * a + b * b))
        moved = SIMD3(move[0], move[1], move[2])
    }

    func point(_ p: SIMD3<Double>) -> SIMD3<Double> { direction(p) + moved }

    private func direction(_ p: SIMD3<Double>) -> SIMD3<Double> { p.x * x + p.y * y + p.z * z }

    /// A normal's direction, not of unit length: by the matrix of cofactors, which keeps it at right angles.
    func normal(_ n: SIMD3<Double>) -> SIMD3<Double> {
        func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
            SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
        }
        let turned = n.x * cross(y, z) + n.y * cross(z, x) + n.z * cross(x, y)
        // A mirror turns the cofactors' sign.
        return (x * cross(y, z)).sum() < 0 ? -turned : turned
    }

    /// This place inside another one.
    func inside(_ outer: GLTFPlacement) -> GLTFPlacement {
        var result = GLTFPlacement()
        (result.x, result.y, result.z) = (outer.direction(x), outer.direction(y), outer.direction(z))
        result.moved = outer.point(moved)
        return result
    }
}

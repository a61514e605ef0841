// Points drawn from a mesh, evenly over its area.

public import Surfaces

extension PointCloud {
    /// Draws points of a scene's meshes, each mesh an object of the cloud.
    ///
    /// Every point lies in the middle of an equal share of the whole area, at a place in its triangle that a
    /// low-discrepancy sequence (Roberts's R2) gives; the seed shifts both. Normals and colours are those of the
    /// corners, in between. Meshes without area give no points.
    public init(sampling scene: MeshScene, points: Int, seed: UInt64 = 0) {
        var triangles: [(object: Int, index: Int)] = []
        var ends: [Double] = []
        var total = 0.0
        for (number, object) in scene.objects.enumerated() {
            for (index, triangle) in object.mesh.triangles.enumerated() {
                let (a, b, c) = object.mesh.corners(triangle)
                total += Double(cross(b - a, c - a).length)
                triangles.append((number, index))
                ends.append(total)
            }
        }
        guard total > 0, total.isFinite else {
            self.init()
            return
        }
        let (across, along, start) = SurfaceSampling(points: points, seed: seed).shifts
        let hasColours = scene.objects.allSatisfy { $0.mesh.colours != nil }
        var (positions, normals, colours, objects) = ([Vector](), [Vector](), [SIMD3<UInt8>](), [UInt8]())
        var index = 0
        for drawn in 0..<points {
            let place = (Double(drawn) + start) / Double(points) * total
            while index + 1 < ends.count, ends[index] <= place { index += 1 }
            let mesh = scene.objects[triangles[index].object].mesh
            let triangle = mesh.triangles[triangles[index].index]
            var u = (across + 0.754_877_666_246_692_8 * Double(drawn)).truncatingRemainder(dividingBy: 1)
            var v = (along + 0.569_840_290_998_053_3 * Double(drawn)).truncatingRemainder(dividingBy: 1)
            if u + v > 1 { (u, v) = (1 - u, 1 - v) }
            let weights = Vector(Float(1 - u - v), Float(u), Float(v))
            func mixed(_ values: (Vector, Vector, Vector)) -> Vector {
                weights.x * values.0 + weights.y * values.1 + weights.z * values.2
            }
            let (a, b, c) = mesh.corners(triangle)
            positions.append(mixed((a, b, c)))
            let face = cross(b - a, c - a).normalized()
            if let own = mesh.normals {
                let normal = mixed((own[Int(triangle.x)], own[Int(triangle.y)], own[Int(triangle.z)]))
                normals.append(normal.normalized(or: face))
            } else {
                normals.append(face)
            }
            if hasColours, let own = mesh.colours {
                let colour = mixed(
                    (Vector(own[Int(triangle.x)]), Vector(own[Int(triangle.y)]), Vector(own[Int(triangle.z)])))
                colours.append(SIMD3<UInt8>(clamping: SIMD3<Int32>(colour.rounded(.toNearestOrAwayFromZero))))
            }
            objects.append(UInt8(clamping: triangles[index].object))
        }
        self.init(
            positions: positions, normals: normals, colours: hasColours ? colours : nil, objects: objects)
    }
}

extension Mesh {
    /// Where the corners of a triangle are.
    func corners(_ triangle: SIMD3<UInt32>) -> (Vector, Vector, Vector) {
        (positions[Int(triangle.x)], positions[Int(triangle.y)], positions[Int(triangle.z)])
    }
}

// Surfaces as a picture: their triangles, in the light in which clouds are drawn.

public import Pictures
public import Surfaces

extension CloudRenderer {
    /// Points drawn from a scene's meshes for what they shadow.
    private static let shadowPoints = 1 << 14

    /// Draws the surfaces of a scene, framed to fit; the picture of an empty scene is empty ground.
    ///
    /// Shading is smooth but at edges, where triangles are seen as they are.
    public func callAsFunction(_ scene: MeshScene) -> Picture {
        let points = PointCloud(sampling: scene, points: Self.shadowPoints)
        guard let bounds = scene.bounds, points.count > 0 else {
            return Picture(width: size, height: size, colour: Colour(repeating: 248))
        }
        let surfels = Surfels(points)
        let width = size * Self.supersampling
        let camera = Camera(
            framing: scene.objects.flatMap(\.mesh.positions), azimuthDegrees: azimuthDegrees,
            elevationDegrees: elevationDegrees, width: width)
        let sky = Sky(surfels, bounds: bounds)
        var canvas = SurfelCanvas(width: width)
        for object in scene.objects { canvas.draw(object.mesh, sky, radius: surfels.spacing, camera) }
        let shading = Shading(camera: camera, sky: sky, ground: Ground(sky, bounds: bounds, size: size), bounds: bounds)
        return picture(of: canvas, shading)
    }
}

extension SurfelCanvas {
    /// Draws what is nearest of a mesh's triangles.
    fileprivate mutating func draw(_ mesh: Mesh, _ sky: Sky, radius: Float, _ camera: Camera) {
        let normals = mesh.normals ?? mesh.faceNormalMeans
        let light = mesh.positions.indices.map { index -> SIMD2<Float> in
            let light = sky.light(at: mesh.positions[index], normal: normals[index], radius: radius)
            return SIMD2(light.sky, light.sun)
        }
        for triangle in mesh.triangles {
            let indices = [Int(triangle.x), Int(triangle.y), Int(triangle.z)]
            let (a, b, c) = mesh.corners(triangle)
            let face = cross(b - a, c - a).normalized()
            let views = indices.map { camera.view(mesh.positions[$0]) }
            guard dot(camera.direction(face), views[0]) < 0, views.allSatisfy({ $0.z > 1e-3 }) else { continue }
            let corners = indices.enumerated().map { turn, index in
                // Across an edge the field's normal is neither face's own.
                let normal = dot(face, normals[index]) > 0.75 ? normals[index] : face
                return Corner(
                    view: views[turn], normal: camera.direction(normal),
                    colour: decoded(mesh.writtenColour(index)), light: light[index])
            }
            fill(corners, camera)
        }
    }

    private struct Corner {
        let view: Vector
        let normal: Vector
        let colour: Vector
        let light: SIMD2<Float>
    }

    /// Fills the pixels whose middles a triangle covers, where it is nearer than what is there.
    private mutating func fill(_ corners: [Corner], _ camera: Camera) {
        let places = corners.map {
            SIMD2($0.view.x, $0.view.y) / $0.view.z * camera.focal + camera.centre
        }
        func edge(_ a: SIMD2<Float>, _ b: SIMD2<Float>, _ p: SIMD2<Float>) -> Float {
            (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)
        }
        let area = edge(places[0], places[1], places[2])
        guard abs(area) > 1e-9 else { return }
        let low = pointwiseMin(places[0], pointwiseMin(places[1], places[2]))
        let high = pointwiseMax(places[0], pointwiseMax(places[1], places[2]))
        let (left, right) = (max(0, Int(low.x - 0.5)), min(width - 1, Int(high.x + 0.5)))
        let (top, bottom) = (max(0, Int(low.y - 0.5)), min(width - 1, Int(high.y + 0.5)))
        guard left <= right, top <= bottom else { return }
        for y in top...bottom {
            for x in left...right {
                let pixel = SIMD2(Float(x) + 0.5, Float(y) + 0.5)
                let flat =
                    Vector(
                        edge(places[1], places[2], pixel), edge(places[2], places[0], pixel),
                        edge(places[0], places[1], pixel)) / area
                guard flat.min() >= 0 else { continue }
                // Weights on the screen to weights in space.
                let near = flat / Vector(corners[0].view.z, corners[1].view.z, corners[2].view.z)
                let weights = near / near.sum()
                let z = 1 / near.sum()
                let index = y * width + x
                guard z < depth[index] else { continue }
                depth[index] = z
                var (normal, colour, light) = (Vector.zero, Vector.zero, SIMD2<Float>.zero)
                for turn in 0..<3 {
                    normal += weights[turn] * corners[turn].normal
                    colour += weights[turn] * corners[turn].colour
                    light += weights[turn] * corners[turn].light
                }
                normals[index] = SIMD4(normal, 1)
                colours[index] = SIMD4(colour, 1)
                lights[index] = light
            }
        }
    }
}

extension Mesh {
    /// The mean of the normals of every vertex's triangles, by area.
    fileprivate var faceNormalMeans: [Vector] {
        var sums = [Vector](repeating: .zero, count: positions.count)
        for triangle in triangles {
            let (a, b, c) = corners(triangle)
            for corner in 0..<3 { sums[Int(triangle[corner])] += cross(b - a, c - a) }
        }
        return sums.map { $0.normalized() }
    }
}

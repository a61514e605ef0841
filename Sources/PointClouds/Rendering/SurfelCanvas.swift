// Drawing discs: first what is nearest at every pixel, then the blend of all discs that lie in that surface.

/// What a pixel shows: the blended surface there.
struct Surface {
    /// Unit normal in camera space, towards the eye.
    var normal: Vector
    /// Linear light.
    var colour: Vector
    var light: Light
    /// Distance along the view.
    var depth: Float
}

/// The light that reaches a place: from the sky around and from the sun, each 0...1.
struct Light {
    var sky: Float
    var sun: Float
}

/// A square canvas of blended discs.
struct SurfelCanvas {
    private let width: Int
    private var depth: [Float]
    /// Sums over discs of weight times normal, and of the weights.
    private var normals: [SIMD4<Float>]
    /// The same of colours, with weights that fall faster: colours have edges.
    private var colours: [SIMD4<Float>]
    private var lights: [SIMD2<Float>]

    init(width: Int) {
        self.width = width
        depth = [Float](repeating: .infinity, count: width * width)
        normals = [SIMD4<Float>](repeating: .zero, count: width * width)
        colours = normals
        lights = [SIMD2<Float>](repeating: .zero, count: width * width)
    }

    /// Draws all discs.
    mutating func draw(_ surfels: Surfels, light: [Light], _ camera: Camera) {
        let discs = surfels.discs.map { ViewedDisc($0, camera) }
        depth.withUnsafeMutableBufferPointer { depth in
            for disc in discs {
                disc.rasterize(camera, width: width) { pixel, z, _ in
                    // The back of a thing must not win against its front a hair behind it.
                    let z = disc.isBack ? z + disc.radius : z
                    if z < depth[pixel] { depth[pixel] = z }
                }
            }
            normals.withUnsafeMutableBufferPointer { normals in
                colours.withUnsafeMutableBufferPointer { colours in
                    lights.withUnsafeMutableBufferPointer { lights in
                        for (disc, light) in zip(discs, light) {
                            disc.rasterize(camera, width: width) { pixel, z, nearness in
                                let z = disc.isBack ? z + disc.radius : z
                                guard z <= depth[pixel] + 0.6 * disc.radius else { return }
                                // Nearness is 1 in the middle and 0 at the rim.
                                let soft = nearness * nearness
                                let hard = soft * soft * soft * soft + 1e-6
                                normals[pixel] += SIMD4(disc.normal, 1) * soft
                                colours[pixel] += SIMD4(disc.colour, 1) * hard
                                lights[pixel] += SIMD2(light.sky, light.sun) * soft
                            }
                        }
                    }
                }
            }
        }
    }

    /// The surface at a pixel, or nil where there is none.
    func surface(x: Int, y: Int) -> Surface? {
        let pixel = y * width + x
        guard depth[pixel] < .infinity, normals[pixel].w > 0 else { return nil }
        let (normal, colour, light) = (normals[pixel], colours[pixel], lights[pixel] / normals[pixel].w)
        return Surface(
            normal: Vector(normal.x, normal.y, normal.z).normalized(or: [0, 0, -1]),
            colour: Vector(colour.x, colour.y, colour.z) / colour.w, light: Light(sky: light.x, sun: light.y),
            depth: depth[pixel])
    }
}

/// A disc in camera space, ready to be met by rays.
private struct ViewedDisc {
    let centre: Vector
    /// Towards the eye.
    let normal: Vector
    let radius: Float
    let colour: Vector
    let isBack: Bool
    private let cuts: [Plane]

    init(_ surfel: Surfel, _ camera: Camera) {
        centre = camera.view(surfel.position)
        let turned = camera.direction(surfel.normal)
        isBack = dot(turned, centre) > 0
        normal = isBack ? -turned : turned
        radius = surfel.radius
        colour = surfel.colour
        cuts = surfel.cuts.map { plane in
            Plane(normal: camera.direction(plane.normal), offset: plane.offset - dot(plane.normal, camera.eye))
        }
    }

    /// Calls `body` with every pixel that the disc covers, its depth there, and how near its middle is (1 to 0).
    @inline(__always)
    func rasterize(_ camera: Camera, width: Int, _ body: (Int, Float, Float) -> Void) {
        let reach = radius * camera.focal / (centre.z - radius)
        let x = camera.centre.x + centre.x / centre.z * camera.focal
        let y = camera.centre.y + centre.y / centre.z * camera.focal
        let columns = max(0, Int(x - reach))..<max(0, min(width, Int(x + reach) + 1))
        let rows = max(0, Int(y - reach))..<max(0, min(width, Int(y + reach) + 1))
        guard columns.lowerBound < columns.upperBound, rows.lowerBound < rows.upperBound else { return }
        let distance = dot(normal, centre)
        let squaredRadius = radius * radius
        for row in rows {
            for column in columns {
                let ray = camera.ray(x: column, y: row)
                let slope = dot(normal, ray)
                guard slope < -1e-4 else { continue }
                let z = distance / slope
                let offset = ray * z - centre
                let squared = dot(offset, offset)
                guard squared < squaredRadius else { continue }
                if cuts.contains(where: { dot($0.normal, ray) * z > $0.offset }) { continue }
                body(row * width + column, z, 1 - squared / squaredRadius)
            }
        }
    }
}

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
    let width: Int
    var depth: [Float]
    /// Whether what is nearest is seen from behind.
    var back: [Bool]
    /// Sums over discs of weight times normal, and of the weights.
    var normals: [SIMD4<Float>]
    /// The same of colours, with weights that fall faster: colours have edges.
    var colours: [SIMD4<Float>]
    var lights: [SIMD2<Float>]

    init(width: Int) {
        self.width = width
        depth = [Float](repeating: .infinity, count: width * width)
        back = [Bool](repeating: false, count: width * width)
        normals = [SIMD4<Float>](repeating: .zero, count: width * width)
        colours = normals
        lights = [SIMD2<Float>](repeating: .zero, count: width * width)
    }

    /// Draws all discs.
    mutating func draw(_ surfels: Surfels, light: [Light], _ camera: Camera) {
        let discs = surfels.discs.map { ViewedDisc($0, camera) }
        findNearest(discs, camera)
        blend(discs, light, camera)
        closeCracks()
        coverBacks()
    }

    private mutating func findNearest(_ discs: [ViewedDisc], _ camera: Camera) {
        let width = width
        depth.withUnsafeMutableBufferPointer { depth in
            back.withUnsafeMutableBufferPointer { back in
                for disc in discs {
                    // The back of a thing must not win against its front a hair behind it.
                    let handicap = disc.isBack ? disc.radius : 0
                    disc.rasterize(camera, width: width) { pixel, z, _ in
                        guard z + handicap < depth[pixel] else { return }
                        depth[pixel] = z + handicap
                        back[pixel] = disc.isBack
                    }
                }
            }
        }
    }

    private mutating func blend(_ discs: [ViewedDisc], _ light: [Light], _ camera: Camera) {
        let width = width
        depth.withUnsafeBufferPointer { depth in
            normals.withUnsafeMutableBufferPointer { normals in
                colours.withUnsafeMutableBufferPointer { colours in
                    lights.withUnsafeMutableBufferPointer { lights in
                        for (disc, light) in zip(discs, light) {
                            let reach = 0.6 * disc.radius - (disc.isBack ? disc.radius : 0)
                            let (normal, colour) = (SIMD4(disc.normal, 1), SIMD4(disc.colour, 1))
                            let light = SIMD2(light.sky, light.sun)
                            disc.rasterize(camera, width: width) { pixel, z, nearness in
                                guard z <= depth[pixel] + reach else { return }
                                // Nearness is 1 in the middle and 0 at the rim.
                                let soft = nearness * nearness + 1e-6
                                let hard = soft * soft * soft
                                normals[pixel] += normal * soft
                                colours[pixel] += colour * hard
                                lights[pixel] += light * soft
                            }
                        }
                    }
                }
            }
        }
    }

    /// Whether a square of pixels shows nothing.
    func isEmpty(x: Int, y: Int, size: Int) -> Bool {
        (y..<y + size).allSatisfy { row in
            (x..<x + size).allSatisfy { depth[row * width + $0] == .infinity }
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

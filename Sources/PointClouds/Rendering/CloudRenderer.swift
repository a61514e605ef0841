// A cloud as a picture: from the front right and above, on a white ground, under a soft sky.

public import Pictures

/// Draws point clouds in software.
///
/// Points become small discs in the surface's plane, cut off where the surface bends away, and blended where they
/// overlap (surface splatting: Zwicker et al. 2001), so that a few thousand points look like a closed, coloured
/// surface. Light comes from a whole sky and a broad sun; both are shadowed, on the object and on the ground.
public struct CloudRenderer: Sendable {
    /// The picture's width and height in pixels.
    public let size: Int

    /// Where the camera stands, seen from the object: degrees from the front (-y) towards the right (+x).
    public let azimuthDegrees: Float

    /// How high the camera stands: degrees above the ground.
    public let elevationDegrees: Float

    /// Pixels drawn for a pixel shown, along each axis.
    static let supersampling = 2

    /// More points than this add time and no detail.
    private static let pointLimit = 1 << 16

    /// A renderer of square pictures.
    public init(size: Int = 512, azimuthDegrees: Float = 32, elevationDegrees: Float = 24) {
        precondition((16...4096).contains(size), "pictures are 16 to 4096 pixels wide")
        self.size = size
        self.azimuthDegrees = azimuthDegrees
        self.elevationDegrees = elevationDegrees
    }

    /// Draws a cloud, framed to fit; the picture of an empty cloud is empty ground.
    ///
    /// Unknown normals are estimated and unknown colours drawn light grey. The same cloud gives the same picture.
    public func callAsFunction(_ cloud: PointCloud) -> Picture {
        let sampled = cloud.thinned(to: Self.pointLimit)
        let width = size * Self.supersampling
        guard let bounds = sampled.bounds else {
            return Picture(width: size, height: size, colour: Colour(repeating: 248))
        }
        var surfels = Surfels(sampled)
        let camera = Camera(
            framing: sampled.positions, azimuthDegrees: azimuthDegrees, elevationDegrees: elevationDegrees, width: width
        )
        let sky = Sky(surfels, bounds: bounds)
        let ground = Ground(sky, bounds: bounds, size: size)
        if sampled.normals == nil { surfels.turn { sky.openness(at: $0).sky } }
        surfels.smooth()
        surfels.cutAtEdges()
        var canvas = SurfelCanvas(width: width)
        canvas.draw(surfels, light: sky.light(on: surfels), camera)

        let shading = Shading(camera: camera, sky: sky, ground: ground, bounds: bounds)
        return picture(of: canvas, shading)
    }

    /// The picture of what is drawn.
    func picture(of canvas: SurfelCanvas, _ shading: Shading) -> Picture {
        var pixels = [Colour](repeating: .zero, count: size * size)
        for y in 0..<size {
            for x in 0..<size { pixels[y * size + x] = encoded(Self.light(of: canvas, shading, x: x, y: y)) }
        }
        return Picture(width: size, height: size, pixels: pixels)
    }

    /// The light of a pixel shown: the mean of those drawn.
    private static func light(of canvas: SurfelCanvas, _ shading: Shading, x: Int, y: Int) -> Vector {
        let (left, top) = (x * supersampling, y * supersampling)
        // The ground is smooth: one look is enough where nothing stands on it.
        guard !canvas.isEmpty(x: left, y: top, size: supersampling) else {
            return shading.groundColour(
                x: Float(left) + Float(supersampling) / 2, y: Float(top) + Float(supersampling) / 2)
        }
        var sum = Vector.zero
        for row in top..<top + supersampling {
            for column in left..<left + supersampling {
                sum += shading.colour(canvas.surface(x: column, y: row), x: column, y: row)
            }
        }
        return sum / Float(supersampling * supersampling)
    }
}

extension PointCloud {
    /// Every k-th point, such that at most `limit` are left.
    fileprivate func thinned(to limit: Int) -> PointCloud {
        guard count > limit else { return self }
        let step = (count + limit - 1) / limit
        let kept = Array(stride(from: 0, to: count, by: step))
        return PointCloud(
            positions: kept.map { positions[$0] }, normals: normals.map { normals in kept.map { normals[$0] } },
            colours: colours.map { colours in kept.map { colours[$0] } }, objects: kept.map { objects[$0] })
    }
}

// A disc in camera space, and the pixels that it covers.

/// A disc in camera space.
///
/// A pixel's ray (u, v, 1) meets the disc's plane at z = distance / (normal · ray). Put into |ray z - centre| < radius
/// and multiplied by the square of (normal · ray), the disc's outline is a quadratic in u, and a cut of its plane by
/// another is linear: a row's pixels are one interval, found without looking at any of them.
struct ViewedDisc {
    let centre: Vector
    /// Towards the eye.
    let normal: Vector
    let radius: Float
    let colour: Vector
    let isBack: Bool
    private let distance: Float
    /// Lines of the picture: the disc is where `dot(line, ray) <= 0`.
    private let lines: [Vector]

    init(_ surfel: Surfel, _ camera: Camera) {
        let centre = camera.view(surfel.position)
        let turned = camera.direction(surfel.normal)
        isBack = dot(turned, centre) > 0
        let normal = isBack ? -turned : turned
        let distance = dot(normal, centre)
        self.centre = centre
        self.normal = normal
        self.distance = distance
        radius = surfel.radius
        colour = surfel.colour
        lines = surfel.cuts.map { plane in
            let offset = plane.offset - dot(plane.normal, camera.eye)
            // dot(cut, ray) z <= offset, times the negative (normal · ray).
            return normal * offset - camera.direction(plane.normal) * distance
        }
    }

    /// Calls `body` with every pixel that the disc covers, its depth there, and how near its middle is (1 to 0).
    @inline(__always)
    func rasterize(_ camera: Camera, width: Int, _ body: (Int, Float, Float) -> Void) {
        // Seen from the edge it has no pixels.
        guard distance < -1e-3 * centre.length else { return }
        let reach = radius * camera.focal / (centre.z - radius)
        let middle = camera.centre.y + centre.y / centre.z * camera.focal
        let (top, bottom) = (max(0, Int(middle - reach)), min(width - 1, Int(middle + reach)))
        guard top <= bottom else { return }
        let scale = 1 / camera.focal
        for row in top...bottom {
            let v = (Float(row) + 0.5 - camera.centre.y) * scale
            guard let columns = columns(v, camera, width: width) else { continue }
            for column in columns {
                let ray = Vector((Float(column) + 0.5 - camera.centre.x) * scale, v, 1)
                let z = distance / dot(normal, ray)
                let offset = ray * z - centre
                body(row * width + column, z, max(0, 1 - dot(offset, offset) / (radius * radius)))
            }
        }
    }

    /// The columns covered in the row whose rays have the slope `v`.
    @inline(__always)
    private func columns(_ v: Float, _ camera: Camera, width: Int) -> ClosedRange<Int>? {
        // |A u + B|² - radius² (n u + s)² < 0; in double precision, since the terms nearly cancel.
        let c = SIMD3<Double>(centre)
        let (n, d) = (Double(normal.x), Double(distance))
        let s = Double(normal.y) * Double(v) + Double(normal.z)
        let a = SIMD3<Double>(d, 0, 0) - c * n
        let b = SIMD3<Double>(0, d * Double(v), d) - c * s
        let squaredRadius = Double(radius) * Double(radius)
        let second = (a * a).sum() - squaredRadius * n * n
        let first = (a * b).sum() - squaredRadius * n * s
        let zeroth = (b * b).sum() - squaredRadius * s * s
        let discriminant = first * first - second * zeroth
        guard second > 0, discriminant > 0 else { return nil }
        let root = discriminant.squareRoot()
        var (left, right) = (Float((-first - root) / second), Float((-first + root) / second))
        for line in lines {
            let constant = line.y * v + line.z
            if line.x > 0 {
                right = min(right, -constant / line.x)
            } else if line.x < 0 {
                left = max(left, -constant / line.x)
            } else if constant > 0 {
                return nil
            }
        }
        // The pixels whose middles lie between.
        let low = max(0, (left * camera.focal + camera.centre.x - 0.5).rounded(.up))
        let high = min(Float(width - 1), (right * camera.focal + camera.centre.x - 0.5).rounded(.down))
        guard low <= high else { return nil }
        return Int(low)...Int(high)
    }
}

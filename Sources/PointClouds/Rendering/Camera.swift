// Where the picture is taken from, and which pixel a point falls on.

import Glibc

/// A pinhole camera; in its space x is right, y down and z forward.
struct Camera {
    let eye: Vector
    let right: Vector
    let down: Vector
    let forward: Vector
    /// Pixels a unit of x over z.
    let focal: Float
    /// The pixel of x = y = 0.
    let centre: SIMD2<Float>

    /// Frames points with a margin in a square picture, from far enough away that lines stay nearly parallel.
    init(framing points: [Vector], azimuthDegrees: Float, elevationDegrees: Float, width: Int) {
        let (azimuth, elevation) = (azimuthDegrees * .pi / 180, elevationDegrees * .pi / 180)
        let away = Vector(sin(azimuth) * cos(elevation), -cos(azimuth) * cos(elevation), sin(elevation))
        let forward = -away
        let right = cross(forward, [0, 0, 1]).normalized(or: [1, 0, 0])
        let down = cross(forward, right)

        let first = points.first ?? .zero
        let (low, high) = points.reduce((first, first)) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
        let radius = max((high - low).length / 2, 1e-3)
        let eye = (low + high) / 2 + away * radius * 6

        var (smallest, largest) = (SIMD2<Float>(repeating: .infinity), SIMD2<Float>(repeating: -.infinity))
        for point in points {
            let view = point - eye
            let projected = SIMD2(dot(view, right), dot(view, down)) / dot(view, forward)
            smallest = pointwiseMin(smallest, projected)
            largest = pointwiseMax(largest, projected)
        }
        // Discs reach a little beyond their points, and the shadow wants some ground.
        let extent = max((largest - smallest).max(), 0.01 / 6)
        self.eye = eye
        self.right = right
        self.down = down
        self.forward = forward
        focal = 0.74 * Float(width) / extent
        centre = SIMD2(repeating: Float(width) * 0.5) - (smallest + largest) / 2 * focal
    }

    /// A point in camera space.
    @inline(__always)
    func view(_ point: Vector) -> Vector {
        direction(point - eye)
    }

    /// A direction in camera space.
    @inline(__always)
    func direction(_ vector: Vector) -> Vector {
        Vector(dot(vector, right), dot(vector, down), dot(vector, forward))
    }

    /// The ray of a pixel's middle in camera space, with z = 1.
    @inline(__always)
    func ray(x: Int, y: Int) -> Vector { ray(x: Float(x) + 0.5, y: Float(y) + 0.5) }

    /// The ray of a place in the picture in camera space, with z = 1.
    @inline(__always)
    func ray(x: Float, y: Float) -> Vector { Vector((x - centre.x) / focal, (y - centre.y) / focal, 1) }

    /// A camera-space direction in the world.
    @inline(__always)
    func world(_ direction: Vector) -> Vector {
        right * direction.x + down * direction.y + forward * direction.z
    }
}

// From a surface and the light on it to a colour.

import Glibc

/// Colours of pixels in linear light.
struct Shading {
    let camera: Camera
    let sky: Sky
    let ground: Ground
    let bounds: (lower: Vector, upper: Vector)

    private let sun: Vector
    private let up: Vector
    private let nearest: Float
    private let farthest: Float

    /// Warm sun and cool sky add up to a little less than white on what faces both.
    private static let sunColour = Vector(0.88, 0.84, 0.78)
    private static let skyColour = Vector(0.46, 0.49, 0.53)
    private static let bounceColour = Vector(0.20, 0.19, 0.18)
    private static let groundColour = Vector(0.93, 0.935, 0.945)

    init(camera: Camera, sky: Sky, ground: Ground, bounds: (lower: Vector, upper: Vector)) {
        self.camera = camera
        self.sky = sky
        self.ground = ground
        self.bounds = bounds
        sun = camera.direction(Sky.sunDirection)
        up = camera.direction([0, 0, 1])
        let middle = camera.view((bounds.lower + bounds.upper) / 2).z
        let radius = max((bounds.upper - bounds.lower).length / 2, 1e-3)
        nearest = middle - radius
        farthest = middle + radius
    }

    /// The colour of a pixel: the surface there, or the ground behind it.
    func colour(_ surface: Surface?, x: Int, y: Int) -> Vector {
        let ray = camera.ray(x: x, y: y)
        guard let surface else { return groundColour(ray) }
        let facing = dot(surface.normal, sun)
        // Wrapped a little around the terminator, as broad light does.
        let sunlight = surface.light.sun * max(0, (facing + 0.15) / 1.15)
        let upness = dot(surface.normal, up)
        let bounce = (1 - upness) / 2 * (0.4 + 0.6 * surface.light.sky)
        var light = Self.sunColour * sunlight
        light += Self.skyColour * surface.light.sky
        light += Self.bounceColour * bounce
        var colour = surface.colour * light

        let toEye = -ray.normalized()
        let halfway = (toEye + sun).normalized()
        let gloss = power40(max(0, dot(surface.normal, halfway))) * 0.10 * surface.light.sun
        let edgeOn = square(1 - max(0, dot(surface.normal, toEye)))
        let rim = square(edgeOn) * 0.06 * surface.light.sky
        colour += Vector(repeating: gloss + rim)

        // What is farther away is a little paler.
        let distance = min(max((surface.depth - nearest) / (farthest - nearest), 0), 1)
        return shouldered(colour + (Self.groundColour * 0.9 - colour) * (0.10 * distance * distance))
    }

    /// Leaves the dark and middle tones, and lets bright ones approach white instead of being cut off.
    private func shouldered(_ light: Vector) -> Vector {
        func shoulder(_ v: Float) -> Float { v < 0.7 ? v : 0.7 + 0.3 * (1 - exp((0.7 - v) / 0.3)) }
        return Vector(shoulder(light.x), shoulder(light.y), shoulder(light.z))
    }

    /// The ground at a place in the picture.
    func groundColour(x: Float, y: Float) -> Vector { groundColour(camera.ray(x: x, y: y)) }

    private func groundColour(_ ray: Vector) -> Vector {
        let direction = camera.world(ray)
        guard direction.z < -1e-4 else { return Self.groundColour }
        let place = camera.eye + direction * ((ground.height - camera.eye.z) / direction.z)
        let light = ground.light(x: place.x, y: place.y)
        let dark = 0.55 * (1 - light.sky) + 0.30 * (1 - light.sun)
        // Shadows on white are a little blue.
        return Self.groundColour * (Vector.one - Vector(1, 0.98, 0.94) * dark)
    }
}

private func square(_ v: Float) -> Float { v * v }

private func power40(_ v: Float) -> Float {
    let eighth = square(square(square(v)))
    return square(square(eighth)) * eighth
}

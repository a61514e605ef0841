// Soft light: many distant lamps, each with a small shadow map; how many a place sees is how bright it is.

import Glibc

/// The lamps of a sky with a broad sun in it, and what shadows them.
struct Sky {
    /// A direction towards a lamp, with what it is blocked by.
    private struct Lamp {
        let direction: Vector
        let sideways: Vector
        let upwards: Vector
        /// The nearest depth towards the lamp, larger is nearer, `[cells, cells]`.
        var heights: [Float]
    }

    private var sky: [Lamp]
    private var sun: [Lamp]
    private let middle: Vector
    private let reach: Float
    private let spacing: Float

    private static let cells = 128
    private static let skyLamps = 64
    private static let sunLamps = 24

    /// Towards the sun: from the upper left, a little in front.
    static let sunDirection = Vector(-0.42, -0.62, 0.80).normalized()

    init(_ surfels: Surfels, bounds: (lower: Vector, upper: Vector)) {
        middle = (bounds.lower + bounds.upper) / 2
        spacing = surfels.spacing
        reach = (bounds.upper - bounds.lower).length / 2 + 2 * surfels.spacing + 1e-4
        // Cosine-weighted directions: a lamp's light on level ground is the same for all of them.
        sky = Self.spread(Self.skyLamps).map { Self.lamp(towards: Vector($0.x, $0.y, (1 - $0.radius2).squareRoot())) }
        let (a, b) = Self.sunDirection.tangents
        sun = Self.spread(Self.sunLamps).map { point in
            Self.lamp(towards: Self.sunDirection + 0.22 * (a * point.x + b * point.y))
        }
        for i in sky.indices { shade(&sky[i], surfels) }
        for i in sun.indices { shade(&sun[i], surfels) }
    }

    /// The light on every disc, averaged over the discs that continue its surface: single lamps' steps vanish.
    func light(on surfels: Surfels) -> [Light] {
        let each = surfels.discs.map { light(at: $0.position, normal: $0.normal, radius: $0.radius) }
        return surfels.continuations.map { near in
            let sum = near.prefix(12).reduce(SIMD2<Float>.zero) { $0 + SIMD2(each[$1.index].sky, each[$1.index].sun) }
            let mean = sum / Float(max(1, min(12, near.count)))
            return Light(sky: mean.x, sun: mean.y)
        }
    }

    /// The light at a place on a surface: the part of the sky's lamps seen, weighed by the normal, and the part of the
    /// sun's lamps seen.
    func light(at position: Vector, normal: Vector, radius: Float) -> Light {
        // From a little above the surface, so that it does not shadow itself.
        let place = position + normal * radius * 1.1
        var seen = Float(0)
        // A quarter of the light comes around corners: a sky has no edge.
        for lamp in sky {
            seen += max(0, 0.25 + 0.75 * dot(normal, lamp.direction)) * visibility(of: lamp, from: place)
        }
        let open = sky.reduce(Float(0)) { $0 + 0.25 + 0.75 * $1.direction.z }
        var sunSeen = Float(0)
        for lamp in sun { sunSeen += visibility(of: lamp, from: place) }
        return Light(sky: min(1, seen / open), sun: sunSeen / Float(sun.count))
    }

    /// The part of sky and sun that level ground sees from a place.
    func openness(at place: Vector) -> Light {
        let seen = sky.reduce(Float(0)) { $0 + visibility(of: $1, from: place) }
        let sunSeen = sun.reduce(Float(0)) { $0 + visibility(of: $1, from: place) }
        return Light(sky: seen / Float(sky.count), sun: sunSeen / Float(sun.count))
    }

    /// Points evenly over the unit disc: a sunflower's seeds.
    private static func spread(_ count: Int) -> [(x: Float, y: Float, radius2: Float)] {
        (0..<count).map { i in
            let radius2 = (Float(i) + 0.5) / Float(count)
            let angle = Float(i) * 2.399963
            return (radius2.squareRoot() * cos(angle), radius2.squareRoot() * sin(angle), radius2)
        }
    }

    private static func lamp(towards: Vector) -> Lamp {
        let direction = towards.normalized()
        let (sideways, upwards) = direction.tangents
        return Lamp(
            direction: direction, sideways: sideways, upwards: upwards,
            heights: [Float](repeating: -.infinity, count: cells * cells))
    }

    private func shade(_ lamp: inout Lamp, _ surfels: Surfels) {
        let cells = Self.cells
        let scale = Float(cells) / (2 * reach)
        let (direction, sideways, upwards) = (lamp.direction, lamp.sideways, lamp.upwards)
        lamp.heights.withUnsafeMutableBufferPointer { heights in
            for disc in surfels.discs {
                let offset = disc.position - middle
                let height = dot(offset, direction)
                let x = (dot(offset, sideways) + reach) * scale
                let y = (dot(offset, upwards) + reach) * scale
                let radius = max(0.75 * disc.radius * scale, 0.5)
                let rows = max(0, Int(y - radius))...max(0, min(cells - 1, Int(y + radius)))
                for row in rows {
                    // The cells of the row whose middles the disc covers.
                    let dy = Float(row) + 0.5 - y
                    let half = radius * radius - dy * dy
                    guard half >= 0 else { continue }
                    let first = max(0, Int((x - half.squareRoot() - 0.5).rounded(.up)))
                    let last = min(cells - 1, Int((x + half.squareRoot() - 0.5).rounded(.down)))
                    guard first <= last else { continue }
                    for cell in row * cells + first...row * cells + last where height > heights[cell] {
                        heights[cell] = height
                    }
                }
            }
        }
    }

    /// 1 where the lamp is seen, 0 where something is before it, between at a shadow's edge.
    @inline(__always)
    private func visibility(of lamp: Lamp, from place: Vector) -> Float {
        let cells = Self.cells
        let scale = Float(cells) / (2 * reach)
        let offset = place - middle
        let column = Int((dot(offset, lamp.sideways) + reach) * scale)
        let row = Int((dot(offset, lamp.upwards) + reach) * scale)
        guard column >= 0, row >= 0, column < cells, row < cells else { return 1 }
        let above = lamp.heights[row * cells + column] - dot(offset, lamp.direction)
        return above > 0.5 * spacing ? 0 : 1
    }
}

/// The light on the ground under and around the cloud, on a grid.
struct Ground {
    let height: Float
    private let middle: Vector
    private let reach: Float
    private var light: [SIMD2<Float>]

    private let cells: Int

    /// - Parameter size: the picture's width; small pictures need no fine shadows.
    init(_ sky: Sky, bounds: (lower: Vector, upper: Vector), size: Int) {
        cells = min(max(size * 5 / 16, 24), 192)
        height = bounds.lower.z
        middle = (bounds.lower + bounds.upper) / 2
        // Low lamps throw shadows far, but hardly visible ones.
        reach = 1.5 * (bounds.upper - bounds.lower).length + 1e-3
        light = [SIMD2<Float>](repeating: .one, count: cells * cells)
        for row in 0..<cells {
            for column in 0..<cells {
                let x = middle.x + ((Float(column) + 0.5) / Float(cells) * 2 - 1) * reach
                let y = middle.y + ((Float(row) + 0.5) / Float(cells) * 2 - 1) * reach
                let open = sky.openness(at: Vector(x, y, height))
                light[row * cells + column] = SIMD2(open.sky, open.sun)
            }
        }
        smooth()
    }

    /// The part of sky and sun seen from a place on the ground, between grid cells.
    func light(x: Float, y: Float) -> Light {
        let u = ((x - middle.x) / reach + 1) / 2 * Float(cells) - 0.5
        let v = ((y - middle.y) / reach + 1) / 2 * Float(cells) - 0.5
        guard u > 0, v > 0, u < Float(cells - 1), v < Float(cells - 1) else { return Light(sky: 1, sun: 1) }
        let (column, row) = (Int(u), Int(v))
        let (fx, fy) = (u - Float(column), v - Float(row))
        let cell = row * cells + column
        let upper = light[cell] * (1 - fx) + light[cell + 1] * fx
        let lower = light[cell + cells] * (1 - fx) + light[cell + cells + 1] * fx
        let mixed = upper * (1 - fy) + lower * fy
        return Light(sky: mixed.x, sun: mixed.y)
    }

    /// A binomial blur: the steps of single lamps vanish.
    private mutating func smooth() {
        for step in [1, cells, 1, cells] {
            let source = light
            for i in step..<(cells * cells - step) {
                light[i] = (source[i - step] + 2 * source[i] + source[i + step]) / 4
            }
        }
    }
}

// Points with an extent: discs that together close the surface.

import Glibc
import Pictures

/// One disc of the surface.
struct Surfel {
    var position: Vector
    var normal: Vector
    var radius: Float
    /// Linear light, 0...1.
    var colour: Vector
    /// Planes beyond which the disc is cut off: the surface bends away there.
    var cuts: [Plane]
}

/// The points x with `dot(normal, x) = offset`.
struct Plane {
    var normal: Vector
    var offset: Float
}

/// The discs of a cloud.
struct Surfels {
    let discs: [Surfel]
    /// The middle one of all radii: the cloud's spacing.
    let spacing: Float

    /// How many neighbours a disc reaches: with 7 expected in its area, one place in a thousand stays uncovered.
    private static let neighbours = 7
    private static let searched = 20
    private static let cutLimit = 4

    init(_ cloud: PointCloud) {
        let positions = cloud.positions
        let tree = NearestPoints(positions)
        let near = positions.map { tree.nearest(Self.searched, to: $0) }
        let normals =
            cloud.normals.map { $0.map { $0.normalized() } } ?? estimatedNormals(positions, neighbours: near)
        let extent = cloud.bounds.map { ($0.upper - $0.lower).length } ?? 0

        var radii = near.map { found in
            let reach = found.prefix(Self.neighbours + 1).last?.squaredDistance.squareRoot() ?? 0
            return reach > 0 ? reach : max(0.01, 0.02 * extent)
        }
        let median = radii.sorted()[radii.count / 2]
        // A stray point is no large disc.
        radii = radii.map { min(max($0, 0.4 * median), 1.7 * median) }
        spacing = median

        discs = positions.indices.map { i in
            let colour = cloud.colours?[i] ?? Colour(repeating: 200)
            return Surfel(
                position: positions[i], normal: normals[i], radius: radii[i], colour: decoded(colour),
                cuts: Self.cuts(i, positions, normals, near[i], radius: radii[i]))
        }
    }

    /// The planes of those neighbours from which the surface has bent away, the ones that cut deepest first.
    private static func cuts(
        _ i: Int, _ positions: [Vector], _ normals: [Vector], _ near: [(index: Int, squaredDistance: Float)],
        radius: Float
    ) -> [Plane] {
        var found: [(depth: Float, plane: Plane)] = []
        for (j, squared) in near where j != i && squared < 4 * radius * radius {
            let normal = normals[j]
            // A neighbour that faces about the same way continues the surface, one that faces the other way is the
            // back of something thin.
            let agreement = dot(normal, normals[i])
            guard agreement < 0.8, agreement > -0.5 else { continue }
            let offset = dot(normal, positions[j])
            let depth = offset - dot(normal, positions[i])
            // The tolerance forgives predicted points their noise.
            guard depth > -0.1 * radius, depth < radius else { continue }
            found.append((depth, Plane(normal: normal, offset: offset + 0.12 * radius)))
        }
        found.sort { $0.depth < $1.depth }
        var planes: [Plane] = []
        for (_, plane) in found where planes.count < cutLimit {
            if planes.allSatisfy({ dot($0.normal, plane.normal) < 0.9 }) { planes.append(plane) }
        }
        return planes
    }
}

/// sRGB bytes as linear light.
func decoded(_ colour: Colour) -> Vector {
    Vector(linearLight[Int(colour.x)], linearLight[Int(colour.y)], linearLight[Int(colour.z)])
}

/// Linear light as sRGB bytes; what is too bright is clamped.
func encoded(_ light: Vector) -> Colour {
    func byte(_ value: Float) -> UInt8 {
        let v = min(max(value, 0), 1)
        let encoded = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055
        return UInt8(255 * encoded + 0.5)
    }
    return Colour(byte(light.x), byte(light.y), byte(light.z))
}

private let linearLight: [Float] = (0..<256).map { byte in
    let v = Float(byte) / 255
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
}

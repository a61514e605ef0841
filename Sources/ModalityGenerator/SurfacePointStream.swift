// Any number of even surface points, piece by piece: memory does not grow with their number.

public import PointClouds
public import Surfaces

/// Gives the points of a field's surface in pieces of some thousand, which together are even.
///
/// The surface is contoured and cut into tiles, which are worked through one after the other. Candidates are drawn from a
/// tile's triangles and go to the field's closest surface point; those that crowd one another most are removed (Yuksel
/// 2015), where the points of earlier tiles crowd, too, but stay. So no two points are close together across a border
/// either.
public struct SurfacePointStream: Sequence, IteratorProtocol {
    private let field: any ClosestPointField
    private let mesh: Mesh
    private let stretch: SIMD3<Float>
    private let tiles: [SurfaceTiles.Tile]
    /// How many points there are when each tile is done.
    private let ends: [Int]
    /// Points nearer than this crowd each other.
    private let spacing: Double
    /// For every tile, the later ones within the spacing.
    private let later: [[Int]]
    /// The tile that comes next.
    private var index = 0
    /// The points of earlier tiles that lie beside a later one, and the last such tile.
    private var border: [(position: SIMD3<Float>, normal: SIMD3<Float>, last: Int)] = []
    private var drawn = 0
    private let shift: (Double, Double)

    /// The points of a tile, about.
    private static let tilePoints = 16_384
    /// How many candidates are drawn for each point.
    private static let candidatesPerPoint = 3
    /// Two sides of a thin part do not crowd each other.
    private static let sameSideCosine: Float = 0.3
    private static let leastPressure = 1e-4

    /// Exactly `count` points of a field's surface, under positive factors along the axes.
    public init(_ field: any ClosestPointField, count: Int, seed: UInt64, stretch: SIMD3<Float>) {
        precondition(count >= 0)
        (self.field, self.stretch) = (field, stretch)
        mesh = SurfaceExtraction()(field)
        let stretched = mesh.stretched(by: stretch)
        let tiles = SurfaceTiles(stretched, count: (count + Self.tilePoints - 1) / Self.tilePoints).tiles
        self.tiles = tiles
        let total = tiles.reduce(0) { $0 + $1.area }
        var (sum, ends) = (0.0, [Int]())
        for tile in tiles {
            sum += tile.area
            ends.append(Int((sum / total * Double(count)).rounded()))
        }
        if !ends.isEmpty { ends[ends.count - 1] = count }
        self.ends = ends
        // Twice the radius of the densest packing of discs.
        let spacing = 2 * (total / (2 * 3.0.squareRoot() * Double(Swift.max(1, count)))).squareRoot()
        self.spacing = spacing
        later = tiles.indices.map { index in
            let (lower, upper) = (tiles[index].lower - Float(spacing), tiles[index].upper + Float(spacing))
            return tiles.indices.dropFirst(index + 1).filter { other in
                all(tiles[other].lower .<= upper) && all(tiles[other].upper .>= lower)
            }
        }
        var normals = SeededNormals(seed: seed)
        func uniform() -> Double { Double(normals.bits() >> 11) * 0x1p-53 }
        shift = (uniform(), uniform())
    }

    /// The next piece; nil after the last.
    public mutating func next() -> PointCloud? {
        guard index < tiles.count else { return nil }
        defer { index += 1 }
        let tile = tiles[index]
        let count = ends[index] - (index > 0 ? ends[index - 1] : 0)
        guard count > 0 else { return PointCloud() }
        var points = candidates(in: tile, count: Swift.max(count, Self.candidatesPerPoint * count))
        let samples = approach(&points)
        let surface = SurfacePoints(positions: points, normals: samples.directions).stretched(by: stretch)

        let reach = Float(spacing)
        let beside = border.filter { point in
            all(point.position .>= tile.lower - reach) && all(point.position .<= tile.upper + reach)
        }
        let kept = evenSubset(
            of: beside.map(\.position) + surface.positions, normals: beside.map(\.normal) + surface.normals,
            fixed: beside.count, count: count, spacing: spacing, sameSideCosine: Self.sameSideCosine,
            leastPressure: Self.leastPressure)
        var positions = kept.map { points[$0 - beside.count] }
        let last = approach(&positions)
        let made = SurfacePoints(positions: positions, normals: last.directions, colours: last.colours)
            .stretched(by: stretch)
        keepBorder(of: made)
        return PointCloud(positions: made.positions, normals: made.normals, unitColours: made.colours)
    }

    /// Points evenly over a tile's area, before the stretch.
    private mutating func candidates(in tile: SurfaceTiles.Tile, count: Int) -> [SIMD3<Float>] {
        var points: [SIMD3<Float>] = []
        points.reserveCapacity(count)
        var (place, end) = (0, area(of: tile.triangles[0]))
        for candidate in 0..<count {
            let wanted = (Double(candidate) + 0.5) / Double(count) * tile.area
            while place + 1 < tile.triangles.count, end <= wanted {
                place += 1
                end += area(of: tile.triangles[place])
            }
            // Roberts's R2 sequence, folded into the triangle.
            let number = Double(drawn + candidate)
            var u = (shift.0 + 0.754_877_666_246_692_8 * number).truncatingRemainder(dividingBy: 1)
            var v = (shift.1 + 0.569_840_290_998_053_3 * number).truncatingRemainder(dividingBy: 1)
            if u + v > 1 { (u, v) = (1 - u, 1 - v) }
            let (a, b, c) = corners(of: tile.triangles[place])
            points.append(Float(1 - u - v) * a + Float(u) * b + Float(v) * c)
        }
        drawn += count
        return points
    }

    private func corners(of index: Int) -> (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>) {
        let triangle = mesh.triangles[index]
        return (mesh.positions[Int(triangle.x)], mesh.positions[Int(triangle.y)], mesh.positions[Int(triangle.z)])
    }

    /// The area of a triangle under the stretch.
    private func area(of index: Int) -> Double {
        let (a, b, c) = corners(of: index)
        let (u, v) = ((b - a) * stretch, (c - a) * stretch)
        let normal = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
        return Double((normal * normal).sum().squareRoot()) / 2
    }

    /// Moves points to where the field says that the surface is; what it says of nothing near stays.
    private func approach(_ points: inout [SIMD3<Float>]) -> FieldSamples {
        let samples = field.samples(at: points)
        for index in points.indices where abs(samples.distances[index]) < 0.05 {
            points[index] -= samples.distances[index] * samples.directions[index]
        }
        return samples
    }

    /// Keeps what later tiles have to keep away from, and no more of what no later tile has to.
    private mutating func keepBorder(of made: SurfacePoints) {
        let current = index
        border.removeAll { $0.last <= current }
        let reach = Float(spacing)
        for (position, normal) in zip(made.positions, made.normals) {
            let last = later[current].last { other in
                all(position .>= tiles[other].lower - reach) && all(position .<= tiles[other].upper + reach)
            }
            if let last { border.append((position, normal, last)) }
        }
    }
}

// The end product: points on surfaces, with their normals, colours and the object they belong to.

/// A coloured point cloud of `N` points; z is up, and a front looks along -y.
public struct PointCloud: Sendable, Equatable {
    /// Where the points are `[N]`, from ``origin``.
    public private(set) var positions: [SIMD3<Float>]

    /// Where the positions begin: zero but for clouds so far away that single precision would lose what they show, as
    /// those in map coordinates. Files are written with it added back.
    public private(set) var origin: SIMD3<Double>

    /// Unit vectors out of the surface `[N]`; nil when not known.
    public private(set) var normals: [SIMD3<Float>]?

    /// Red, green, blue `[N]`; nil when not known.
    public private(set) var colours: [SIMD3<UInt8>]?

    /// Which object of the scene a point belongs to `[N]`, from 0.
    public private(set) var objects: [UInt8]

    /// Points of one or several objects; the arrays given have the same length.
    public init(
        positions: [SIMD3<Float>] = [], normals: [SIMD3<Float>]? = nil, colours: [SIMD3<UInt8>]? = nil,
        objects: [UInt8]? = nil, origin: SIMD3<Double> = .zero
    ) {
        precondition(normals.map { $0.count == positions.count } ?? true, "one normal per point")
        precondition(colours.map { $0.count == positions.count } ?? true, "one colour per point")
        precondition(objects.map { $0.count == positions.count } ?? true, "one object index per point")
        self.positions = positions
        self.origin = origin
        self.normals = normals
        self.colours = colours
        self.objects = objects ?? [UInt8](repeating: 0, count: positions.count)
    }

    /// Points with colours given as red, green, blue in 0...1; what lies outside is clamped.
    public init(positions: [SIMD3<Float>], normals: [SIMD3<Float>]?, unitColours: [SIMD3<Float>], object: UInt8 = 0) {
        self.init(
            positions: positions, normals: normals,
            colours: unitColours.map { colour in
                let scaled = (colour.clamped(lowerBound: .zero, upperBound: .one) * 255).rounded(
                    .toNearestOrAwayFromZero)
                return SIMD3<UInt8>(UInt8(scaled.x), UInt8(scaled.y), UInt8(scaled.z))
            },
            objects: [UInt8](repeating: object, count: positions.count))
    }

    /// N, the number of points.
    public var count: Int { positions.count }

    /// The smallest box around all points, from ``origin``; nil without points.
    public var bounds: (lower: SIMD3<Float>, upper: SIMD3<Float>)? {
        guard let first = positions.first else { return nil }
        return positions.reduce((first, first)) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
    }

    /// The cloud scaled about the origin, then moved: an object put in its place.
    public func placed(at place: SIMD3<Float>, scale: Float = 1) -> PointCloud {
        var result = self
        result.positions = positions.map { place + scale * $0 }
        return result
    }

    /// The cloud with every point given to one object of the scene.
    public func assigned(to object: UInt8) -> PointCloud {
        var result = self
        result.objects = [UInt8](repeating: object, count: count)
        return result
    }

    /// The points with the given indices, in that order.
    public func subset(_ indices: [Int]) -> PointCloud {
        PointCloud(
            positions: indices.map { positions[$0] }, normals: normals.map { normals in indices.map { normals[$0] } },
            colours: colours.map { colours in indices.map { colours[$0] } }, objects: indices.map { objects[$0] },
            origin: origin)
    }

    /// Where a point is, with the origin added back.
    func place(_ index: Int) -> SIMD3<Double> { origin + SIMD3<Double>(positions[index]) }

    /// The same points, counted from another origin.
    public func rebased(to origin: SIMD3<Double>) -> PointCloud {
        guard origin != self.origin else { return self }
        var result = self
        let offset = self.origin - origin
        result.positions = positions.map { SIMD3<Float>(SIMD3<Double>($0) + offset) }
        result.origin = origin
        return result
    }

    /// Adds another cloud's points; what only one of the two knows (normals, colours) is dropped.
    public mutating func append(_ other: PointCloud) {
        if count == 0 {
            self = other
            return
        }
        positions += other.rebased(to: origin).positions
        objects += other.objects
        if let more = other.normals { normals?.append(contentsOf: more) } else { normals = nil }
        if let more = other.colours { colours?.append(contentsOf: more) } else { colours = nil }
    }
}

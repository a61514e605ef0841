// How long a file's unit is in units of the description language, as far as sizes of objects tell.

/// What a cloud's unit is taken for.
public enum LengthUnit: Sendable, Equatable {
    /// The language's own: a medium object is 1 long.
    case own
    /// So many of the file's units are one of the language's: given, or the only likely ones.
    case scaled(Double)
    /// Nobody can tell.
    case unknown

    /// The unit in which all objects of a cloud, by their longest sides, have a size that the language has a word for.
    ///
    /// A medium object is about 1 long, the tiniest 0.24, the hugest 3.2. A thousandth and a thousand of it are
    /// metres where millimetres are meant, and the other way round; between those, several units would do.
    public static func likely(longestSides sides: [Float]) -> LengthUnit {
        func isPlausible(_ factor: Double, _ range: ClosedRange<Double>) -> Bool {
            sides.allSatisfy { range.contains(Double($0) / factor) }
        }
        if isPlausible(1, 0.2...4) { return .own }
        for factor in [1_000, 0.001] where isPlausible(factor, 0.22...3.6) { return .scaled(factor) }
        return .unknown
    }
}

extension PointCloud {
    /// The cloud with all lengths divided, about its origin.
    public func divided(by factor: Double) -> PointCloud {
        PointCloud(
            positions: positions.map { SIMD3<Float>(SIMD3<Double>($0) / factor) }, normals: normals, colours: colours,
            objects: objects)
    }

    /// The longest side of the box around the points; 0 without points.
    public var longestSide: Float { bounds.map { ($0.upper - $0.lower).max() } ?? 0 }
}

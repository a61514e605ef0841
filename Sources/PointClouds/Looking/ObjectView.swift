// A cloud made ready to be told what it shows: its objects apart, without what does not belong to them, in the right unit.

/// One object of a cloud as a describer looks at it.
public struct ObjectView: Sendable {
    /// Its points: no strays, no floor, lengths in the describer's unit.
    public let cloud: PointCloud
    /// Whether its unit is known, and with it its size.
    private let sizeIsKnown: Bool

    /// The fewest different points that show a shape.
    static let fewestPoints = 64
    /// The highest ``PointCloud/dimension``: of 400 clouds of objects the highest was 2.66; 500 points or
    /// more without order have 2.75 and more, whatever box they fill.
    static let highestDimension: Float = 2.72

    /// Why points show nothing.
    public enum Fault: Sendable, Equatable, CustomStringConvertible {
        /// So many points lie in different places.
        case tooFewPoints(Int)
        /// All points lie on one line.
        case line
        /// The points fill space and form no surface.
        case noSurface
        /// An object as long as this may be of any size: nobody can tell the file's unit.
        case unknownUnit(longestSide: Float)

        /// What was expected of a cloud, and what was got.
        public var expectation: (expected: String, got: String) {
            switch self {
            case .tooFewPoints(let count): ("\(fewestPoints) or more points in different places per object", "\(count)")
            case .line: ("points on surfaces", "points on a line")
            case .noSurface: ("points on surfaces", "points without any order")
            case .unknownUnit(let side):
                (
                    "an object about 1 or 1000 long, or to be told how many units a medium object is long (--unit)",
                    "one \(side) long"
                )
            }
        }

        /// One line.
        public var description: String { "expected \(expectation.expected), got \(expectation.got)" }
    }

    /// What was taken for granted before a cloud was looked at.
    public enum Assumption: Sendable, Equatable, CustomStringConvertible {
        /// Points far from all others do not count.
        case strays(Int)
        /// The object stands on a floor, which does not count.
        case floor(points: Int)
        /// So many of the file's units are one of the language's.
        case unit(Double)
        /// The cloud has no colours: none is said.
        case noColours

        /// One line for a person.
        public var description: String {
            switch self {
            case .strays(let count): "\(count) \(count == 1 ? "point" : "points") far from all others left out"
            case .floor(let points): "a floor of \(points) points left out"
            case .unit(let factor): "\(plain(factor)) units are taken for the longest side of a medium object"
            case .noColours: "no colour is said: the cloud has none"
            }
        }
    }

    /// The objects of a cloud by their numbers, and what was taken for granted.
    ///
    /// - Parameters:
    ///   - cloud: the cloud, in its file's units.
    ///   - unit: how many of the file's units are one of the language's, a medium object's longest side; nil where it
    ///     is to be found by the sizes.
    public static func views(of cloud: PointCloud, unit: Double? = nil) -> (views: [ObjectView], [Assumption]) {
        var assumptions: [Assumption] = []
        var (strays, floor) = (0, 0)
        let parts = cloud.pointsByObject.map { group in
            let (kept, left) = (group.points.count == cloud.count ? cloud : cloud.subset(group.points)).withoutStrays()
            strays += left
            guard let object = kept.withoutFloor() else { return kept }
            floor += kept.count - object.count
            return object
        }
        if strays > 0 { assumptions.append(.strays(strays)) }
        if floor > 0 { assumptions.append(.floor(points: floor)) }
        let sides = parts.map(\.longestSide)
        let length = unit.map { $0 == 1 ? LengthUnit.own : .scaled($0) } ?? .likely(longestSides: sides)
        switch length {
        case .own, .unknown: break
        case .scaled(let factor): if unit == nil { assumptions.append(.unit(factor)) }
        }
        if cloud.colours == nil { assumptions.append(.noColours) }
        let views = parts.map { part in
            switch length {
            case .own: ObjectView(cloud: part, sizeIsKnown: true)
            case .scaled(let factor): ObjectView(cloud: part.divided(by: factor), sizeIsKnown: true)
            case .unknown: ObjectView(cloud: part, sizeIsKnown: false)
            }
        }
        return (views, assumptions)
    }

    /// Why its points show nothing, whatever a describer may see in them; nil where they show a shape.
    public var fault: Fault? {
        let different = differentPoints
        if different < Self.fewestPoints { return .tooFewPoints(different) }
        if cloud.isLine { return .line }
        if let dimension = cloud.dimension, dimension > Self.highestDimension { return .noSurface }
        if !sizeIsKnown { return .unknownUnit(longestSide: cloud.longestSide) }
        return nil
    }

    /// How many of its points lie in different places.
    public var differentPoints: Int { Set(cloud.positions).count }
}

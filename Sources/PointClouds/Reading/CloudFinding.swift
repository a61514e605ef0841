// What reading a cloud left out or took for granted: said, so that nothing is lost in silence.

/// Something that a file has and the cloud has not, or that the file leaves open.
public enum CloudFinding: Sendable, Equatable, CustomStringConvertible {
    /// Points whose positions are not finite; they are not in the cloud.
    case pointsLeftOut(Int)
    /// Colours that are not finite, taken for black.
    case coloursNotFinite(Int)
    /// Colours stored in another range than their type's usual one, which their largest value shows.
    case colourRange(to: Double)
    /// Colours whose range cannot be told; the cloud has none.
    case coloursOfUnknownRange(largest: Double)
    /// Only a part of the points has colours; the cloud has none.
    case coloursIncomplete
    /// Only a part of the points has normals; the cloud has none.
    case normalsIncomplete
    /// Colours are the constant part of spherical harmonics, as Gaussian splats store them.
    case coloursFromHarmonics
    /// What the columns of a text without names are taken for.
    case columnsAssumed(String)
    /// Columns or properties of points that are not read.
    case columnsNotRead([String])
    /// Other things of the file that are not read: elements, textures, materials.
    case notRead([String])
    /// Points were drawn from triangles, evenly over their area.
    case surfaceSampled(points: Int, triangles: Int)
    /// The format does not say which way is up.
    case upAssumed
    /// Coordinates are so large that they are kept relative to an origin.
    case originKept(SIMD3<Double>)

    /// One line for a person.
    public var description: String {
        switch self {
        case .pointsLeftOut(let count):
            "\(count) \(count == 1 ? "point is" : "points are") left out: not finite"
        case .coloursNotFinite(let count): "\(count) \(count == 1 ? "colour is" : "colours are") not finite: black"
        case .colourRange(let top): "colours are taken to range from 0 to \(plain(top))"
        case .coloursOfUnknownRange(let largest):
            "colours are left out: values up to \(plain(largest)) fit no known range"
        case .coloursIncomplete: "colours are left out: only some points have one"
        case .normalsIncomplete: "normals are left out: only some points have one"
        case .coloursFromHarmonics: "colours are the constant part of the spherical harmonics"
        case .columnsAssumed(let names): "columns are taken for \(names)"
        case .columnsNotRead(let names): "not read: \(listed(names)) of the points"
        case .notRead(let names): "not read: \(listed(names))"
        case .surfaceSampled(let points, let triangles):
            "\(points) points are drawn from \(triangles) \(triangles == 1 ? "triangle" : "triangles")"
        case .upAssumed: "z is taken for up"
        case .originKept(let origin):
            "coordinates are kept from (\(plain(origin.x)), \(plain(origin.y)), \(plain(origin.z)))"
        }
    }
}

/// A number without ".0".
func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
}

/// Some of the names, and how many more there are.
private func listed(_ names: [String]) -> String {
    let shown = names.prefix(6).map(quoted).joined(separator: ", ")
    return names.count > 6 ? "\(shown) and \(names.count - 6) more" : shown
}

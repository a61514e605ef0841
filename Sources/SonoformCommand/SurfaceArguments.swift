// What `convert` and `batch` ask of surfaces, and the formats of both kinds of output.

import ArgumentParser
import PointClouds
import Sonoform
import Surfaces

/// A format of an output: of clouds, of surfaces, or of both.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case ply
    case plyASCII = "ply-ascii"
    case xyz, obj, glb, stl
    case threeMF = "3mf"

    /// As a cloud's format; nil for those that hold surfaces alone.
    var cloud: CloudFormat? { CloudFormat(rawValue: rawValue) }

    /// As a surface's format; nil for those that hold points alone.
    var mesh: MeshFormat? { MeshFormat(rawValue: rawValue) }

    /// The format that a path's ending asks for; nil when it asks for none.
    init?(path: String) {
        guard let name = MeshFormat(path: path)?.rawValue ?? CloudFormat(path: path)?.rawValue else { return nil }
        self.init(rawValue: name)
    }

    /// What the files of all formats end in.
    static let endings = Set(allCases.map { $0 == .plyASCII ? "ply" : $0.rawValue }).sorted()
}

/// A length as it is written: "80mm", "8cm", "0.1m", "3in", "80".
struct PrintedLength: ExpressibleByArgument {
    let millimetres: Double

    init?(argument: String) {
        let units = [("mm", 1.0), ("cm", 10), ("m", 1_000), ("in", 25.4), ("", 1)]
        guard let (unit, factor) = units.first(where: { argument.lowercased().hasSuffix($0.0) }),
            let number = Double(argument.dropLast(unit.count)), number.isFinite, number > 0
        else { return nil }
        millimetres = number * factor
    }
}

/// Options of surfaces.
struct SurfaceArguments: ParsableArguments {
    @Flag(help: "Makes closed surfaces, to print and to play with; STL and 3MF files always have them.")
    var surface = false

    @Option(help: ArgumentHelp("The most triangles of an object's surface. (default: 50000)", valueName: "n"))
    var detail: Int?

    @Option(
        help: ArgumentHelp(
            "How long the longest side of a surface's scene is: 80mm, 8cm, 0.1m, 3in. (default: 100 mm a unit in STL and 3MF)",
            valueName: "length"))
    var size: PrintedLength?

    @Flag(help: "Puts surfaces that stand on the ground on a flat plate.")
    var base = false

    func validate() throws {
        let range = SurfaceExtraction.triangleRange
        guard range.contains(detail ?? range.lowerBound) else {
            throw ValidationError("--detail takes \(range.lowerBound) to \(range.upperBound).")
        }
        guard (0.01...1e7).contains(size?.millimetres ?? 1) else {
            throw ValidationError("--size takes 0.01mm to 10000m.")
        }
    }

    /// Throws for options of surfaces where a format is not one of theirs, or none are made.
    func check(_ format: OutputFormat?) throws {
        if surface, let format, format.mesh == nil {
            throw ValidationError("--surface is written as stl, glb, obj, ply or 3mf, not as \(format.rawValue).")
        }
        guard detail == nil && size == nil && !base || isWanted(by: format) else {
            throw ValidationError("--detail, --size and --base belong to --surface.")
        }
    }

    /// Whether surfaces are made for a format.
    func isWanted(by format: OutputFormat?) -> Bool { surface || (format.map { $0.cloud == nil } ?? false) }

    /// Puts the format into a job's options, with what is asked of surfaces where it is one of theirs.
    func choose(_ format: OutputFormat?, for options: inout JobOptions) {
        guard isWanted(by: format) else {
            options.format = format?.cloud ?? .ply
            return
        }
        options.conversion.surface = SurfaceOptions(
            triangles: detail ?? 50_000, millimetres: size?.millimetres, base: base)
        options.surfaceFormat = format?.mesh ?? .glb
    }
}

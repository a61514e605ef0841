// sonoform compare: how far two point clouds are apart.

import ArgumentParser
import AtomicFiles
import PointClouds
import Sonoform
import SystemPackage

/// Prints the distances between two clouds.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Tells how far two point clouds or meshes are apart.",
        discussion: "Of meshes points are drawn, evenly over their area.")

    @Argument(help: "A point cloud or a mesh: PLY, XYZ, OBJ, GLB or STL.")
    var first: FilePath

    @Argument(help: "Another one.")
    var second: FilePath

    @Option(
        name: .customLong("threshold"),
        help: ArgumentHelp(
            "A distance within which points meet, for the F-score; may be repeated. (default: 0.05)", valueName: "x"))
    var thresholds: [Double] = []

    @Option(help: ArgumentHelp("How many points are drawn of a mesh.", valueName: "n"))
    var samples = SurfaceSampling().points

    @Option(help: ArgumentHelp("What shifts those points along the mesh.", valueName: "n"))
    var seed: UInt64 = 0

    @Flag(help: "Prints one JSON object.")
    var json = false

    func validate() throws {
        guard thresholds.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw ValidationError("--threshold takes a positive number.")
        }
        guard (1...10_000_000).contains(samples) else { throw ValidationError("--samples takes 1 to 10000000.") }
    }

    func run() throws {
        do {
            let comparison = CloudComparison(
                try read(first), try read(second), thresholds: thresholds.isEmpty ? [0.05] : thresholds)
            say(json ? jsonLine(comparison) : lines(comparison))
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }

    private func read(_ path: FilePath) throws -> PointCloud {
        let file = try CloudFile(path, sampling: SurfaceSampling(points: samples, seed: seed))
        tell(file.findings, of: path)
        let cloud = file.cloud
        guard cloud.count > 0 else {
            throw CommandError(source: path.printable, expected: "a cloud of points", got: "none")
        }
        return cloud
    }

    private func lines(_ comparison: CloudComparison) -> String {
        func row(_ name: String, _ value: Double?) -> [String] {
            guard let value else { return [] }
            let padding = String(repeating: " ", count: max(1, 32 - name.count))
            return ["\(name)\(padding)\(decimal(Float(value), places: 6))"]
        }
        return
            (row("Chamfer distance, mean of both", comparison.chamferDistance)
            + row("Chamfer distance, squares added", comparison.squaredChamferDistance)
            + row("Hausdorff distance", comparison.hausdorffDistance)
            + comparison.fScores.flatMap { row("F-score at \($0.threshold)", $0.fScore) }
            + row("colour error, 0 to 1", comparison.colourError)
            + row("normal error, degrees", comparison.normalErrorDegrees)).joined(separator: "\n")
    }
}

// sonoform compare: how far two point clouds are apart.

import ArgumentParser
import PointClouds
import Sonoform

/// Prints the distances between two clouds.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Tells how far two point clouds are apart.")

    @Argument(help: "A PLY file.")
    var first: String

    @Argument(help: "Another PLY file.")
    var second: String

    @Option(help: ArgumentHelp("The distance within which points meet, for the F-score.", valueName: "x"))
    var threshold = 0.05

    @Flag(help: "Prints one JSON object.")
    var json = false

    func validate() throws {
        guard threshold > 0, threshold.isFinite else { throw ValidationError("--threshold takes a positive number.") }
    }

    func run() throws {
        do {
            let comparison = CloudComparison(try read(first), try read(second), fScoreThreshold: threshold)
            print(json ? jsonLine(comparison) : lines(comparison))
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }

    private func read(_ path: String) throws -> PointCloud {
        let cloud = try PointCloud(readingPLY: path)
        guard cloud.count > 0 else { throw CommandError(source: path, expected: "a cloud of points", got: "none") }
        return cloud
    }

    private func lines(_ comparison: CloudComparison) -> String {
        func row(_ name: String, _ value: Double?) -> String? {
            value.map { "\(name)  \(decimal(Float($0), places: 5))" }
        }
        return [
            row("Chamfer distance  ", comparison.chamferDistance),
            row("Hausdorff distance", comparison.hausdorffDistance),
            row("F-score at \(decimal(Float(threshold), places: 3))  ", comparison.fScore),
            row("colour error      ", comparison.colourError),
            row("normal error, deg ", comparison.normalErrorDegrees),
        ].compactMap(\.self).joined(separator: "\n")
    }
}

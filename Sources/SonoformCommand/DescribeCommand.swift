// sonoform describe: the description of a point cloud.

import ArgumentParser
import PointClouds
import Sonoform

/// Writes what point clouds show, in the words of the description language.
struct DescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Writes the description of the shape that a point cloud shows.")

    @Argument(help: ArgumentHelp("Point clouds: PLY, XYZ, OBJ or GLB.", valueName: "cloud"))
    var clouds: [String]

    @Option(
        help: ArgumentHelp(
            "How many of the file's units are as long as a medium object; by default found by the objects' sizes.",
            valueName: "x"))
    var unit: Double?

    @Flag(help: "Prints one JSON object an input.")
    var json = false

    @OptionGroup var pipelineOptions: PipelineOptions

    func validate() throws {
        if let unit, !(unit > 0 && unit.isFinite) { throw ValidationError("--unit takes a positive number.") }
    }

    func run() throws {
        let describer: ShapeDescriber
        do {
            describer = try ShapeDescriber(try pipelineOptions.load(), precision: pipelineOptions.precision)
        } catch {
            report(error)
            throw ExitCode(1)
        }
        var failures = 0
        for input in clouds {
            do {
                let start = ContinuousClock.now
                let file = try CloudFile(path: input)
                tell(file.findings, of: input)
                let finding = try describer(file.cloud, source: input, unit: unit)
                for assumption in finding.assumptions { report("sonoform: \(input): note: \(assumption)") }
                let answer = DescriptionReport(
                    input: input, objects: finding.objects, confidence: finding.confidence,
                    assumptions: file.findings.map(\.description) + finding.assumptions,
                    seconds: (ContinuousClock.now - start).inSeconds)
                print(json ? jsonLine(answer) : "\(input): \(finding.objects.joined(separator: ", "))")
            } catch {
                failures += 1
                if json { print(jsonLine(ConversionRecord(input: input, error: "\(error)"))) }
                report(error)
            }
        }
        if failures > 0 { throw ExitCode(1) }
    }
}

/// One described cloud; its JSON is `describe --json`'s line.
private struct DescriptionReport: Encodable {
    let input: String
    let objects: [String]
    let confidence: Float
    let assumptions: [String]
    let seconds: Double
}

// sonoform describe: the description of a point cloud.

import ArgumentParser
import AtomicFiles
import PointClouds
import Sonoform
import SystemPackage

/// Writes what point clouds show, in the words of the description language.
struct DescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Writes the description of the shape that a point cloud shows.")

    @Argument(help: ArgumentHelp("Point clouds: PLY, XYZ, OBJ, GLB or STL.", valueName: "cloud"))
    var clouds: [FilePath]

    @Option(
        help: ArgumentHelp(
            "How many of the file's units are as long as a medium object; by default found by the objects' sizes.",
            valueName: "x"))
    var unit: Double?

    @Flag(help: "Prints one JSON object per input.")
    var json = false

    @OptionGroup var pipelineOptions: PipelineOptions

    func validate() throws {
        if let unit, !(unit > 0 && unit.isFinite) { throw ValidationError("--unit takes a positive number.") }
    }

    func run() throws {
        let pipeline: Pipeline
        do {
            pipeline = try pipelineOptions.load()
        } catch {
            report(error)
            throw ExitCode(1)
        }
        var failures = 0
        for input in clouds {
            do {
                let start = ContinuousClock.now
                let file = try CloudFile(input)
                tell(file.findings, of: input)
                let scene = try pipeline.understand(file.cloud, source: input.printable, unit: unit)
                for assumption in scene.assumptions ?? [] {
                    report("sonoform: \(input.printable): note: \(assumption)")
                }
                let answer = DescriptionReport(
                    input: input.text, objects: pipeline.descriptions(of: scene), confidence: scene.confidence ?? 0,
                    assumptions: file.findings.map(\.description) + (scene.assumptions ?? []),
                    seconds: (ContinuousClock.now - start).inSeconds)
                say(json ? jsonLine(answer) : "\(input.printable): \(answer.objects.joined(separator: ", "))")
            } catch {
                failures += 1
                if json { say(jsonLine(ConversionRecord(input: input.text, error: error))) }
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

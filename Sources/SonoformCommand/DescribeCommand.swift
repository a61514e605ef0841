// sonoform describe: the description of a point cloud.

import ArgumentParser
import PointClouds
import Sonoform

/// Writes what point clouds show, in the words of the description language.
struct DescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Writes the description of the shape that a point cloud shows.")

    @Argument(help: ArgumentHelp("PLY files.", valueName: "ply"))
    var clouds: [String]

    @Flag(help: "Prints one JSON object an input.")
    var json = false

    @OptionGroup var pipelineOptions: PipelineOptions

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
                let scene = try pipeline.understand(try PointCloud(readingPLY: input), source: input)
                let answer = DescriptionReport(
                    input: input, objects: pipeline.descriptions(of: scene), confidence: scene.confidence ?? 0,
                    seconds: (ContinuousClock.now - start).inSeconds)
                print(json ? jsonLine(answer) : "\(input): \(answer.objects.joined(separator: ", "))")
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
    let seconds: Double
}

// sonoform convert: recordings or a text to point clouds.

import ArgumentParser
import Pictures
import PointClouds
import Sonoform

/// Converts recordings, or one text, to PLY files.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Converts recordings of spoken descriptions to point clouds (PLY).",
        discussion: """
            sonoform convert chair.wav                  writes chair.ply
            sonoform convert *.flac -o clouds/          one PLY a recording
            sonoform convert --text "a red cube"        the same, from a written description
            """)

    @Argument(help: "Recordings: WAV, AIFF, FLAC or Ogg.")
    var audio: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("The PLY to write, or a folder for it.", valueName: "file|dir"))
    var output: String?

    @Option(help: ArgumentHelp("A written description instead of a recording.", valueName: "text"))
    var text: String?

    @Option(help: ArgumentHelp("How many points a cloud has.", valueName: "n"))
    var points = 4_096

    @Option(help: ArgumentHelp("What the shape's freedom is drawn from.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("The steps of the flow (default: as the model has it).", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("How strongly the flow is guided (default: as the model has it).", valueName: "x"))
    var guidance: Float?

    @Flag(help: "Also draws the cloud, as a PNG beside the PLY.")
    var picture = false

    @Flag(help: "Prints one JSON object an input.")
    var json = false

    @OptionGroup var pipelineOptions: PipelineOptions

    func validate() throws {
        guard audio.isEmpty != (text == nil) else {
            throw ValidationError(
                text == nil ? "Name at least one recording, or give --text." : "Give recordings or --text, not both.")
        }
        guard (1...1_000_000).contains(points) else { throw ValidationError("--points takes 1 to 1000000.") }
        guard (1...1_000).contains(steps ?? 1) else { throw ValidationError("--steps takes 1 to 1000.") }
        guard (0...100).contains(guidance ?? 1) else { throw ValidationError("--guidance takes 0 to 100.") }
    }

    func run() throws {
        let start = ContinuousClock.now
        let plan: OutputPlan
        let pipeline: Pipeline
        do {
            plan = try OutputPlan(inputs: text.map { [slug($0)] } ?? audio, output: output)
            pipeline = try pipelineOptions.load()
        } catch {
            report(error)
            throw ExitCode(1)
        }
        var load = (ContinuousClock.now - start).inSeconds
        let options = ConversionOptions(points: points, seed: seed, steps: steps, guidance: guidance)
        var failures = 0
        for (index, input) in (text.map { [$0] } ?? audio).enumerated() {
            do {
                var conversion =
                    text == nil
                    ? try pipeline.convert(file: input, options: options)
                    : try pipeline.convert(text: input, options: options)
                try write(&conversion, to: plan.paths[index])
                conversion.seconds.load = load
                conversion.seconds.total += load
                load = 0  // the pipeline was loaded for the first input
                tell(ConversionReport(input: input, output: plan.paths[index], conversion))
            } catch {
                failures += 1
                if json { print(ConversionFailure(input: input, error: "\(error)").line) }
                report(error)
            }
        }
        if failures > 0 { throw ExitCode(1) }
    }

    private func write(_ conversion: inout Conversion, to path: String) throws {
        let start = ContinuousClock.now
        try conversion.cloud.writePLY(to: path)
        if picture { try CloudRenderer()(conversion.cloud).writePNG(to: pathOfPicture(beside: path)) }
        let elapsed = (ContinuousClock.now - start).inSeconds
        conversion.seconds.write = elapsed
        conversion.seconds.total += elapsed
    }

    private func tell(_ report: ConversionReport) {
        print(json ? report.line : report.lines(picture: picture ? pathOfPicture(beside: report.output) : nil))
    }
}

/// "chair.ply" -> "chair.png".
func pathOfPicture(beside path: String) -> String {
    let known = [".ply", ".npy", ".safetensors"].first { path.hasSuffix($0) }
    return path.dropLast(known?.count ?? 0) + ".png"
}

/// A file's name for a text: "A tall, red chair!" -> "a-tall-red-chair".
func slug(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let slug = words.joined(separator: "-").prefix(60)
    return slug.isEmpty ? "description" : String(slug)
}

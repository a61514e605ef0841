// What `convert` and `batch` ask of a conversion.

public import ArgumentParser
public import AudioFeatures
import Logging
import PointClouds
public import Sonoform

extension AudioDecoder: ExpressibleByArgument {}
extension ChannelChoice: ExpressibleByArgument {}
extension ModalitySignals: ExpressibleByArgument {}

/// Options of a conversion.
struct ConversionArguments: ParsableArguments {
    @Option(help: ArgumentHelp("How many points a cloud has.", valueName: "n"))
    var points = 4_096

    @Flag(help: "Makes sure that every normal points out of its shape.")
    var normals = false

    @Option(help: ArgumentHelp("What the shape's freedom is drawn from.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "What shapes are made of: continuous signals by the flow, or discrete ones, codes that the model writes.",
            valueName: "kind"))
    var signals = ModalitySignals.continuous

    @Option(help: ArgumentHelp("The steps of the flow (default: as the model has it).", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("How strongly the flow is guided (default: as the model has it).", valueName: "x"))
    var guidance: Float?

    @Option(
        help: ArgumentHelp(
            "Below this probability of being right nothing is made, 0 to 1 (default: as the model has it).",
            valueName: "p"))
    var leastConfidence: Float?

    @Flag(help: "Refuses an object that is only a kind of one that the model makes, such as a cottage, of a house.")
    var strict = false

    @Option(
        help: ArgumentHelp("The channel that is heard, from 1, their mix, or each by itself.", valueName: "n|mix|each"))
    var channel = ChannelChoice.mix

    @Option(help: "What decodes recordings: built-in, or the installed ffmpeg for what that does not read (MP3, M4A).")
    var decoder = AudioDecoder.builtIn

    @Option(help: ArgumentHelp("The silence that ends an utterance.", valueName: "seconds"))
    var pause = 1.0

    @Flag(help: "Puts a recording's utterances into one scene, not a file each.")
    var join = false

    @Option(
        help: """
            The format of the files; stl and 3mf hold surfaces. (default: ply, with --surface glb; in convert, what the \
            output's name ends in)
            """)
    var format: OutputFormat?

    @OptionGroup(title: "Surfaces") var surfaces: SurfaceArguments

    @Flag(help: "Also draws the cloud, as a PNG beside it.")
    var picture = false

    @Flag(
        name: .customLong("scene-json"),
        help: "Also writes the scene that was understood, as JSON beside the cloud.")
    var sceneJSON = false

    func validate() throws {
        guard (1...10_000_000).contains(points) else { throw ValidationError("--points takes 1 to 10000000.") }
        guard (1...1_000).contains(steps ?? 1) else { throw ValidationError("--steps takes 1 to 1000.") }
        guard (0...100).contains(guidance ?? 1) else { throw ValidationError("--guidance takes 0 to 100.") }
        guard signals == .continuous || (steps == nil && guidance == nil) else {
            throw ValidationError("--steps and --guidance belong to the flow, which --signals discrete does without.")
        }
        guard (0...1).contains(leastConfidence ?? 0) else {
            throw ValidationError("--least-confidence takes 0 to 1.")
        }
        guard (0.1...60).contains(pause) else { throw ValidationError("--pause takes 0.1 to 60 seconds.") }
    }

    /// The library's own options, for files of a format; nil for the default one.
    func options(format: OutputFormat?) -> JobOptions {
        var options = JobOptions()
        options.conversion = ConversionOptions(
            points: points, seed: seed, steps: steps, guidance: guidance, signals: signals,
            leastConfidence: leastConfidence, outwardNormals: normals ? true : nil,
            strict: strict ? true : nil)
        (options.channel, options.decoder) = (channel, decoder)
        (options.pauseSeconds, options.joins) = (pause, join)
        surfaces.choose(format, for: &options)
        (options.picture, options.sceneJSON) = (picture, sceneJSON)
        return options
    }
}

/// Whether the program tells what it does.
struct LoggingOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Logs what is done, on standard error.")
    var verbose = false

    /// The program's logger, which without `--verbose` is silent.
    func logger() -> Logger {
        var logger = Logger(label: "sonoform") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .critical
        return logger
    }
}

// sonoform run-stage: one component alone on a tensor file.

public import ArgumentParser
import AtomicFiles
import Sonoform
import SystemPackage
import Tensors

extension Stage: ExpressibleByArgument {}

/// Runs one component on an .npy file.
struct RunStageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-stage",
        abstract: "Runs one component alone on a tensor file.",
        discussion: """
            encoder           features [mels, T] -> hidden states [T/2, W]
            phones            features [mels, T] -> phone posteriors [T/2, P]
            input-projector   posteriors [T, P] or hidden states [T, W] -> vectors [N, W']
            language-model    vectors [S, W] -> hidden states [S, W], causal
            output-projector  hidden states [K, W] -> conditions [K, C]
            code-writer       conditions [K, C] -> latents [L, 3 + F], by discrete signals
            generator         conditions [K, C] or latents [L, 3 + F] -> points [N, 9]: position, normal, colour
            """)

    @Argument(help: "encoder, phones, input-projector, language-model, output-projector, code-writer or generator.")
    var stage: Stage

    @Argument(help: ArgumentHelp("A component's folder or a pipeline's.", valueName: "dir"))
    var directory: FilePath

    @Option(help: ArgumentHelp("The tensor to read.", valueName: "x.npy"))
    var input: FilePath

    @Option(help: ArgumentHelp("The tensor to write.", valueName: "y.npy"))
    var output: FilePath

    @Option(
        help: "The number format of the matrix products: f32, bf16 or int8. (default: what the processor does best)")
    var precision: Precision?

    @Option(name: .customLong("repeat"), help: ArgumentHelp("How often to run it, for timing.", valueName: "n"))
    var repetitions = 1

    @Option(help: ArgumentHelp("How many threads compute. (default: all cores)", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("generator: how many points.", valueName: "n"))
    var points = 4_096

    @Option(help: ArgumentHelp("generator: what the shape's freedom is drawn from.", valueName: "n"))
    var seed: UInt64 = 0

    @Flag(help: "Prints one JSON object.")
    var json = false

    func validate() throws {
        guard (1...1_000_000).contains(repetitions) else { throw ValidationError("--repeat takes 1 to 1000000.") }
        guard (1...1_000_000).contains(points) else { throw ValidationError("--points takes 1 to 1000000.") }
        if let threads, !(1...1_024).contains(threads) { throw ValidationError("--threads takes 1 to 1024.") }
    }

    private struct Summary: Encodable {
        let stage: String
        let input: [Int]
        let output: [Int]
        /// The fastest run.
        let seconds: Double
        let runs: Int
    }

    func run() throws {
        do {
            try checkEnding(of: output, known: ["npy"])
            try protectRecordings(from: output, inputs: [input])
            if let threads { setComputeThreads(threads) }
            let compute = try stage.load(
                directory, precision: precision ?? .native, options: ConversionOptions(points: points, seed: seed))
            let tensor = try Tensor(npy: input)
            var result = tensor
            var fastest = Double.infinity
            for _ in 0..<repetitions {
                let start = ContinuousClock.now
                do {
                    result = try compute(tensor)
                } catch {
                    throw CommandError(
                        source: input.printable, expected: "what \(stage.rawValue) takes", got: "\(error)")
                }
                fastest = min(fastest, (ContinuousClock.now - start).inSeconds)
            }
            try result.writeNPY(to: output)
            let summary = Summary(
                stage: stage.rawValue, input: tensor.shape, output: result.shape, seconds: fastest, runs: repetitions)
            if json {
                say(jsonLine(summary))
            } else {
                say(
                    "\(output.printable): \(stage.rawValue) \(tensor.shape) -> \(result.shape), "
                        + "\(decimal(Float(fastest * 1_000), places: 2)) ms")
            }
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }
}

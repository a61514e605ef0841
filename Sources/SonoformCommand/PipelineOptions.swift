// Options that several subcommands share.

public import ArgumentParser
import Sonoform
import SystemPackage
import Tensors

extension Precision: ExpressibleByArgument {}

/// Which pipeline runs, and how.
struct PipelineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A pipeline folder; also by SONOFORM_MODEL.", valueName: "dir"))
    var model: FilePath?

    @Option(
        help: "The number format of the matrix products: f32, bf16 or int8. (default: what the processor does best)")
    var precision: Precision?

    @Option(help: ArgumentHelp("How many threads compute. (default: all cores)", valueName: "n"))
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1_024).contains(threads) { throw ValidationError("--threads takes 1 to 1024.") }
    }

    /// Loads the pipeline, which computes in so many threads, and the listener before it.
    func load(_ listening: ListenerArguments? = nil) throws -> Pipeline {
        var pipeline = try Pipeline(directory: PipelineLocation.find(named: model), precision: precision ?? .native)
        pipeline.threads = threads
        pipeline.listener = try listening?.load(precision: precision)
        return pipeline
    }
}

// Who hears before the pipeline.

import ArgumentParser
import Sonoform
import SystemPackage
import Tensors

/// The listener of a command that hears recordings.
struct ListenerArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A whole Whisper, a folder of transformers', that hears in the pipeline's place: its words are read as "
                + "--text is.",
            valueName: "dir"))
    var listener: FilePath?

    /// Loads the listener; nil where none is asked for.
    func load(precision: Precision?) throws(SonoformError) -> (any Listener)? {
        guard let listener else { return nil }
        return try ComponentVariants().listeners.load(directory: listener, precision: precision ?? .native)
    }
}

// The bytes that outputs come from, besides their recordings.

import SystemPackage

/// The hashes of the folders that a run computes with.
struct ModelHashes: Sendable, Equatable {
    /// That of the pipeline's files.
    let pipeline: String
    /// That of the listener's files; nil without one.
    let listener: String?

    /// Reads all files of the folders.
    init(pipeline: FilePath, listener: FilePath?) {
        self.pipeline = ContentHash.ofPipeline(pipeline)
        self.listener = listener.map(ContentHash.ofPipeline)
    }

    /// Those of a pipeline and of the listener before it.
    init(_ pipeline: Pipeline) { self.init(pipeline: pipeline.directory, listener: pipeline.listener?.directory) }
}

// The recordings and the pipeline that the examples use, and files that are gone when a test is over.

import Foundation
import Sonoform

/// The built-in pipeline, loaded once.
let pipeline: Pipeline = {
    do { return try Pipeline(directory: PipelineLocation.find()) } catch { fatalError("\(error)") }
}()

/// A recording of `audio-samples`: this file is Examples/Tests/Files.swift beside it.
func sample(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../audio-samples/\(name)").standardized
        .path()
}

/// A path that is free, and is so again afterwards.
final class TemporaryFile {
    let path: String

    init(ending: String) throws {
        path = FileManager.default.temporaryDirectory.path() + "/sonoform-\(UUID().uuidString).\(ending)"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The built-in pipeline's folder, copied, to be changed.
final class PipelineCopy {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path() + "/sonoform-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: PipelineLocation.find(), toPath: path)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

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

/// A folder that is gone with its owner.
final class TemporaryFolder {
    let path = FileManager.default.temporaryDirectory.path() + "/sonoform-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The built-in pipeline's folder, copied, to be changed.
final class PipelineCopy {
    private let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/pipeline"
        try FileManager.default.copyItem(atPath: "\(PipelineLocation.find())", toPath: path)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }
}

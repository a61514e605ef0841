// The shipped pipeline and the sample recordings, for the tests.

import Foundation
import GoldenFiles
import Sonoform

/// The shipped pipeline, loaded once for all tests.
let builtIn: Pipeline = {
    do { return try Pipeline(directory: builtInDirectory) } catch { fatalError("\(error)") }
}()

/// The pipeline folder in the source tree.
let builtInDirectory = GoldenFiles.root + "/Sources/Sonoform/Resources/built-in"

/// A recording of `audio-samples`.
func sample(_ name: String) -> String { GoldenFiles.root + "/audio-samples/" + name }

/// One line of `audio-samples/manifest.jsonl`.
struct Sample: Decodable, Sendable {
    let file: String
    let text: String
    let voice: String
    /// The descriptions of the objects to be made, every copy by itself.
    let objects: [String]

    /// All of them.
    static let all: [Sample] = {
        let text = try? String(contentsOfFile: sample("manifest.jsonl"), encoding: .utf8)
        return (text ?? "").split(separator: "\n").compactMap {
            try? JSONDecoder().decode(Sample.self, from: Data($0.utf8))
        }
    }()

    static var spoken: [Sample] { all.filter { !$0.text.isEmpty } }
}

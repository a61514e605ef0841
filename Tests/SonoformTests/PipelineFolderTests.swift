// Pipeline folders that are not as they should be: each is refused with one line that names the file.

import Foundation
import Testing

@testable import Sonoform
@testable import Tensors

struct PipelineFolderTests {
    /// Copies the shipped pipeline (files by link, so that it costs nothing), spoils one file and loads it.
    private func errorAfterSpoiling(
        _ name: String, _ spoil: (URL) throws -> Void
    ) throws -> SonoformError? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sonoform-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: URL(filePath: builtInDirectory), to: folder)
        try spoil(folder.appending(path: name))
        do throws(SonoformError) {
            _ = try Pipeline(directory: folder.path())
            return nil
        } catch {
            #expect(!"\(error)".contains("\n"))
            #expect(error.source.hasSuffix(name) && error.reason == .damagedPipeline, "\(error)")
            return error
        }
    }

    private static let components = [
        "modality_encoder", "input_projector", "language_model", "output_projector", "modality_generator",
    ]

    @Test(arguments: components) func `a truncated checkpoint is refused`(component: String) throws {
        let error = try errorAfterSpoiling("\(component)/model.safetensors") { file in
            let data = try Data(contentsOf: file)
            try data.prefix(data.count - 100).write(to: file)
        }
        #expect(error != nil)
    }

    @Test(arguments: components) func `an empty checkpoint is refused`(component: String) throws {
        let error = try errorAfterSpoiling("\(component)/model.safetensors") { try Data().write(to: $0) }
        #expect(error?.got.contains("empty") == true)
    }

    @Test(arguments: components) func `a missing checkpoint is refused`(component: String) throws {
        let error = try errorAfterSpoiling("\(component)/model.safetensors") {
            try FileManager.default.removeItem(at: $0)
        }
        #expect(error != nil)
    }

    @Test(arguments: components) func `a renamed tensor is refused by its name`(component: String) throws {
        // A letter of the first key changes; lengths stay, so that only the key is wrong.
        let error = try errorAfterSpoiling("\(component)/model.safetensors") { file in
            var data = try Data(contentsOf: file)
            let weight = try #require(data.range(of: Data("weight\"".utf8)))
            data[weight.lowerBound] = UInt8(ascii: "v")
            try data.write(to: file)
        }
        #expect(error != nil)
    }

    @Test(arguments: components) func `a tensor of another shape is refused`(component: String) throws {
        // The first digit of the first shape changes: the declared size no longer fits.
        let error = try errorAfterSpoiling("\(component)/model.safetensors") { file in
            var data = try Data(contentsOf: file)
            let shape = try #require(data.range(of: Data("\"shape\":[".utf8)))
            data[shape.upperBound] = data[shape.upperBound] == UInt8(ascii: "7") ? UInt8(ascii: "3") : UInt8(ascii: "7")
            try data.write(to: file)
        }
        #expect(error != nil)
    }

    @Test(arguments: ["pipeline.json", "tokenizer.json", "lexicon.json", "language.json", "preprocessor_config.json"])
    func `a file that is not JSON is refused`(name: String) throws {
        let error = try errorAfterSpoiling(name) { try Data("not JSON".utf8).write(to: $0) }
        #expect(error?.expected.contains("JSON") == true)
    }

    @Test func `a folder that is none is refused`() {
        let error = #expect(throws: SonoformError.self) { try Pipeline(directory: "/nowhere/at/all") }
        #expect(error?.reason == .missingPipeline)
    }

    @Test func `a manifest of another version is refused`() throws {
        let error = try errorAfterSpoiling("pipeline.json") { file in
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacingOccurrences(of: "\"version\": 2", with: "\"version\": 99")
                .write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(error?.got == "99")
    }
}

// Checkpoints in several files.

import Foundation
import GoldenFiles
import Layers
import Tensors
import Testing

@Suite("A checkpoint in shards")
struct ShardedSafeTensorsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try SafeTensorsFile.write(["a": scattered(2, 3, seed: 1), "b": scattered(4, seed: 2)], to: scratch.file("one"))
        try SafeTensorsFile.write(["c": scattered(3, seed: 3)], to: scratch.file("two"))
    }

    private func open(_ map: String) throws -> any TensorSource {
        try scratch.write(
            "model.safetensors.index.json", "{\"metadata\": {\"total_size\": 52}, \"weight_map\": {\(map)}}")
        return try ComponentFolder(scratch.path).tensors()
    }

    @Test("is read as one")
    func whole() throws {
        let source = try open(#""a": "one", "b": "one", "c": "two""#)
        #expect(source.names == ["a", "b", "c"])
        #expect(try source.tensor("c", shape: [3]) == scattered(3, seed: 3))
        #expect(source.shape(of: "a") == [2, 3] && source.shape(of: "d") == nil && source.type(of: "b") == "F32")
        let scope = WeightScope(source, precision: .f32)
        _ = try scope.tensor("a", shape: [2, 3])
        #expect(throws: TensorFileError.self) { try scope.requireAllUsed() }
        let missing = #expect(throws: TensorFileError.self) { try source.tensor("d", shape: nil) }
        #expect(missing?.expected == "a tensor \"d\"" && missing?.got == "none of that name")
    }

    @Test("gives way to a file with all of it")
    func single() throws {
        _ = try open(#""a": "one", "b": "one", "c": "two""#)
        try SafeTensorsFile.write(["z": scattered(1)], to: scratch.file("model.safetensors"))
        #expect(try ComponentFolder(scratch.path).tensors().names == ["z"])
    }

    @Test(
        "is refused where index and files differ",
        arguments: [
            (#""a": "one", "b": "one", "c": "one""#, "a tensor \"c\", as the index says"),
            (#""a": "one", "c": "two""#, "only tensors that the index has in this file"),
            (#""a": "one", "b": "two", "c": "two""#, "only tensors that the index has in this file"),
            (#""a": "one", "b": "one", "c": "three""#, "a safetensors file"),
            (#""a": "one", "b": "one", "c": "../two""#, "a weight_map of files beside it"),
            (#""a": "one", "b": "one", "c": "..""#, "a weight_map of files beside it"),
            (#""a": "one", "b": "one", "c": """#, "a weight_map of files beside it"),
            ("", "a weight_map of at least one tensor"),
            (#""a": 1"#, "\"weight_map.a\" to be String"),
        ])
    func refused(map: String, expected: String) throws {
        let error = #expect(throws: TensorFileError.self) { try open(map) }
        #expect(error?.expected == expected, "\(error?.description ?? "")")
    }
}

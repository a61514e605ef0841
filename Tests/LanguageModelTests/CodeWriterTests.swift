// The writer of discrete signals against its reference, on random weights of odd sizes.

import Foundation
import GoldenFiles
import Layers
import Testing

@testable import LanguageModel
@testable import Tensors

struct CodeWriterTests {
    private struct Numbers: Decodable {
        let begin: Int
        let ids: [[Int]]
    }

    private let golden: Golden
    private let numbers: Numbers
    /// Every object's conditions `[K, C]`.
    private let conditions: [Tensor]

    init() throws {
        golden = try Golden("language_model/code_writer")
        numbers = try golden.numbers(Numbers.self)
        conditions = Self.parts(of: try golden.tensor("conditions"))
    }

    /// `[N, A, B] -> [A, B]`, N times.
    private static func parts(of tensor: Tensor) -> [Tensor] {
        (0..<tensor.rows).map { Tensor(shape: Array(tensor.shape.dropFirst()), values: Array(tensor.row($0))) }
    }

    @Test func `scores agree with the reference at every place`() throws {
        let writer = try CodeWriter(ComponentFolder(golden.folder), precision: .f32)
        let expected = Self.parts(of: try golden.tensor("logits"))
        for (index, ids) in numbers.ids.enumerated() {
            let rows = Tensor.concatenatingRows([
                conditions[index], writer.model.embed([numbers.begin] + ids.dropLast()),
            ])
            var cache = writer.model.makeCache()
            let hidden = writer.model.prefill(
                rows, positions: Array(0..<rows.rows), visible: Array(1...rows.rows), cache: &cache)
            let logits = writer.model.logits(hidden.rows(conditions[index].rows..<rows.rows))
            #expect(logits.relativeDifference(from: expected[index]) < 1e-4)
        }
    }

    @Test func `ids and latents are the reference's, for one object and for several`() throws {
        let writer = try CodeWriter(ComponentFolder(golden.folder), precision: .f32)
        #expect(try writer.codes(conditions) == numbers.ids)
        let latents = Self.parts(of: try golden.tensor("latents"))
        for (index, tokens) in conditions.enumerated() {
            #expect(try writer.codes([tokens]) == [numbers.ids[index]])
            let own = try writer([tokens])[0]
            #expect(own.shape == [3, 3 + 4])
            #expect(own.relativeDifference(from: latents[index]) < 1e-6)
        }
        #expect(try writer.codes([]).isEmpty)
    }

    @Test func `every place keeps to its alphabet`() throws {
        let layout = try CodeWriter(ComponentFolder(golden.folder), precision: .f32).layout
        #expect(layout.length == 15)
        #expect((0..<5).map(layout.alphabet) == [1..<8, 1..<8, 1..<8, 8..<17, 8..<17])
        // The corners of the box, and features whose first digit weighs most: 2·3 + 1 and 0·3 + 2.
        let latents = layout.latents(of: [1, 7, 1, 8 + 7, 8 + 2, 4, 4, 4, 8, 8, 1, 1, 1, 8, 8])
        let first = Tensor(shape: [7], values: [-0.9, 0.6, -0.1, 1, 0, -1, 1])
        #expect(Tensor(shape: [7], values: Array(latents.row(0))).largestDifference(from: first).difference < 1e-6)
        #expect(Array(latents.row(1).dropFirst(3)) == [-1, -1, -1, -1])
    }

    @Test func `conditions of no numbers are told`() throws {
        let writer = try CodeWriter(ComponentFolder(golden.folder), precision: .f32)
        let broken = Tensor(shape: [5, 24], values: [Float](repeating: .nan, count: 5 * 24))
        #expect(throws: NumericalError()) { try writer([broken]) }
    }

    @Test(arguments: [
        ("\"latents\": 3", "\"latents\": 0", "codes.latents"),
        ("\"latents\": 3", "\"latents\": 4611686018427387904", "codes.latents"),
        ("\"latents\": 3", "\"latents\": 3e99", "valid JSON"),
        ("\"features\": 4", "\"features\": 5", "even codes.features"),
        ("\"features\": 4", "\"features\": -4", "codes.features"),
        ("\"features\": 4", "\"features\": 1024", "2^24"),
        ("\"features\": 4", "\"features\": 6", "vocab_size"),
        ("\"levels\": 3", "\"levels\": 1", "codes.levels"),
        ("\"levels\": 3", "\"levels\": 65536", "2^24"),
        ("\"positions\": 7", "\"positions\": 1", "codes.positions"),
        ("\"positions\": 7", "\"positions\": 8", "vocab_size"),
        ("\"vocab_size\": 17", "\"vocab_size\": 18", "vocab_size"),
        ("-0.7", "0.7", "below codes.upper"),
        ("-0.7", "-700", "codes.lower"),
        ("-0.7,", "", "three numbers"),
        ("\"upper\"", "\"uppermost\"", "upper"),
        ("\"codes\"", "\"code\"", "codes"),
    ])
    func `a hostile configuration is refused in one line`(from: String, to: String, expected: String) throws {
        let scratch = try Scratch()
        let text = try String(contentsOfFile: golden.folder + "/config.json", encoding: .utf8)
        try #require(text.contains(from))
        try scratch.write("config.json", text.replacing(from, with: to))
        try scratch.copy(golden.folder + "/model.safetensors")
        do throws(TensorFileError) {
            _ = try CodeWriter(ComponentFolder(scratch.path), precision: .f32)
            Issue.record("a writer with \(to) was loaded")
        } catch {
            #expect("\(error)".contains("/config.json: expected ") && error.expected.contains(expected), "\(error)")
            #expect(!"\(error)".contains("\n"))
        }
    }
}

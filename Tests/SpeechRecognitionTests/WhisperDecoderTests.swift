// The decoder against transformers' Whisper, on random weights of odd sizes.

import Foundation
import GoldenFiles
import Layers
import SystemPackage
import Testing

@testable import SpeechRecognition
@testable import Tensors

/// What other programs computed of one checkpoint.
struct RecognitionGolden {
    /// Lines of text, and their tokens.
    struct Line: Decodable {
        let text: String
        let tokens: [Int]
    }

    struct Cases: Decodable {
        let tokens: [Int]
        let states: [[Int]]
        let lines: [Line]
        let suppressed: [Int]
    }

    let folder = ComponentFolder(GoldenFiles.path("speech_recognition/tiny"))
    let tensors: SafeTensorsFile
    let cases: Cases

    init() throws {
        tensors = try SafeTensorsFile(path: GoldenFiles.path("speech_recognition/cases.safetensors"))
        cases = try GoldenFiles.decode(Cases.self, GoldenFiles.path("speech_recognition/cases.json"))
    }
}

struct WhisperDecoderTests {
    let golden: RecognitionGolden

    init() throws { golden = try RecognitionGolden() }

    @Test func `scores of a whole transcript are transformers'`() throws {
        let decoder = try WhisperDecoder(golden.folder, precision: .f32)
        let memory = decoder.remember(try golden.tensors.tensor("hidden"))
        let (hidden, _) = decoder.read(golden.cases.tokens, hearing: memory)
        #expect(decoder.logits(hidden).relativeDifference(from: try golden.tensors.tensor("logits")) < 1e-5)
    }

    @Test(.enabled(if: Precision.native == .bf16)) func `stays close in brain floats`() throws {
        let decoder = try WhisperDecoder(golden.folder, precision: .bf16)
        let memory = decoder.remember(try golden.tensors.tensor("hidden"))
        let (hidden, _) = decoder.read(golden.cases.tokens, hearing: memory)
        #expect(decoder.logits(hidden).relativeDifference(from: try golden.tensors.tensor("logits")) < 0.05)
    }

    @Test(arguments: [1, 3, 8]) func `token by token it computes the same`(prompt: Int) throws {
        let decoder = try WhisperDecoder(golden.folder, precision: .f32)
        let memory = decoder.remember(try golden.tensors.tensor("hidden"))
        let tokens = golden.cases.tokens
        var (hidden, state) = decoder.read(Array(tokens[..<prompt]), hearing: memory)
        var rows = [hidden]
        for token in tokens[prompt...] {
            hidden = decoder.step([token], &state)
            rows.append(hidden)
        }
        let logits = decoder.logits(.concatenatingRows(rows))
        #expect(logits.relativeDifference(from: try golden.tensors.tensor("logits")) < 1e-5)
    }

    @Test func `hypotheses that share a beginning do not disturb each other, and rows are used again`() throws {
        let decoder = try WhisperDecoder(golden.folder, precision: .f32)
        let memory = decoder.remember(try golden.tensors.tensor("hidden"))
        let prompt = Array(golden.cases.tokens[..<3])
        var (_, state) = decoder.read(prompt, hearing: memory)
        // Each round every hypothesis is continued twice, and the last ones survive.
        var written: [[Int]] = [[]]
        var last = Tensor(zeros: 0, 0)
        for round in 0..<6 {
            let parents = Array(written.indices.flatMap { [$0, $0] }.suffix(4))
            state.select(parents)
            let tokens = parents.indices.map { 40 + 7 * round + $0 }
            written = parents.enumerated().map { written[$1] + [tokens[$0]] }
            last = decoder.step(tokens, &state)
        }
        for (index, tokens) in written.enumerated() {
            let (hidden, _) = decoder.read(prompt + tokens, hearing: memory)
            let expected = hidden.rows(hidden.rows - 1..<hidden.rows)
            #expect(last.rows(index..<index + 1).relativeDifference(from: expected) < 1e-5)
        }
        let live = Set(state.paths.flatMap(\.self)).count
        #expect(state.storedRows <= live + 4)
    }

    @Test(arguments: [(1, 1, 16), (37, 2, 20), (6, 3, 63), (9, 1, 40)])
    func `attention over rows that lie anywhere is attention`(count: Int, heads: Int, width: Int) {
        let (queries, keys) = (scattered(1, width, seed: 3), scattered(2 * count, width, seed: 4))
        let values = scattered(2 * count, width, seed: 5)
        let rows = (0..<count).map { (2 * count - 1 - 2 * $0) }
        var mixed = [Float](repeating: .nan, count: width)
        rows.withUnsafeBufferPointer { rows in
            attend(
                queries.values, to: rows, keys: keys.values, values: values.values, heads: heads, width: width,
                into: &mixed)
        }
        let expected = attention(
            queries: queries, keys: keys.gatheringRows(rows), values: values.gatheringRows(rows), heads: heads)
        #expect(Tensor(shape: [1, width], values: mixed).relativeDifference(from: expected) < 1e-5)
    }

    @Test(arguments: [
        ("\"d_model\": 20", "\"d_model\": 21", "d_model to be a multiple of the heads"),
        ("\"decoder_layers\": 2", "\"decoder_layers\": 1", "only tensors of the configured architecture"),
        ("\"decoder_layers\": 2", "\"decoder_layers\": 4000000000", "decoder_layers from 1 to 1024"),
        ("\"max_target_positions\": 48", "\"max_target_positions\": 4", "max_target_positions from 12 to 65536"),
        ("\"scale_embedding\": false", "\"scale_embedding\": true", "scale_embedding false"),
        ("\"activation_function\": \"gelu\"", "\"activation_function\": \"relu\"", "activation_function \"gelu\""),
    ])
    func `refuses a configuration that the weights do not fit`(from: String, to: String, expected: String) throws {
        let scratch = try Scratch()
        let text = try String(contentsOfFile: golden.folder.path.string + "/config.json", encoding: .utf8)
        try #require(text.contains(from))
        try scratch.write("config.json", text.replacing(from, with: to).utf8)
        try scratch.copy(golden.folder.path.string + "/model.safetensors")
        let error = #expect(throws: TensorFileError.self) { try WhisperDecoder(ComponentFolder(scratch.path)) }
        #expect(error?.expected.contains(expected) == true, "\(error?.description ?? "accepted")")
    }

    @Test func `an output layer of its own is used`() throws {
        let scratch = try Scratch()
        let own = golden.folder.path.string
        let text = try String(contentsOfFile: own + "/config.json", encoding: .utf8)
        try #require(text.contains("\"tie_word_embeddings\": true"))
        try scratch.write(
            "config.json", text.replacing("\"tie_word_embeddings\": true", with: "\"tie_word_embeddings\": false").utf8)
        let file = try SafeTensorsFile(path: own + "/model.safetensors")
        var tensors: [String: Tensor] = [:]
        for name in file.names { tensors[name] = try file.tensor(name) }
        var doubled = try #require(tensors["model.decoder.embed_tokens.weight"])
        doubled *= 2
        tensors["proj_out.weight"] = doubled
        try SafeTensorsFile.write(tensors, to: scratch.path + "/model.safetensors")
        let (tied, untied) = (
            try WhisperDecoder(golden.folder, precision: .f32),
            try WhisperDecoder(ComponentFolder(scratch.path), precision: .f32)
        )
        let hidden = scattered(2, 20)
        var expected = tied.logits(hidden)
        expected *= 2
        #expect(untied.logits(hidden).relativeDifference(from: expected) < 1e-5)
    }
}

// Text as it is written: whole characters, stop texts, streams.

import Foundation
import GoldenFiles
import Layers
import Testing

@testable import LanguageModel
@testable import Tensors

/// A token a byte, from 3 on; 37 tokens are the bytes of a small alphabet.
private struct ByteTokenizer: TextTokenizer {
    static let bytes: [UInt8] = Array("abcdefgh ijklmnopqrstu".utf8) + Array("é🙂ü".utf8)

    func encode(prompt text: String) -> [Int] {
        [1] + text.utf8.compactMap { Self.bytes.firstIndex(of: $0) }.map { $0 + 3 }
    }

    func decode(generated tokens: [Int]) -> String {
        String(
            decoding: tokens.filter { (3..<3 + Self.bytes.count).contains($0) }.map { Self.bytes[$0 - 3] },
            as: UTF8.self)
    }
}

struct TextGeneratorTests {
    private static func tokens(_ text: String) -> [Int] { Array(ByteTokenizer().encode(prompt: text).dropFirst()) }

    @Test func `pieces end with whole characters`() {
        var pieces = TextPieces(ByteTokenizer())
        let given = Self.tokens("aé🙂b").map { pieces.add($0) }
        #expect(given == ["a", "", "é", "", "", "", "🙂", "b"])
        #expect(pieces.finish().isEmpty)
    }

    @Test func `half a character at the end is told as one that cannot be read`() {
        var pieces = TextPieces(ByteTokenizer())
        let given = Self.tokens("é").dropLast().map { pieces.add($0) }
        #expect(given == [""])
        #expect(pieces.finish() == "\u{FFFD}")
    }

    @Test func `bytes that never become a character are not held back for ever`() {
        var pieces = TextPieces(ByteTokenizer())
        let half = Self.tokens("é")[0]
        let given = (0..<8).map { _ in pieces.add(half) }.joined()
        #expect(given.contains("\u{FFFD}"))
    }

    @Test(arguments: [
        (["stop"], ["a st", "op b"], ["a ", ""], true), (["stop"], ["a st", "art"], ["a ", "start"], false),
        (["aab"], ["aaa", "ab"], ["a", "a"], true), (["x", "bc"], ["abcx"], ["a"], true),
        ([], ["a", "b"], ["a", "b"], false), (["é🙂"], ["é", "🙂é"], ["", ""], true),
    ])
    func `stop texts are found across pieces, and held back until they are told apart`(
        texts: [String], pieces: [String], expected: [String], isEnd: Bool
    ) {
        var stops = StopTexts(texts)
        let given = pieces.map { stops.add($0) }
        #expect(given.map(\.text) == expected)
        #expect(given.last?.isEnd == isEnd)
    }

    private static func generator() throws -> TextGenerator {
        let folder = ComponentFolder(GoldenFiles.path("public_models/gpt2"))
        return TextGenerator(
            TokenGenerator(try VariantTable.languageModels.load(folder, precision: .f32)), tokenizer: ByteTokenizer())
    }

    private static func options(seed: UInt64) -> GenerationOptions {
        var options = GenerationOptions()
        (options.samples, options.maximumTokens, options.seed, options.temperature) = (true, 24, seed, 1.5)
        return options
    }

    @Test func `the pieces are the text, in a stream as well`() async throws {
        let generator = try Self.generator()
        for seed: UInt64 in 1...6 {
            let options = Self.options(seed: seed)
            var pieces: [String] = []
            let (text, generation) = try generator.generate(after: "abc", options: options) { piece in
                pieces.append(piece)
                return true
            }
            #expect(pieces.joined() == text && !pieces.contains(""))
            #expect(text == ByteTokenizer().decode(generated: generation.tokens))
            #expect(generation.ending == .length && generation.tokens.count == 24)
            var streamed = ""
            for try await piece in generator.pieces(after: "abc", options: options) { streamed += piece }
            #expect(streamed == text)
        }
    }

    @Test func `a stop text ends the text before it`() throws {
        let generator = try Self.generator()
        var options = Self.options(seed: 3)
        let whole = try generator.generate(after: "abc", options: options).text
        let stop = String(whole.dropFirst(5).prefix(2))
        let place = try #require(whole.range(of: stop))
        options.stopTexts = ["never", stop]
        let (text, generation) = try generator.generate(after: "abc", options: options)
        #expect(text == whole[..<place.lowerBound] && generation.ending == .stopText)
    }

    @Test func `who wants no more gets no more`() async throws {
        let generator = try Self.generator()
        var count = 0
        let (_, generation) = try generator.generate(after: "abc", options: Self.options(seed: 3)) { _ in
            count += 1
            return count < 3
        }
        #expect(generation.ending == .cancelled && count == 3)
        var pieces = 0
        for try await _ in generator.pieces(after: "abc", options: Self.options(seed: 3)) {
            pieces += 1
            if pieces == 2 { break }
        }
        #expect(pieces == 2)
    }

    @Test func `what the model cannot follow is refused`() throws {
        let generator = try Self.generator().tokens
        func failure(_ prompt: [Int], _ change: (inout GenerationOptions) -> Void = { _ in }) -> String? {
            var options = GenerationOptions()
            change(&options)
            let error = #expect(throws: GenerationError.self) {
                try generator.generate(after: prompt, options: options)
            }
            return error?.description
        }
        #expect(failure([]) == "expected a prompt of at least one token, got none")
        #expect(failure([3, 37]) == "expected tokens below 37, got 37")
        #expect(failure([3, -1]) == "expected tokens below 37, got -1")
        #expect(failure([3]) { $0.temperature = 0 } == "expected a temperature above 0, got 0.0")
        #expect(failure([3]) { $0.topK = 0 } == "expected a top-k from 1, got 0")
        #expect(failure([3]) { $0.topP = .nan } == "expected a top-p from 0 to 1, got nan")
        #expect(failure([3]) { $0.stopTokens = [99] } == "expected stop tokens below 37, got 99")
        #expect(
            failure([3]) { $0.stopTexts = [""] } == "expected stop texts of at least one character, got an empty one")
    }

    @Test func `generation_config.json gives the model's own choices`() throws {
        let scratch = try Scratch()
        try scratch.write("config.json", #"{"eos_token_id": 7}"#)
        #expect(try GenerationOptions(ComponentFolder(scratch.path)).stopTokens == [7])
        try scratch.write(
            "generation_config.json",
            #"""
            {"eos_token_id": [2, 5], "do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "min_p": 0.1,
             "repetition_penalty": 1.1, "max_new_tokens": 9, "stop_strings": "END", "num_beams": 1,
             "bad_words_ids": null, "transformers_version": "4.51.0"}
            """#)
        let options = try GenerationOptions(ComponentFolder(scratch.path))
        var expected = GenerationOptions()
        expected.stopTokens = [2, 5]
        (expected.samples, expected.temperature, expected.topK, expected.topP) = (true, 0.6, 20, 0.95)
        (expected.minP, expected.repetitionPenalty, expected.maximumTokens) = (0.1, 1.1, 9)
        expected.stopTexts = ["END"]
        #expect(options == expected)
        // What a file says of drawing holds for those who ask for it; a temperature of 0 says "do not draw".
        try scratch.write("generation_config.json", #"{"temperature": 0, "top_p": 0.9}"#)
        let greedy = try GenerationOptions(ComponentFolder(scratch.path))
        #expect(!greedy.samples && greedy.temperature == 1 && greedy.topP == 0.9 && greedy.stopTokens == [7])
        for (line, got) in [
            (#""num_beams": 4"#, "num_beams"), (#""bad_words_ids": [[3]]"#, "bad_words_ids"),
            (#""no_repeat_ngram_size": 2"#, "no_repeat_ngram_size"),
            (#""do_sample": true, "temperature": 0"#, "0.0"),
        ] {
            try scratch.write("generation_config.json", "{\(line)}")
            let error = #expect(throws: TensorFileError.self) { try GenerationOptions(ComponentFolder(scratch.path)) }
            #expect(error?.got.contains(got) == true)
        }
    }
}

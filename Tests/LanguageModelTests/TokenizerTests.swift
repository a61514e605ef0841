// The tokenizer against Hugging Face's tokenizers.

import GoldenFiles
import Testing

@testable import LanguageModel
@testable import Tensors

struct TokenizerTests {
    let golden = GoldenFiles.path("language_model/tokenizer")

    @Test func `gives the identifiers that tokenizers gives`() throws {
        let tokenizer = try Tokenizer(path: golden + "/tokenizer.json")
        let cases: [String: [Int]] = try decodeCases()
        #expect(cases.count >= 4)
        for (text, expected) in cases {
            #expect(tokenizer.encode(text) == expected, "\(text)")
        }
    }

    @Test func `reads text as people type it`() throws {
        let tokenizer = try Tokenizer(path: golden + "/tokenizer.json")
        #expect(tokenizer.decode(tokenizer.encode("A red, red BALL!")) == "a red red ball")
        #expect(tokenizer.encode("<object>") == tokenizer.encode("unheardof"))
        #expect(tokenizer.encode("a 3 ball", spellings: ["3": "red"]) == tokenizer.encode("a red ball"))
        #expect(tokenizer.encode("i\u{2019}d") == tokenizer.encode("i'd"))
    }

    @Test func `a missing token is named`() throws {
        let tokenizer = try Tokenizer(path: golden + "/tokenizer.json")
        let error = #expect(throws: TensorFileError.self) { try tokenizer.identifier(of: "<nothing>") }
        #expect(error?.expected == "the token \"<nothing>\"" && error?.got == "none of that name")
    }

    private func decodeCases() throws -> [String: [Int]] {
        try GoldenFiles.decode([String: [Int]].self, golden + "/cases.json")
    }
}

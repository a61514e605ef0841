// Writing text by a language model alone.

import Foundation
import GoldenFiles
import Testing

@testable import SonoformCommand

struct GenerateCommandTests {
    private let model = GoldenFiles.path("public_models/qwen3")

    private struct Numbers: Decodable {
        let prompt: [Int]
        let greedy: [Int]
    }

    private struct Answer: Decodable {
        let text: String?
        let tokens: [Int]
        let ending: String
    }

    private func answer(_ arguments: String...) throws -> Answer {
        let run = try Run(list: ["generate"] + arguments + ["--json"])
        #expect(run.status == 0, "\(run.errorLines)")
        return try JSONDecoder().decode(Answer.self, from: Data(run.output.utf8))
    }

    @Test func `tokens after tokens are transformers'`() throws {
        let numbers = try GoldenFiles.decode(Numbers.self, model + "/cases.json")
        let prompt = numbers.prompt.map(String.init).joined(separator: ",")
        let found = try answer(
            model, "--prompt-tokens", prompt, "--max-tokens", "3", "--greedy", "--precision", "f32")
        #expect(found.tokens == Array(numbers.greedy.prefix(3)) && found.ending == "length" && found.text == nil)
        let plain = try Run("generate", model, "--prompt-tokens", prompt, "--max-tokens", "3", "--precision", "f32")
        #expect(plain.output == found.tokens.map(String.init).joined(separator: ",") + "\n")
    }

    @Test func `a seed gives the same tokens, another one others`() throws {
        func tokens(_ seed: String) throws -> [Int] {
            try answer(
                model, "--prompt-tokens", "1,5,9", "--max-tokens", "30", "--temperature", "3", "--top-k", "0",
                "--seed", seed
            ).tokens
        }
        let first = try tokens("1")
        #expect(try tokens("1") == first)
        #expect(try tokens("2") != first)
    }

    @Test func `a pipeline's model goes on with its own words`() throws {
        let pipeline = GoldenFiles.root + "/Sources/Sonoform/Resources/built-in"
        let found = try answer(pipeline, "--prompt", "a red chair", "--max-tokens", "5", "--greedy")
        #expect(found.text?.isEmpty == false && found.tokens.count == 5)
        let written = try Run("generate", pipeline, "--prompt", "a red chair", "--max-tokens", "5", "--greedy")
        #expect(written.output == (found.text ?? "") + "\n")
    }

    @Test func `what cannot be followed is one line, and wrong usage is 2`() throws {
        let unknown = try Run("generate", model, "--prompt-tokens", "99")
        #expect(unknown.status == 1 && unknown.errorLines.count == 1)
        #expect(unknown.errorLines.first?.contains("expected tokens below 37, got 99") == true)
        let missing = try Run("generate", GoldenFiles.path("help"), "--prompt-tokens", "9")
        #expect(missing.status == 1 && missing.errorLines.count == 1)
        for wrong in [
            [], ["--prompt", "a", "--prompt-tokens", "1"], ["--prompt-tokens", "1,x"], ["--prompt-tokens", ""],
            ["--prompt", "a", "--greedy", "--top-k", "3"], ["--prompt", "a", "--temperature", "0"],
            ["--prompt", "a", "--top-p", "2"], ["--prompt-tokens", "1", "--stop", "x"],
        ] {
            #expect(try Run(list: ["generate", model] + wrong).status == 2, "\(wrong)")
        }
    }
}

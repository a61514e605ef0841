// Language models against transformers, on random weights of odd sizes.

import GoldenFiles
import Layers
import Testing

@testable import LanguageModel
@testable import Tensors

struct DecoderModelTests {
    struct Causal: Decodable {
        struct Numbers: Decodable { let ids: [Int] }
        let causal: Numbers
    }

    private static func model(_ golden: Golden) throws -> any CausalModel {
        try VariantTable.languageModels.load(ComponentFolder(golden.folder), precision: .f32)
    }

    @Test(arguments: ["llama", "qwen2"])
    func `agrees with transformers on a causal sequence`(architecture: String) throws {
        let golden = try Golden("language_model/\(architecture)")
        let model = try Self.model(golden)
        let ids = try golden.numbers(Causal.self).causal.ids
        var cache = model.makeCache()
        let hidden = model.prefill(
            model.embed(ids), positions: Array(ids.indices), visible: ids.indices.map { $0 + 1 }, cache: &cache)
        #expect(hidden.relativeDifference(from: try golden.tensor("causal.hidden")) < 2e-5)
        #expect(model.logits(hidden).relativeDifference(from: try golden.tensor("causal.logits")) < 2e-5)
    }

    @Test(arguments: ["llama", "qwen2"])
    func `one token at a time gives what the whole sequence gives`(architecture: String) throws {
        let golden = try Golden("language_model/\(architecture)")
        let model = try Self.model(golden)
        let ids = try golden.numbers(Causal.self).causal.ids
        var caches = [model.makeCache(), model.makeCache()]
        let expected = try golden.tensor("causal.hidden")
        for (index, token) in ids.enumerated() {
            // The second sequence reads something else, and must not disturb the first.
            let hidden = model.step([token, (token + 1) % 37], position: index, caches: &caches)
            #expect(hidden.rows(0..<1).relativeDifference(from: expected.rows(index..<index + 1)) < 5e-5)
        }
    }

    @Test func `reads a prefix in both directions at aligned positions`() throws {
        struct Numbers: Decodable {
            struct Prefix: Decodable {
                let reply: [Int]
                let positions: [Int]
                let prompt: Prompt
            }
            let prefix: Prefix
        }
        let golden = try Golden("language_model/llama")
        let model = try Self.model(golden)
        let numbers = try golden.numbers(Numbers.self).prefix
        let prefix = try golden.tensor("prefix.prefix")
        let reply = numbers.reply.indices
        let positions = numbers.prompt.prefixPositions(prefix.rows)
        let replyPositions = reply.map { numbers.prompt.replyPosition($0, prefix: prefix.rows) }
        #expect(positions + replyPositions == numbers.positions)

        var cache = model.makeCache()
        _ = model.prefill(
            prefix, positions: positions, visible: numbers.prompt.prefixVisible(prefix.rows), cache: &cache)
        let hidden = model.prefill(
            model.embed(numbers.reply), positions: replyPositions,
            visible: reply.map { prefix.rows + $0 + 1 }, cache: &cache)
        #expect(hidden.relativeDifference(from: try golden.tensor("prefix.hidden")) < 2e-5)
        #expect(model.logits(hidden).relativeDifference(from: try golden.tensor("prefix.logits")) < 2e-5)
    }
}

// The public architectures against transformers, from folders as transformers saves them.

import GoldenFiles
import Layers
import Testing

@testable import LanguageModel
@testable import Tensors

struct PublicModelTests {
    struct Numbers: Decodable {
        let ids: [Int]
        let first: Int
        let prompt: [Int]
        let greedy: [Int]
        let suppressed: Int
    }

    static let cases = [
        "llama3", "llama_linear", "llama_dynamic", "llama_yarn", "llama_yarn_scaled", "mistral", "mistral_full",
        "qwen2_window", "qwen3", "gemma", "gemma2", "gemma3", "phi3", "phi3_long", "phi3_partial", "gpt2", "opt",
        "opt_after", "opt_plain",
    ]

    private static func load(_ name: String, _ precision: Precision) throws -> (Golden, any CausalModel, Numbers) {
        let golden = try Golden("public_models/\(name)")
        let model = try VariantTable.languageModels.load(ComponentFolder(golden.folder), precision: precision)
        return (golden, model, try golden.numbers(Numbers.self))
    }

    private static func whole(_ model: any CausalModel, _ ids: [Int]) -> Tensor {
        var cache = model.makeCache()
        let hidden = model.prefill(
            model.embed(ids), positions: Array(ids.indices), visible: ids.indices.map { $0 + 1 }, cache: &cache)
        return model.logits(hidden)
    }

    @Test(arguments: cases)
    func `scores of a whole sequence are transformers'`(name: String) throws {
        let (golden, model, numbers) = try Self.load(name, .f32)
        let logits = Self.whole(model, numbers.ids)
        #expect(logits.relativeDifference(from: try golden.tensor("logits")) < 2e-5)
    }

    @Test(arguments: cases)
    func `a prompt and then a token at a time give transformers' scores`(name: String) throws {
        let (golden, model, numbers) = try Self.load(name, .f32)
        let expected = try golden.tensor("parts")
        var caches = [model.makeCache(), model.makeCache()]
        let rows = Array(0..<numbers.first)
        let start = model.prefill(
            model.embed(Array(numbers.ids[..<numbers.first])), positions: rows, visible: rows.map { $0 + 1 },
            cache: &caches[0])
        #expect(model.logits(start).relativeDifference(from: expected.rows(0..<numbers.first)) < 2e-5)
        // The second sequence reads something else, and must not disturb the first.
        _ = model.prefill(
            model.embed(rows.map { $0 + 3 }), positions: rows, visible: rows.map { $0 + 1 }, cache: &caches[1])
        for index in numbers.first..<numbers.ids.count {
            let tokens = [numbers.ids[index], 36 - numbers.ids[index]]
            let hidden = model.step(tokens, position: index, caches: &caches)
            let logits = model.logits(hidden.rows(0..<1))
            #expect(logits.relativeDifference(from: expected.rows(index..<index + 1)) < 5e-5, "token \(index)")
        }
    }

    @Test(arguments: cases)
    func `bf16 differs from f32 by no more than PyTorch's does`(name: String) throws {
        let (golden, model, numbers) = try Self.load(name, .bf16)
        let exact = try golden.tensor("logits")
        let theirs = try golden.tensor("bf16").relativeDifference(from: exact)
        let ours = Self.whole(model, numbers.ids).relativeDifference(from: exact)
        #expect(ours <= theirs, "\(ours) against \(theirs)")
    }

    @Test(arguments: cases)
    func `greedy tokens are those that transformers generates`(name: String) throws {
        let (_, model, numbers) = try Self.load(name, .f32)
        var options = GenerationOptions()
        options.maximumTokens = numbers.greedy.count
        options.minimumTokens = numbers.greedy.count
        options.stopTokens = [numbers.suppressed]
        var received: [Int] = []
        let generation = try TokenGenerator(model).generate(after: numbers.prompt, options: options) { token in
            received.append(token)
            return true
        }
        #expect(generation == Generation(tokens: numbers.greedy, ending: .length))
        #expect(received == numbers.greedy)
    }

    @Test func `a window's cache forgets what no token will see`() throws {
        let (_, model, _) = try Self.load("mistral", .f32)
        var caches = [model.makeCache()]
        for position in 0..<200 { _ = model.step([position % 37], position: position, caches: &caches) }
        let layer = caches[0].layers[0]
        #expect(layer.count == 200 && layer.forgotten >= 190)
        #expect(layer.keys.count == (layer.count - layer.forgotten) * 12)
    }

    @Test(arguments: ["gpt2", "opt"])
    func `where positions end, writing ends`(name: String) throws {
        let (_, model, numbers) = try Self.load(name, .f32)
        #expect(model.positionCount == 40)
        var options = GenerationOptions()
        options.maximumTokens = 100
        let generation = try TokenGenerator(model).generate(after: numbers.prompt, options: options)
        // The last position's token is still there, read or not.
        #expect(generation.ending == .positions && generation.tokens.count == 40 - numbers.prompt.count + 1)
        let error = #expect(throws: GenerationError.self) {
            try TokenGenerator(model).generate(after: [Int](repeating: 3, count: 41))
        }
        #expect(error?.description == "expected a prompt of at most 40 tokens, got 41")
        var caches = [model.makeCache()]
        let beyond = model.step([3], position: 40, caches: &caches)
        #expect(beyond.values.filter(\.isNaN).count == beyond.values.count)
    }
}

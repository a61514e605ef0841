// T5 against transformers, on random weights of odd sizes.

import GoldenFiles
import Layers
import Testing

@testable import LanguageModel
@testable import Tensors

struct T5ModelTests {
    private struct Numbers: Decodable {
        let ids: [Int]
        let written: [Int]
        let greedy: [Int]
        let suppressed: Int
    }

    private static func logits(_ model: any SequenceToSequenceModel, _ numbers: Numbers) -> Tensor {
        var memory = model.makeMemory(of: model.encode(model.embed(numbers.ids)))
        return .concatenatingRows(numbers.written.map { model.logits(model.step($0, memory: &memory)) })
    }

    @Test(arguments: ["t5", "t5_gated"])
    func `encoder and decoder give transformers' numbers`(name: String) throws {
        let golden = try Golden("public_models/\(name)")
        let numbers = try golden.numbers(Numbers.self)
        let folder = ComponentFolder(golden.folder)
        let model = try VariantTable.sequenceToSequenceModels.load(folder, precision: .f32)
        let encoded = model.encode(model.embed(numbers.ids))
        #expect(encoded.relativeDifference(from: try golden.tensor("encoded")) < 2e-5)
        let exact = try golden.tensor("logits")
        #expect(Self.logits(model, numbers).relativeDifference(from: exact) < 5e-5)

        let rounded = try VariantTable.sequenceToSequenceModels.load(folder, precision: .bf16)
        let theirs = try golden.tensor("bf16").relativeDifference(from: exact)
        #expect(Self.logits(rounded, numbers).relativeDifference(from: exact) <= theirs)
    }

    @Test(arguments: ["t5", "t5_gated"])
    func `greedy answers are those that transformers generates`(name: String) throws {
        let golden = try Golden("public_models/\(name)")
        let numbers = try golden.numbers(Numbers.self)
        let model = try T5Model(ComponentFolder(golden.folder), precision: .f32)
        var options = GenerationOptions()
        (options.maximumTokens, options.minimumTokens) = (numbers.greedy.count, numbers.greedy.count)
        options.stopTokens = [numbers.suppressed]
        let generation = try TokenGenerator(model).generate(after: numbers.ids, options: options)
        #expect(generation.tokens == numbers.greedy && generation.ending == .length)
    }
}

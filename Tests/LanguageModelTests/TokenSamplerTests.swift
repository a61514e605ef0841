// Drawing tokens: the distributions that transformers' processors leave, and draws that a seed determines.

import GoldenFiles
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@testable import LanguageModel
@testable import Tensors

struct TokenSamplerTests {
    private struct Numbers: Decodable {
        let history: [[Int]]
        let options: [String: [String: Float]]
    }

    private static func options(_ values: [String: Float]) -> GenerationOptions {
        var options = GenerationOptions()
        options.samples = true
        options.temperature = values["temperature"] ?? 1
        options.topK = values["top_k"].map { Int($0) }
        options.topP = values["top_p"] ?? 1
        options.minP = values["min_p"]
        options.repetitionPenalty = values["repetition_penalty"] ?? 1
        return options
    }

    @Test(arguments: ["plain", "temperature", "top_k", "top_p", "min_p", "penalty", "all", "narrow"])
    func `what may be drawn is what transformers leaves`(name: String) throws {
        let golden = try Golden("public_models/sampling")
        let numbers = try golden.numbers(Numbers.self)
        let logits = try golden.tensor("logits")
        let expected = try golden.tensor("probabilities.\(name)")
        for row in 0..<logits.rows {
            let sampler = TokenSampler(Self.options(try #require(numbers.options[name])), prompt: numbers.history[row])
            var probabilities = [Float](repeating: 0, count: logits.columns)
            for candidate in try sampler.candidates(sampler.penalized(logits.row(row), written: 0)) {
                probabilities[candidate.token] = candidate.weight
            }
            let ours = Tensor(shape: [1, logits.columns], values: probabilities)
            #expect(ours.relativeDifference(from: expected.rows(row..<row + 1)) < 1e-5, "row \(row)")
            // The same tokens are left, not only about the same probabilities.
            #expect(probabilities.map { $0 > 0 } == expected.row(row).map { $0 > 0 }, "row \(row)")
        }
    }

    @Test func `the same seed draws the same tokens, another one others`() throws {
        let logits = (0..<50).map { Float($0 % 7) * 0.3 }
        func draws(seed: UInt64) throws -> [Int] {
            var options = GenerationOptions()
            (options.samples, options.seed, options.topK) = (true, seed, nil)
            var sampler = TokenSampler(options, prompt: [])
            return try (0..<40).map { try sampler.next(logits, written: $0) }
        }
        #expect(try draws(seed: 5) == draws(seed: 5))
        #expect(try draws(seed: 5) != draws(seed: 6))
    }

    @Test func `tokens are drawn as often as they are likely`() throws {
        var options = GenerationOptions()
        (options.samples, options.topK) = (true, nil)
        var sampler = TokenSampler(options, prompt: [])
        let probabilities: [Float] = [0.5, 0.3, 0.15, 0.05]
        var counts = [0, 0, 0, 0]
        for index in 0..<20_000 { counts[try sampler.next(probabilities.map { logf($0) }, written: index)] += 1 }
        for (count, probability) in zip(counts, probabilities) {
            #expect(abs(Float(count) / 20_000 - probability) < 0.012)
        }
    }

    @Test func `without drawing the likeliest is taken, whatever else is said`() throws {
        var options = GenerationOptions()
        (options.temperature, options.topK, options.seed) = (7, 2, 9)
        var sampler = TokenSampler(options, prompt: [])
        #expect(try sampler.next([1, 3, 3, 2], written: 0) == 1)
        options.minimumTokens = 1
        options.stopTokens = [1]
        sampler = TokenSampler(options, prompt: [])
        #expect(try sampler.next([1, 3, 3, 2], written: 0) == 2)
        #expect(try sampler.next([1, 3, 3, 2], written: 1) == 1)
    }

    @Test(arguments: [true, false])
    func `NaN is an error, not a token`(samples: Bool) throws {
        var options = GenerationOptions()
        options.samples = samples
        var sampler = TokenSampler(options, prompt: [])
        for scores: [Float] in [[1, .nan, 3], [.nan, 1, 2], [1, 2, .nan], [-.infinity, -.infinity]] {
            #expect(throws: NumericalError.self) { try sampler.next(scores, written: 0) }
        }
    }
}

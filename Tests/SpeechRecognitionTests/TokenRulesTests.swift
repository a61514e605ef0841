// What may be written next, against transformers' logits processors.

import Foundation
import GoldenFiles
import Layers
import Testing

@testable import SpeechRecognition
@testable import Tensors

struct TokenRulesTests {
    @Test func `forbids in every state what transformers forbids`() throws {
        let golden = try RecognitionGolden()
        let vocabulary = try WhisperVocabulary(golden.folder, count: 1_827)
        let rules = TokenRules(
            suppressed: golden.cases.suppressed, suppressedFirst: [220, vocabulary.endOfText],
            timestamps: TokenRules.Timestamps(
                endOfText: vocabulary.endOfText, noTimestamps: vocabulary.noTimestamps, latestBeginning: 50))
        #expect(golden.cases.states.count == 8)
        for (index, state) in golden.cases.states.enumerated() {
            var scores = try golden.tensors.tensor("scores.\(index)").values
            scores.withUnsafeMutableBufferPointer { rules.apply(to: $0, after: state) }
            let allowed = try golden.tensors.tensor("allowed.\(index)").values
            #expect(scores.map { $0 > -.infinity ? 1 : 0 } == allowed, "state \(state)")
        }
    }

    @Test func `a latest beginning beyond the vocabulary forbids nothing`() {
        let timestamps = TokenRules.Timestamps(endOfText: 2, noTimestamps: 3, latestBeginning: .max)
        let rules = TokenRules(suppressed: [], suppressedFirst: [], timestamps: timestamps)
        var scores = [Float](repeating: 0, count: 7)
        scores.withUnsafeMutableBufferPointer { rules.apply(to: $0, after: []) }
        #expect(scores.map { $0 > -.infinity } == [false, false, false, false, true, true, true])
    }

    @Test func `sums of exponentials and largest scores are plain ones'`() {
        let scores = scattered(1, 77, seed: 9).values.map { $0 * 40 }
        scores.withUnsafeBufferPointer { scores in
            let plain = Foundation.log(scores.reduce(0) { $0 + Foundation.exp(Double($1)) })
            #expect(abs(Double(logSumOfExponentials(scores)) - plain) < 1e-4)
            let sorted = scores.indices.sorted { scores[$0] > scores[$1] }
            #expect(largest(of: scores) == sorted[0])
            #expect(largest(5, of: scores) == Array(sorted[..<5]))
            #expect(largest(100, of: scores).count == 77)
        }
        for (values, expected) in [([], -Float.infinity), ([-Float.infinity], -.infinity)] {
            values.withUnsafeBufferPointer { #expect(logSumOfExponentials($0) == expected) }
        }
        for values in [[Float.nan], [1, .nan, 2], [.infinity, 1], [-.infinity, .nan]] {
            values.withUnsafeBufferPointer { #expect(logSumOfExponentials($0).isNaN) }
        }
    }

    @Test func `draws by the probabilities, the same for the same seed`() {
        let scores: [Float] = [1, -.infinity, 3, 2]
        func draws(_ temperature: Float, seed: UInt64) -> [Int] {
            var random = SampledNumbers(seed: seed)
            return scores.withUnsafeBufferPointer { scores in
                (0..<20_000).map { _ in random.index(of: scores, temperature: temperature) ?? -1 }
            }
        }
        let drawn = draws(1, seed: 5)
        #expect(drawn == draws(1, seed: 5) && drawn != draws(1, seed: 6))
        let shares = scores.indices.map { index in Double(drawn.count { $0 == index }) / 20_000 }
        for (share, expected) in zip(shares, [0.0900, 0, 0.6652, 0.2447]) { #expect(abs(share - expected) < 0.012) }
        #expect(draws(0.01, seed: 5).allSatisfy { $0 == 2 })
        var random = SampledNumbers(seed: 0)
        [-Float.infinity, -.infinity].withUnsafeBufferPointer {
            #expect(random.index(of: $0, temperature: 1) == nil)
        }
    }
}

// The phone head's scores against PyTorch's ctc_loss.

import GoldenFiles
import Testing

@testable import ModalityEncoder
@testable import Tensors

struct CTCScoreTests {
    struct Numbers: Decodable {
        let targets: [[Int]]
        let scores: [Float]
    }

    @Test func `scores sequences as ctc_loss does`() throws {
        let golden = try Golden("language_model/ctc_score")
        let numbers = try golden.numbers(Numbers.self)
        let posteriors = try golden.tensor("posteriors")
        for (target, expected) in zip(numbers.targets, numbers.scores) {
            let score = ctcLogProbability(of: target, posteriors: posteriors, blank: 0)
            #expect(abs(score - expected) < 1e-3 * max(1, abs(expected)), "\(target)")
        }
        #expect(numbers.scores.contains(impossibleLogProbability))
    }

    @Test func `all sequences over one frame share all of the probability`() {
        let posteriors = Tensor(shape: [1, 3], values: [0.5, 0.2, 0.3])
        let sum = [[], [1], [2]].reduce(Float(0)) {
            $0 + exponential(SIMD8(repeating: ctcLogProbability(of: $1, posteriors: posteriors, blank: 0)))[0]
        }
        #expect(abs(sum - 1) < 1e-5)
    }
}

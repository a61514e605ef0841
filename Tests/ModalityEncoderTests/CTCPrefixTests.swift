// Scores of label sequences that grow, against the reference and against PyTorch's ctc_loss.

import GoldenFiles
import Testing

@testable import ModalityEncoder
@testable import Tensors

struct CTCPrefixTests {
    struct Numbers: Decodable {
        let targets: [[Int]]
        let scores: [Float]
        let prefix_scores: [Float]
        let complete_scores: [Float]
    }

    let numbers: Numbers
    let posteriors: Tensor
    let scorer: CTCPrefixScorer

    init() throws {
        let golden = try Golden("language_model/ctc_score")
        numbers = try golden.numbers(Numbers.self)
        posteriors = try golden.tensor("posteriors")
        scorer = Self.scorer(of: posteriors)
    }

    private static func scorer(of posteriors: Tensor) -> CTCPrefixScorer {
        CTCPrefixScorer(posteriors: posteriors, blank: 0, floor: 1e-10, negligible: 1e-20)
    }

    @Test func `scores beginnings as the reference does`() {
        for (index, target) in numbers.targets.enumerated() {
            let prefix = scorer.extend(scorer.empty, by: target)
            let (open, complete) = (numbers.prefix_scores[index], numbers.complete_scores[index])
            #expect(abs(prefix.logProbability - open) < 1e-3 * max(1, abs(open)), "\(target)")
            #expect(abs(scorer.complete(prefix) - complete) < 1e-3 * max(1, abs(complete)), "\(target)")
        }
    }

    @Test func `a complete sequence scores as ctc_loss says, above the likeliest labels`() {
        let best = scorer.bestPathLogProbability
        for (target, whole) in zip(numbers.targets, numbers.scores) {
            let complete = scorer.complete(scorer.extend(scorer.empty, by: target))
            let expected = whole > impossibleLogProbability ? whole - best : whole
            #expect(abs(complete - expected) < 1e-3 * max(1, abs(whole)), "\(target)")
        }
        #expect(numbers.scores.contains(impossibleLogProbability))
    }

    @Test func `all sequences over one frame share all of the probability`() {
        let scorer = Self.scorer(of: Tensor(shape: [1, 3], values: [0.5, 0.2, 0.3]))
        let sum = [[], [1], [2]].reduce(Float(0)) { sum, labels in
            let complete = scorer.complete(scorer.extend(scorer.empty, by: labels))
            return sum + exponential(SIMD8(repeating: complete + scorer.bestPathLogProbability))[0]
        }
        #expect(abs(sum - 1) < 1e-5)
    }

    @Test func `what follows the last label is scored to the recording's end`() {
        // One label, a blank, and then for long what is neither: the label's window ends before the recording.
        let frames = 400
        var values = [Float](repeating: 1e-6, count: 4 * frames)
        (values[2], values[4]) = (1, 1)
        for frame in 2..<frames { values[4 * frame + 3] = 1 }
        let scorer = Self.scorer(of: Tensor(shape: [frames, 4], values: values))
        let complete = scorer.complete(scorer.extend(scorer.empty, by: [2]))
        // Every frame is a blank, of a millionth.
        let expected = Float(frames - 2) * -13.815_51
        #expect(abs(complete - expected) < 1e-3 * -expected)
    }

    @Test func `what is said word by word is what is said at once`() {
        for target in numbers.targets {
            let atOnce = scorer.extend(scorer.empty, by: target)
            let halves = [target.prefix(target.count / 2), target.dropFirst(target.count / 2)]
            let inTurn = halves.reduce(scorer.empty) { scorer.extend($0, by: $1) }
            #expect(inTurn.logProbability == atOnce.logProbability)
            #expect(scorer.complete(inTurn) == scorer.complete(atOnce))
        }
    }

    @Test func `nothing can be said where nothing was heard`() {
        let silent = Self.scorer(of: Tensor(zeros: 0, 3))
        #expect(silent.extend(silent.empty, by: [1]).logProbability == impossibleLogProbability)
        #expect(silent.complete(silent.empty) == impossibleLogProbability)
    }
}

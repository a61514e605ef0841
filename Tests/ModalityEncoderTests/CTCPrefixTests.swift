// Scores of label sequences that grow, against the reference and against the whole sequence's score.

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
        scorer = CTCPrefixScorer(posteriors: posteriors, blank: 0)
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
        let best = bestPathLogProbability(posteriors)
        for (target, whole) in zip(numbers.targets, numbers.scores) where whole > impossibleLogProbability {
            let complete = scorer.complete(scorer.extend(scorer.empty, by: target))
            #expect(abs(complete - (whole - best)) < 1e-3 * max(1, abs(whole)), "\(target)")
        }
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
        let silent = CTCPrefixScorer(posteriors: Tensor(zeros: 0, 3), blank: 0)
        #expect(silent.extend(silent.empty, by: [1]).logProbability == impossibleLogProbability)
        #expect(silent.complete(silent.empty) == impossibleLogProbability)
    }
}

// Words out of posteriors, against trying every sequence of words.

import GoldenFiles
import Testing

@testable import ModalityEncoder
@testable import Tensors

/// Any word after any other, at a cost of its own.
private struct Loose: WordPredictor {
    let costs: [Float]
    var beginning: Int { costs.count }
    func context(after word: Int) -> Int { word }
    func logProbability(of word: Int, after context: Int) -> Float { -costs[word] - (context == word ? 1 : 0) }
    func logProbability(ofEndAfter context: Int) -> Float { context == 0 ? -0.5 : 0 }
}

struct WordSearchTests {
    // Classes: a blank, a boundary and three phones.
    private static let (blank, boundary, floor) = (0, 1, Float(1e-10))
    /// Words that begin alike, one that is the beginning of another, and one that is said in two ways.
    private static let spoken: [(word: Int, phones: [Int])] = [
        (0, [2]), (1, [2, 3]), (2, [2, 3, 4]), (3, [3, 3]), (4, [4, 2]), (4, [4]),
    ]
    private static let costs: [Float] = [0.3, 0.1, 0.6, 0.2, 0.4]

    private var tree: PronunciationTree {
        PronunciationTree(Self.spoken.map { .init(word: $0.word, phones: $0.phones, cost: Self.costs[$0.word]) })
    }

    private func search(_ options: WordSearchOptions) -> WordSearch<Loose> {
        WordSearch(
            tree, Loose(costs: Self.costs), blank: Self.blank, wordBoundary: Self.boundary, floor: Self.floor,
            options: options)
    }

    private func posteriors(frames: Int, seed: UInt32) -> Tensor {
        let scores = scattered(frames, 5, seed: seed).values.map { 4 * $0 }
        let rows = (0..<frames).flatMap { frame in
            let row = logSoftmax(scores[5 * frame..<5 * frame + 5])
            return row.map { exponential(SIMD8(repeating: $0))[0] }
        }
        return Tensor(shape: [frames, 5], values: rows)
    }

    /// The score of the best of all sequences of up to three words, and its words.
    private func best(of posteriors: Tensor, _ options: WordSearchOptions) -> (score: Float, words: [Int]) {
        let predictor = Loose(costs: Self.costs)
        var best: (score: Float, words: [Int]) = (-.infinity, [])
        func follow(_ words: [Int], _ labels: [Int], _ language: Float) {
            if let last = words.last {
                let alignment = CTCAlignment(
                    of: labels, posteriors: posteriors, blank: Self.blank, floor: Self.floor)
                if let phones = alignment?.logProbabilities.reduce(0, +) {
                    let end = predictor.logProbability(ofEndAfter: last)
                    let score =
                        phones + options.languageWeight * (language + end) + options.wordBonus * Float(words.count)
                    if score > best.score { best = (score, words) }
                }
            }
            guard words.count < 3 else { return }
            for (word, phones) in Self.spoken {
                let context = words.last ?? predictor.beginning
                follow(
                    words + [word], labels + (words.isEmpty ? [] : [Self.boundary]) + phones,
                    language + predictor.logProbability(of: word, after: context))
            }
        }
        follow([], [], 0)
        return best
    }

    @Test(arguments: 1...12) func `a search finds what trying everything finds`(seed: UInt32) throws {
        // Few frames, so that no more than three words fit.
        let posteriors = posteriors(frames: 5, seed: seed)
        let options = WordSearchOptions(languageWeight: 0.7, wordBonus: 0.2, beam: 1_000, window: 100)
        let expected = best(of: posteriors, options)
        let found = try #require(search(options)(posteriors))
        let predictor = Loose(costs: Self.costs)
        var (language, context): (Float, Int) = (0, predictor.beginning)
        for word in found.words {
            language += predictor.logProbability(of: word, after: context)
            context = word
        }
        language += predictor.logProbability(ofEndAfter: context)
        let score =
            found.phoneLogProbability + options.languageWeight * language
            + options.wordBonus * Float(found.words.count)
        #expect(score >= expected.score - 1e-3, "\(found.words) instead of \(expected.words)")
    }

    @Test func `a narrow beam finds what is clearly said`() throws {
        // "2 3 | 4", with blanks between.
        var values: [Float] = []
        for label in [0, 2, 0, 3, 3, 0, 1, 0, 4, 0] {
            values += (0..<5).map { $0 == label ? 0.96 : 0.01 }
        }
        let options = WordSearchOptions(languageWeight: 0.1, wordBonus: 0, beam: 4, window: 10)
        let found = try #require(search(options)(Tensor(shape: [10, 5], values: values)))
        #expect(found.words == [1, 4])
        #expect(abs(found.phoneLogProbability) < 1e-4)
    }

    @Test func `nothing is found where nothing was heard, or too little for any word`() {
        let options = WordSearchOptions(languageWeight: 1, wordBonus: 0, beam: 8, window: 20)
        #expect(search(options)(Tensor(zeros: 0, 5)) == nil)
        let long = PronunciationTree([.init(word: 0, phones: [2, 3, 4], cost: 0)])
        let only = WordSearch(
            long, Loose(costs: [0]), blank: 0, wordBoundary: 1, floor: 1e-10, options: options)
        #expect(only(posteriors(frames: 2, seed: 3)) == nil)
    }

    @Test func `words that begin alike share their beginnings, and none is lost`() {
        let tree = tree
        // The root; 2, 3, 4; 2 3, 3 3, 4 2; 2 3 4.
        #expect(tree.count == 8)
        #expect(tree.words.map(Int.init).sorted() == Self.spoken.map(\.word).sorted())
        #expect(tree.leastCost[0] == 0.1)
        #expect(PronunciationTree([]).count == 1)
    }
}

struct CTCAlignmentTests {
    private func certain(_ labels: [Int]) -> Tensor {
        Tensor(
            shape: [labels.count, 4],
            values: labels.flatMap { label in (0..<4).map { $0 == label ? 0.97 : 0.01 } })
    }

    @Test func `labels lie where they are said`() throws {
        let heard = certain([0, 1, 1, 0, 2, 0, 0, 2, 3])
        let alignment = try #require(CTCAlignment(of: [1, 2, 2, 3], posteriors: heard, blank: 0, floor: 1e-10))
        #expect(alignment.frames == [1..<3, 4..<5, 7..<8, 8..<9])
        #expect(alignment.logProbabilities.allSatisfy { $0 == 0 })
    }

    @Test func `what was not said costs what its frames say`() throws {
        let heard = certain([1, 0, 2])
        let alignment = try #require(CTCAlignment(of: [1, 3], posteriors: heard, blank: 0, floor: 1e-10))
        // One frame of 0.01 instead of 0.97: -4.57.
        #expect(alignment.logProbabilities[0] == 0 && abs(alignment.logProbabilities[1] + 4.575) < 1e-2)
    }

    @Test func `the same label twice takes a blank between, and labels take frames`() {
        #expect(CTCAlignment(of: [2, 2], posteriors: certain([2, 2]), blank: 0, floor: 1e-10) == nil)
        #expect(CTCAlignment(of: [1, 2, 3], posteriors: certain([1, 2]), blank: 0, floor: 1e-10) == nil)
        #expect(CTCAlignment(of: [], posteriors: certain([1]), blank: 0, floor: 1e-10) == nil)
    }

    @Test func `its score is the best of the alignments that the forward sum counts`() throws {
        let golden = try Golden("language_model/ctc_score")
        let posteriors = try golden.tensor("posteriors")
        let scorer = CTCPrefixScorer(posteriors: posteriors, blank: 0, floor: 1e-10, negligible: 1e-20)
        let numbers = try golden.numbers(CTCPrefixTests.Numbers.self)
        for target in numbers.targets where !target.isEmpty {
            let whole = scorer.complete(scorer.extend(scorer.empty, by: target))
            guard let alignment = CTCAlignment(of: target, posteriors: posteriors, blank: 0, floor: 1e-10) else {
                #expect(whole <= impossibleLogProbability, "\(target)")
                continue
            }
            #expect(alignment.logProbabilities.reduce(0, +) <= whole + 1e-3, "\(target)")
            #expect(zip(alignment.frames, alignment.frames.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
        }
    }
}

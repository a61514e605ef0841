// Words out of phone posteriors, where any word of a large vocabulary may follow any other.

public import Tensors

/// What a word search asks about words that follow each other.
public protocol WordPredictor: Sendable {
    /// What stands before an utterance's first word.
    var beginning: Int { get }
    /// What a word is to the word that follows it.
    func context(after word: Int) -> Int
    /// log P(word | what stands before it).
    func logProbability(of word: Int, after context: Int) -> Float
    /// log P(nothing more | what stands before).
    func logProbability(ofEndAfter context: Int) -> Float
}

/// How a word search weighs and prunes; part of "naming" in pipeline.json.
public struct WordSearchOptions: Codable, Sendable, Equatable {
    /// The weight of the predictor's log-probabilities beside the phones'.
    public let languageWeight: Float
    /// What every word adds to the score, so that few long words are not preferred to several short ones.
    public let wordBonus: Float
    /// The most partial transcripts that a frame hands on.
    public let beam: Int
    /// Partial transcripts this far below the best one are given up.
    public let window: Float

    enum CodingKeys: String, CodingKey {
        case beam, window
        case languageWeight = "language_weight"
        case wordBonus = "word_bonus"
    }

    /// Weights and limits.
    public init(languageWeight: Float, wordBonus: Float, beam: Int, window: Float) {
        (self.languageWeight, self.wordBonus) = (languageWeight, wordBonus)
        (self.beam, self.window) = (beam, window)
    }
}

/// What a word search found.
public struct WordTranscript: Sendable, Equatable {
    /// The words, by their numbers in the tree.
    public let words: [Int]
    /// The log-probability of the best alignment of their phones above that of the likeliest labels; at most 0.
    public let phoneLogProbability: Float
}

/// Viterbi decoding of CTC posteriors over a tree of pronunciations (token passing, Young et al. 1989; CTC's blank as
/// in Graves et al. 2006): of the alignments of all word sequences, the best by phones and predictor together.
///
/// Words are told apart by the word boundary that the phone head hears between them.
public struct WordSearch<Predictor: WordPredictor> {
    private let tree: PronunciationTree
    private let predictor: Predictor
    private let blank: Int
    private let wordBoundary: Int
    private let floor: Float
    private let options: WordSearchOptions

    /// A search with the classes of the phone head that mean no phone.
    ///
    /// - Parameter floor: the least probability of a label in a frame.
    public init(
        _ tree: PronunciationTree, _ predictor: Predictor, blank: Int, wordBoundary: Int, floor: Float,
        options: WordSearchOptions
    ) {
        (self.tree, self.predictor, self.options) = (tree, predictor, options)
        (self.blank, self.wordBoundary, self.floor) = (blank, wordBoundary, floor)
    }

    /// A way to a state: its score, the phones' part of it, and the words before (an index, -1 for none).
    private struct Path {
        var score = -Float.infinity
        var phones: Float = 0
        var history: Int32 = -1

        func adding(_ logProbability: Float) -> Path {
            Path(score: score + logProbability, phones: phones + logProbability, history: history)
        }
    }

    /// A place in the tree, or the boundary before the next word, after a context: the best ways that end in its label
    /// and in a blank after it.
    private struct State {
        let node: Int
        let context: Int
        var label = Path()
        var blank = Path()

        var best: Path { label.score >= blank.score ? label : blank }
    }

    private struct Place: Hashable {
        let node: Int
        let context: Int
    }

    /// The states of a frame, and what they are found by.
    private struct Front {
        var states: [State] = []
        var places: [Place: Int] = [:]
        var best = -Float.infinity

        mutating func index(_ node: Int, _ context: Int) -> Int {
            let place = Place(node: node, context: context)
            if let index = places[place] { return index }
            places[place] = states.count
            states.append(State(node: node, context: context))
            return states.count - 1
        }
    }

    /// The boundary before a word is a state outside of the tree, whose children are the root's.
    private var boundary: Int { tree.count }

    private func lookAhead(_ node: Int) -> Float {
        -options.languageWeight * tree.leastCost[node == boundary ? 0 : node]
    }

    /// The words of posteriors `[T, P]`; nil where no words reach the last frame.
    public func callAsFunction(_ posteriors: Tensor) -> WordTranscript? {
        var history: [(word: Int32, before: Int32)] = []
        var front = Front()
        front.states = [State(node: 0, context: predictor.beginning)]
        front.states[0].blank.score = 0
        for frame in 0..<posteriors.rows {
            front = advance(front, relativeLogarithms(posteriors.row(frame)), &history)
            prune(&front)
        }
        return best(of: front, history)
    }

    /// Of every class the logarithm of its probability above the frame's likeliest.
    private func relativeLogarithms(_ row: ArraySlice<Float>) -> [Float] {
        let largest = max(row.max() ?? 0, floor)
        return row.map { logarithm(max($0, floor) / largest) }
    }

    private func advance(
        _ front: Front, _ logs: [Float], _ history: inout [(word: Int32, before: Int32)]
    ) -> Front {
        var next = Front()
        next.states.reserveCapacity(4 * front.states.count)
        func reach(_ node: Int, _ context: Int, _ path: Path) {
            let index = next.index(node, context)
            if path.score > next.states[index].label.score { next.states[index].label = path }
        }
        // Staying first: what is best so far tells which of the many ways on are worth a state.
        for state in front.states {
            let index = next.index(state.node, state.context)
            let silent = state.best.adding(logs[blank])
            if silent.score > next.states[index].blank.score { next.states[index].blank = silent }
            if state.node > 0, state.label.score > -.infinity {
                let label = state.node == boundary ? wordBoundary : Int(tree.phones[state.node])
                reach(state.node, state.context, state.label.adding(logs[label]))
            }
            next.best = max(next.best, next.states[index].best.score + lookAhead(state.node))
        }
        for state in front.states {
            let least = next.best - options.window
            let isBoundary = state.node == boundary
            for child in tree.children(of: isBoundary ? 0 : state.node) {
                let phone = Int(tree.phones[child])
                // The same phone twice needs a blank between.
                let isRepeated = !isBoundary && state.node > 0 && Int(tree.phones[state.node]) == phone
                let path = (isRepeated ? state.blank : state.best).adding(logs[phone])
                let score = path.score + lookAhead(child)
                guard score >= least else { continue }
                reach(child, state.context, path)
                next.best = max(next.best, score)
            }
            guard !isBoundary, state.node > 0 else { continue }
            for word in tree.words(at: state.node) {
                var path = state.best.adding(logs[wordBoundary])
                path.score += options.wordBonus
                path.score += options.languageWeight * predictor.logProbability(of: Int(word), after: state.context)
                let context = predictor.context(after: Int(word))
                guard path.score + lookAhead(boundary) >= least else { continue }
                let index = next.index(boundary, context)
                guard path.score > next.states[index].label.score else { continue }
                history.append((word, path.history))
                path.history = Int32(history.count - 1)
                next.states[index].label = path
                next.best = max(next.best, path.score + lookAhead(boundary))
            }
        }
        return next
    }

    private func prune(_ front: inout Front) {
        let least = front.best - options.window
        var scored = front.states.filter { $0.best.score + lookAhead($0.node) >= least }
        if scored.count > options.beam {
            let scores = scored.map { $0.best.score + lookAhead($0.node) }.sorted(by: >)
            let last = scores[options.beam - 1]
            scored.removeAll { $0.best.score + lookAhead($0.node) < last }
        }
        front.states = scored
        front.places = [:]
    }

    private func best(of front: Front, _ history: [(word: Int32, before: Int32)]) -> WordTranscript? {
        var found: (score: Float, phones: Float, last: Int32?, history: Int32)?
        for state in front.states where state.node > 0 {
            let path = state.best
            func consider(_ score: Float, _ word: Int32?) {
                if score > found?.score ?? -.infinity { found = (score, path.phones, word, path.history) }
            }
            if state.node == boundary {
                consider(
                    path.score + options.languageWeight * predictor.logProbability(ofEndAfter: state.context), nil)
                continue
            }
            for word in tree.words(at: state.node) {
                let own = predictor.logProbability(of: Int(word), after: state.context)
                let end = predictor.logProbability(ofEndAfter: predictor.context(after: Int(word)))
                consider(path.score + options.wordBonus + options.languageWeight * (own + end), word)
            }
        }
        guard let found, found.score > -.infinity else { return nil }
        var words = found.last.map { [Int($0)] } ?? []
        var place = found.history
        while place >= 0 {
            words.append(Int(history[Int(place)].word))
            place = history[Int(place)].before
        }
        return words.isEmpty ? nil : WordTranscript(words: words.reversed(), phoneLogProbability: found.phones)
    }
}

// What is said after what, where the words may be any of a large vocabulary.

import LanguageModel
import ModalityEncoder
import SystemPackage
import Tensors

/// Costs of words after each other: words of the language by themselves, all others by their class (Brown et al. 1992).
///
/// Words have the numbers of the language's tokens, and after them those of the vocabulary.
struct ClassBigram: WordPredictor {
    /// "bigrams" in vocabulary.json: negative logarithms of probabilities, in tenths.
    struct Table: Decodable {
        /// Of every word and class its cost, whatever stands before it.
        let alone: [String: Int]
        /// What it costs, by what stands before, that something else follows than `follows` has.
        let otherwise: [String: Int]
        /// By what stands before, what was seen to follow and its cost, in turns, with spaces between.
        let follows: [String: String]
    }

    /// The words of the language.
    let languageWords: Int
    private let kinds: [Int]
    private let costs: [Float]
    /// Contexts and what may follow both are: the language's words, the classes, and the utterance's beginning or end.
    private let entries: Int
    /// `[entries, entries]`, log-probabilities by what stands before.
    private let logProbabilities: [Float]

    init(
        _ table: Table, classes: [String], kinds: [Int], costs: [Float], tokenizer: Tokenizer, path: FilePath
    ) throws(TensorFileError) {
        languageWords = tokenizer.count
        (self.kinds, self.costs) = (kinds, costs)
        entries = languageWords + classes.count + 1
        let names = (0..<languageWords).map(tokenizer.word) + classes.map { "<\($0)>" }
        func cost(_ tenths: Int?) throws(TensorFileError) -> Float {
            guard let tenths, (0...10_000).contains(tenths) else {
                throw TensorFileError(
                    path: path, expected: "bigram costs of 0 to 10000 tenths",
                    got: tenths.map { "\($0)" } ?? "no number")
            }
            return Float(tenths) / 10
        }
        let following = names + ["<end>"]
        let places = Dictionary(
            following.enumerated().map { (Substring($1), $0) }, uniquingKeysWith: { first, _ in first })
        // Of a word that the table lacks, the highest cost of all.
        let highest = table.alone.values.max() ?? 0
        var alone: [Float] = []
        for name in following { alone.append(try cost(table.alone[name] ?? highest)) }
        var logProbabilities: [Float] = []
        logProbabilities.reserveCapacity(entries * entries)
        for before in names + ["<start>"] {
            let otherwise = try cost(table.otherwise[before] ?? 0)
            var row = alone.map { -($0 + otherwise) }
            let follows = (table.follows[before] ?? "").split(separator: " ")
            for index in stride(from: 0, to: follows.count - 1, by: 2) {
                let cost = try cost(Int(follows[index + 1]))
                if let place = places[follows[index]] { row[place] = -cost }
            }
            logProbabilities += row
        }
        self.logProbabilities = logProbabilities
    }

    var beginning: Int { entries - 1 }

    func context(after word: Int) -> Int {
        word < languageWords ? word : languageWords + kinds[word - languageWords]
    }

    func logProbability(of word: Int, after context: Int) -> Float {
        let own = word < languageWords ? 0 : -costs[word - languageWords]
        return logProbabilities[context * entries + self.context(after: word)] + own
    }

    func logProbability(ofEndAfter context: Int) -> Float { logProbabilities[context * entries + entries - 1] }
}

// lexicon.json: how the vocabulary's words are pronounced, so that the phone head can score a transcript.

import LanguageModel
import Layers
import ModalityEncoder
import SystemPackage
import Tensors

/// The pronunciations of the vocabulary's words, as phone numbers of the encoder's head.
struct Lexicon: Sendable {
    /// For every token its pronunciations; empty for tokens that are no words.
    fileprivate let pronunciations: [[[Int]]]
    fileprivate let ctc: CTCConfiguration

    init(path: FilePath, tokenizer: Tokenizer, ctc: CTCConfiguration) throws(TensorFileError) {
        let words = try decodeJSON([String: [[String]]].self, at: path)
        let numbers = Dictionary(
            ctc.phones.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var pronunciations: [[[Int]]] = []
        for token in 0..<tokenizer.count {
            var spoken: [[Int]] = []
            for phones in words[tokenizer.word(token)] ?? [] {
                var sequence: [Int] = []
                for phone in phones {
                    guard let number = numbers[phone], number != ctc.blank else {
                        throw TensorFileError(
                            path: path, expected: "phones of the encoder's head", got: "\"\(phone)\"")
                    }
                    sequence.append(number)
                }
                spoken.append(sequence)
            }
            pronunciations.append(spoken)
        }
        self.pronunciations = pronunciations
        self.ctc = ctc
    }

    /// How transcripts explain posteriors `[T, P]`.
    func scorer(of posteriors: Tensor) -> SpokenWords { SpokenWords(lexicon: self, posteriors: posteriors) }
}

/// What was heard, for a search that asks which words explain it.
struct SpokenWords: TranscriptScorer {
    private let lexicon: Lexicon
    private let posteriors: Tensor
    private let bestPath: Float
    private let prefixes: CTCPrefixScorer

    fileprivate init(lexicon: Lexicon, posteriors: Tensor) {
        (self.lexicon, self.posteriors) = (lexicon, posteriors)
        bestPath = bestPathLogProbability(posteriors)
        prefixes = CTCPrefixScorer(posteriors: posteriors, blank: lexicon.ctc.blank)
    }

    var empty: CTCPrefixScorer.Prefix { prefixes.empty }

    /// With the best of the word's pronunciations.
    func extend(_ beginning: CTCPrefixScorer.Prefix, by word: Int) -> CTCPrefixScorer.Prefix {
        let boundary = beginning.isEmpty ? [] : [lexicon.ctc.wordBoundary]
        let spoken = lexicon.pronunciations[word].map { prefixes.extend(beginning, by: boundary + $0) }
        return spoken.max { $0.logProbability < $1.logProbability } ?? prefixes.extend(beginning, by: boundary)
    }

    func logProbability(of beginning: CTCPrefixScorer.Prefix) -> Float { beginning.logProbability }

    func logProbability(ofAll transcript: CTCPrefixScorer.Prefix) -> Float { prefixes.complete(transcript) }

    /// With the best of every word's pronunciations: words begin with their first one; from left to right the others
    /// are tried and kept where better.
    func score(_ transcript: [Int]) -> PhoneScore? {
        let alternatives = transcript.map { lexicon.pronunciations[$0].isEmpty ? [[]] : lexicon.pronunciations[$0] }
        var chosen = alternatives.map { $0[0] }
        func logProbability(_ words: [[Int]]) -> Float {
            let phones = Array(words.joined(separator: [lexicon.ctc.wordBoundary]))
            return ctcLogProbability(of: phones, posteriors: posteriors, blank: lexicon.ctc.blank)
        }
        var best = logProbability(chosen)
        for (place, spoken) in alternatives.enumerated() {
            for other in spoken.dropFirst() {
                var trial = chosen
                trial[place] = other
                let score = logProbability(trial)
                if score > best { (best, chosen) = (score, trial) }
            }
        }
        let phones = chosen.reduce(chosen.count - 1) { $0 + $1.count }
        return PhoneScore(logProbability: best, confidence: (best - bestPath) / Float(max(1, phones)))
    }
}

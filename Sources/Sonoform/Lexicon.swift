// lexicon.json: how the vocabulary's words are pronounced, so that the phone head can score a transcript.

import LanguageModel
import Layers
import ModalityEncoder
import Tensors

/// The pronunciations of the vocabulary's words, as phone numbers of the encoder's head.
struct Lexicon: Sendable {
    /// For every token its pronunciations; empty for tokens that are no words.
    private let pronunciations: [[[Int]]]
    private let ctc: CTCConfiguration

    init(path: String, tokenizer: Tokenizer, ctc: CTCConfiguration) throws(TensorFileError) {
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

    /// How well a transcript explains posteriors `[T, P]`, with the best of every word's pronunciations.
    ///
    /// Words begin with their first pronunciation; from left to right the others are tried and kept where better.
    func score(_ transcript: [Int], posteriors: Tensor, bestPath: Float) -> PhoneScore {
        let alternatives = transcript.map { pronunciations[$0].isEmpty ? [[]] : pronunciations[$0] }
        var chosen = alternatives.map { $0[0] }
        func logProbability(_ words: [[Int]]) -> Float {
            let phones = Array(words.joined(separator: [ctc.wordBoundary]))
            return ctcLogProbability(of: phones, posteriors: posteriors, blank: ctc.blank)
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

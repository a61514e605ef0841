// lexicon.json: how the vocabulary's words are pronounced, so that the phone head can score a transcript.

import LanguageModel
import Layers
import ModalityEncoder
import SystemPackage
import Tensors

/// The pronunciations of the vocabulary's words, as phone numbers of the encoder's head.
struct Lexicon: Sendable {
    /// For every token its pronunciations; empty for tokens that are not words.
    let pronunciations: [[[Int]]]
    let ctc: CTCConfiguration

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
    func scorer(of posteriors: Tensor, _ options: DecodingOptions) -> SpokenWords {
        let prefixes = CTCPrefixScorer(
            posteriors: posteriors, blank: ctc.blank, floor: options.ctcFloor, negligible: options.ctcNegligible)
        return SpokenWords(lexicon: self, prefixes: prefixes)
    }
}

/// What was heard, for a search that asks which words explain it.
struct SpokenWords: TranscriptScorer {
    fileprivate let lexicon: Lexicon
    fileprivate let prefixes: CTCPrefixScorer

    var empty: CTCPrefixScorer.Prefix { prefixes.empty }

    /// With the best of the word's pronunciations.
    func extend(_ prefix: CTCPrefixScorer.Prefix, by word: Int) -> CTCPrefixScorer.Prefix {
        let boundary = prefix.isEmpty ? [] : [lexicon.ctc.wordBoundary]
        let spoken = lexicon.pronunciations[word].map { prefixes.extend(prefix, by: boundary + $0) }
        return spoken.max { $0.logProbability < $1.logProbability } ?? prefixes.extend(prefix, by: boundary)
    }

    func logProbability(of prefix: CTCPrefixScorer.Prefix) -> Float { prefix.logProbability }

    func logProbability(ofAll transcript: CTCPrefixScorer.Prefix) -> Float { prefixes.complete(transcript) }

    func score(of transcript: CTCPrefixScorer.Prefix) -> PhoneScore? {
        let excess = prefixes.complete(transcript)
        return PhoneScore(
            logProbability: excess + prefixes.bestPathLogProbability,
            confidence: excess / Float(max(1, transcript.labels.count)))
    }
}

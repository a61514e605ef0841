// Where the words of a transcript are said, and how well each explains its part of the sound.

import LanguageModel
import ModalityEncoder
import Tensors

/// A word of a transcript in the frames of a recording.
struct AlignedWord {
    /// The frames in which it is said.
    let frames: Range<Int>
    /// The log-probability of its phones above that of the likeliest labels there; at most 0.
    let logProbability: Float
    /// How many phones it has.
    let phones: Int
    /// The log-probability, a phone.
    var mean: Float { logProbability / Float(max(1, phones)) }
}

extension Lexicon {
    /// The words of a transcript, aligned with posteriors `[T, P]`; nil where they do not fit.
    ///
    /// Every word has the pronunciation that the search found best after the words before it.
    func matches(of transcript: [Int], in posteriors: Tensor, _ options: DecodingOptions) -> [AlignedWord]? {
        let scorer = scorer(of: posteriors, options)
        let labels = transcript.reduce(scorer.empty) { scorer.extend($0, by: $1) }.labels
        guard
            let alignment = CTCAlignment(
                of: labels, posteriors: posteriors, blank: ctc.blank, floor: Float(options.ctcFloor))
        else {
            return nil
        }
        let words = labels.indices.split(separator: ctc.wordBoundary, omitting: labels)
        guard words.count == transcript.count else { return nil }
        return words.map { word in
            let frames =
                word.isEmpty
                ? 0..<0
                : alignment.frames[word.lowerBound].lowerBound..<alignment.frames[word.upperBound - 1].upperBound
            return AlignedWord(
                frames: frames, logProbability: alignment.logProbabilities[word].reduce(0, +), phones: word.count)
        }
    }
}

extension Range<Int> {
    /// The ranges between the places where `labels` has `separator`.
    fileprivate func split(separator: Int, omitting labels: [Int]) -> [Range<Int>] {
        var (parts, start): ([Range<Int>], Int) = ([], lowerBound)
        for place in self where labels[place] == separator {
            parts.append(start..<place)
            start = place + 1
        }
        return parts + [start..<upperBound]
    }
}

// Text to tokens: byte-level byte-pair encoding, for prompts.

import Layers
import Tensors

/// GPT-2's byte-level byte-pair encoding (Sennrich et al. 2016; openai/gpt-2, `encoder.py`).
struct BytePairEncoder: Sendable {
    /// The token of every byte.
    private let ofByte: [Int]
    /// The place of a pair among the merges, and the token that it becomes.
    private let merges: [Pair: (rank: Int, token: Int)]

    private struct Pair: Hashable {
        let left: Int
        let right: Int
    }

    /// Reads the merges of a vocabulary; throws where they or a byte are not in it.
    init(_ files: VocabularyFiles, ordinary: [String: Int]) throws(TensorFileError) {
        var ofByte = [Int?](repeating: nil, count: 256)
        for (token, identifier) in ordinary {
            if let bytes = ByteAlphabet.bytes(of: token), bytes.count == 1 { ofByte[Int(bytes[0])] = identifier }
        }
        if let missing = ofByte.firstIndex(of: nil) {
            throw TensorFileError(
                path: files.path, expected: "a vocabulary with a token for every byte", got: "none for \(missing)")
        }
        self.ofByte = ofByte.compactMap(\.self)
        var merges: [Pair: (rank: Int, token: Int)] = [:]
        for (rank, (left, right)) in try files.merges().enumerated() {
            guard let first = ordinary[left], let second = ordinary[right], let merged = ordinary[left + right] else {
                throw TensorFileError(
                    path: files.path, expected: "merges of the vocabulary's tokens", got: "\"\(left) \(right)\"")
            }
            let pair = Pair(left: first, right: second)
            if merges[pair] == nil { merges[pair] = (rank, merged) }
        }
        self.merges = merges
    }

    /// Text to tokens.
    func encode(_ text: String) -> [Int] { Self.words(of: text).flatMap(encode(word:)) }

    private func encode(word: Substring) -> [Int] {
        var tokens = word.utf8.map { ofByte[Int($0)] }
        while tokens.count > 1 {
            var best: (rank: Int, token: Int)?
            var pair: Pair?
            for index in 1..<tokens.count {
                let candidate = Pair(left: tokens[index - 1], right: tokens[index])
                guard let found = merges[candidate], found.rank < best?.rank ?? .max else { continue }
                best = found
                pair = candidate
            }
            guard let best, let pair else { break }
            var merged: [Int] = []
            var index = 0
            while index < tokens.count {
                if index + 1 < tokens.count, tokens[index] == pair.left, tokens[index + 1] == pair.right {
                    merged.append(best.token)
                    index += 2
                } else {
                    merged.append(tokens[index])
                    index += 1
                }
            }
            tokens = merged
        }
        return tokens
    }

    /// GPT-2's pattern: English endings; runs of letters, of digits, of anything else but spaces, each with at most one
    /// space before it; spaces, the last of which goes with what follows.
    static func words(of text: String) -> [Substring] {
        let scalars = text.unicodeScalars
        var words: [Substring] = []
        var start = scalars.startIndex
        while start < scalars.endIndex {
            let end = wordEnd(from: start, in: scalars)
            words.append(text[start..<end])
            start = end
        }
        return words
    }

    private enum Kind { case letter, number, space, other }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        if scalar.properties.isWhitespace { return .space }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        default: .other
        }
    }

    private static func wordEnd(
        from start: String.Index, in scalars: String.UnicodeScalarView
    ) -> String.Index {
        if scalars[start] == "'" {
            let rest = scalars[scalars.index(after: start)...]
            for ending in ["s", "t", "re", "ve", "m", "ll", "d"] where rest.starts(with: ending.unicodeScalars) {
                return scalars.index(start, offsetBy: 1 + ending.unicodeScalars.count)
            }
        }
        func end(of kind: Kind, from index: String.Index) -> String.Index {
            scalars[index...].firstIndex { Self.kind(of: $0) != kind } ?? scalars.endIndex
        }
        let first = kind(of: scalars[start])
        let second = scalars.index(after: start)
        guard first == .space else { return end(of: first, from: start) }
        if scalars[start] == " ", second < scalars.endIndex {
            let next = kind(of: scalars[second])
            if next != .space { return end(of: next, from: second) }
        }
        let spaces = end(of: .space, from: start)
        // The last of several spaces belongs to the word after them.
        return spaces == scalars.endIndex || spaces == second ? spaces : scalars.index(before: spaces)
    }
}

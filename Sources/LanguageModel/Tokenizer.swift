// Words and their numbers.

import FoundationEssentials
import Layers
public import SystemPackage
public import Tensors

/// A word-level tokenizer, read from the `tokenizer.json` that Hugging Face's tokenizers writes.
public struct Tokenizer: Sendable {
    /// The file it was read from.
    public let path: FilePath
    private let identifiers: [String: Int]
    private let words: [Int: String]
    private let unknown: Int

    private struct File: Decodable {
        struct Model: Decodable {
            let type: String
            let vocab: [String: Int]
            let unk_token: String
        }
        struct AddedToken: Decodable {
            let id: Int
            let content: String
        }
        let model: Model
        let added_tokens: [AddedToken]?
    }

    /// Reads the file; throws `TensorFileError` when it is no word-level tokenizer.
    public init(path: FilePath) throws(TensorFileError) {
        func failure(_ expected: String, _ got: String) -> TensorFileError {
            TensorFileError(path: path, expected: expected, got: got)
        }
        struct Kind: Decodable {
            struct Model: Decodable { let type: String? }
            let model: Model
        }
        let kind = try decodeJSON(Kind.self, at: path).model.type
        guard kind == "WordLevel" else { throw failure("a tokenizer of type WordLevel", kind ?? "none") }
        let file = try decodeJSON(File.self, at: path)
        var identifiers = file.model.vocab
        for token in file.added_tokens ?? [] { identifiers[token.content] = token.id }
        guard let unknown = identifiers[file.model.unk_token] else {
            throw failure("the unknown token \"\(file.model.unk_token)\" in the vocabulary", "none")
        }
        guard identifiers.values.allSatisfy({ (0..<identifiers.count).contains($0) }),
            Set(identifiers.values).count == identifiers.count
        else { throw failure("identifiers from 0 to \(identifiers.count - 1), each once", "others") }
        self.path = path
        self.identifiers = identifiers
        self.unknown = unknown
        words = Dictionary(uniqueKeysWithValues: identifiers.map { ($1, $0) })
    }

    /// Reads the file of that name.
    public init(path: String) throws(TensorFileError) { try self.init(path: FilePath(path)) }

    /// The number of tokens.
    public var count: Int { identifiers.count }

    /// The identifier of a token; throws when the vocabulary lacks it.
    public func identifier(of token: String) throws(TensorFileError) -> Int {
        guard let identifier = identifiers[token] else {
            throw TensorFileError(path: path, expected: "the token \"\(token)\"", got: "none of that name")
        }
        return identifier
    }

    /// Typed text to tokens, unknown words included: lower case, everything but letters, digits and apostrophes between
    /// words.
    ///
    /// - Parameter spellings: words that stand for others of the vocabulary, "3" for "three".
    public func encode(_ text: String, spellings: [String: String] = [:]) -> [Int] {
        words(of: text, spellings: spellings).map { identifiers[$0] ?? unknown }
    }

    /// Typed text as words, those that the vocabulary lacks included; see ``encode(_:spellings:)``.
    public func words(of text: String, spellings: [String: String] = [:]) -> [String] {
        text.lowercased().map { $0 == "\u{2019}" ? "'" : $0 }
            .split { !($0.isLetter || $0.isNumber || $0 == "'") }
            .map { spellings[String($0)] ?? String($0) }
    }

    /// Whether a word is one of the vocabulary's.
    public func contains(_ word: String) -> Bool { identifiers[word] != nil }

    /// Tokens to text, a space between words.
    public func decode(_ tokens: some Sequence<Int>) -> String {
        tokens.map { words[$0] ?? "" }.joined(separator: " ")
    }

    /// The word of a token.
    public func word(_ token: Int) -> String { words[token] ?? "" }
}

extension Tokenizer: TextTokenizer {
    /// A prompt's words as tokens.
    public func encode(prompt text: String) -> [Int] { encode(text) }

    /// Tokens to text, a space between words.
    public func decode(generated tokens: [Int]) -> String { decode(tokens) }
}

// A byte-level vocabulary on disk: tokenizer.json, or vocab.json with merges.txt and added_tokens.json.

import Layers
import SystemPackage
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// The files of a byte-level vocabulary beside a checkpoint, as Hugging Face's tokenizers and transformers write them.
struct VocabularyFiles: Sendable {
    private let folder: ComponentFolder

    init(_ folder: ComponentFolder) { self.folder = folder }

    /// tokenizer.json where it is there, else vocab.json: what errors about the vocabulary name.
    var path: FilePath { whole ?? folder.path.appending("vocab.json") }

    private var whole: FilePath? { existing("tokenizer.json") }

    private func existing(_ name: String) -> FilePath? {
        let path = folder.path.appending(name)
        return path.withPlatformString { access($0, F_OK) == 0 } ? path : nil
    }

    private struct Whole: Decodable {
        struct Model: Decodable {
            let type: String?
            let vocab: [String: Int]
        }
        struct AddedToken: Decodable {
            let id: Int
            let content: String
        }
        let model: Model
        let added_tokens: [AddedToken]?
    }

    /// The numbers of ordinary tokens, and of those that were added to them.
    func identifiers() throws(TensorFileError) -> (ordinary: [String: Int], added: [String: Int]) {
        guard let whole else {
            let ordinary = try decodeJSON([String: Int].self, at: path)
            guard let added = existing("added_tokens.json") else { return (ordinary, [:]) }
            return (ordinary, try decodeJSON([String: Int].self, at: added))
        }
        struct Kind: Decodable {
            struct Model: Decodable { let type: String? }
            let model: Model
        }
        // Other kinds have vocabularies of another form: what they are is the clearer answer.
        let kind = try decodeJSON(Kind.self, at: whole).model.type
        guard kind == nil || kind == "BPE" else {
            throw TensorFileError(path: whole, expected: "a tokenizer of type BPE", got: kind ?? "none")
        }
        let file = try decodeJSON(Whole.self, at: whole)
        let added = (file.added_tokens ?? []).map { ($0.content, $0.id) }
        return (file.model.vocab, Dictionary(added) { _, last in last })
    }

    /// The pairs that are merged, the first ones first.
    func merges() throws(TensorFileError) -> [(String, String)] {
        let written: [[String]]
        if let whole {
            written = try decodeJSON(Merges.self, at: whole).pairs
        } else {
            let path = folder.path.appending("merges.txt")
            let text = String(
                decoding: try readWhole(path, expected: "a list of merges", limit: 64_000_000), as: UTF8.self)
            written = text.split(separator: "\n").filter { !$0.hasPrefix("#version") }.map {
                $0.split(separator: " ").map(String.init)
            }
        }
        var pairs: [(String, String)] = []
        pairs.reserveCapacity(written.count)
        for pair in written {
            guard pair.count == 2 else {
                throw TensorFileError(
                    path: path, expected: "merges of two tokens", got: "\"\(pair.joined(separator: " "))\"")
            }
            pairs.append((pair[0], pair[1]))
        }
        return pairs
    }

    /// The merges of a tokenizer.json, in the form "a b" or ["a", "b"].
    private struct Merges: Decodable {
        let pairs: [[String]]

        enum CodingKeys: String, CodingKey { case model }
        enum ModelKeys: String, CodingKey { case merges }

        init(from decoder: any Decoder) throws {
            let model = try decoder.container(keyedBy: CodingKeys.self)
                .nestedContainer(keyedBy: ModelKeys.self, forKey: .model)
            if let texts = try? model.decode([String].self, forKey: .merges) {
                pairs = texts.map { $0.split(separator: " ", omittingEmptySubsequences: false).map(String.init) }
            } else {
                pairs = try model.decode([[String]].self, forKey: .merges)
            }
        }
    }
}

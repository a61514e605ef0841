// vocabulary.json: English beyond the description language, so that what a pipeline cannot make is named.

import LanguageModel
import Layers
import ModalityEncoder
import Synchronization
import SystemPackage
import Tensors

/// Words that a pipeline knows by name only; `Training/sonoform_training/vocabulary` writes the file.
struct Vocabulary: Sendable {
    static let fileName = "vocabulary.json"
    static let formatName = "sonoform-vocabulary"
    static let formatVersion = 1

    /// What part of speech a word is, most often.
    enum Kind: Int, Sendable {
        case other, noun, pluralNoun, adjective
    }

    /// The words in the file's order.
    let words: [String]
    /// By word, its place.
    private let places: [String: Int]
    private let kinds: [Kind]
    /// Of plural nouns that are not their singular and an s.
    private let singulars: [String: String]
    private let objects: [String]
    private let nearest: [String: [Int]]
    /// Of nouns that are a kind of an object the pipeline makes, that object.
    private let madeAs: [String: Int]
    /// Words that join a noun to what stands before it: "with", "of".
    let attaching: Set<String>
    /// Words that may begin a noun's phrase: "the", "my"; and those of them that ask for something new: "a".
    let determiners: Set<String>
    let indefinite: Set<String>
    /// By word, its pronunciations.
    let forms: [[[Int]]]
    let predictor: ClassBigram
    /// By word, -log P(word | its kind).
    let costs: [Float]

    private struct File: Decodable {
        let format: String
        let version: Int
        let classes: [String]
        /// Long texts, which are read much faster than lists.
        let words: String
        let kinds: String
        let phones: [String: String]
        let forms: String
        let costs: String
        let singulars: [String: String]
        let objects: [String]
        let nearest: [String: [Int]]
        /// Missing in files that know no kinds.
        let madeAs: [String: Int]?
        let attaching: [String]
        let determiners: [String]
        let indefinite: [String]
        let bigrams: ClassBigram.Table

        enum CodingKeys: String, CodingKey {
            case format, version, classes, words, kinds, phones, forms, costs, singulars, objects, nearest
            case attaching, determiners, indefinite, bigrams
            case madeAs = "made_as"
        }
    }

    /// Reads and checks the file.
    ///
    /// - Parameters:
    ///   - tokenizer: the language's words, which are no words of the file.
    ///   - ctc: the phones of the encoder's head; nil for a pipeline that only reads.
    init(path: FilePath, tokenizer: Tokenizer, ctc: CTCConfiguration?) throws(TensorFileError) {
        let file = try decodeJSON(File.self, at: path)
        let require = Requirement { TensorFileError(path: path, expected: $0, got: $1) }
        try require(file.format == Self.formatName, "format \"\(Self.formatName)\"", got: "\"\(file.format)\"")
        try require(file.version == Self.formatVersion, "version \(Self.formatVersion)", got: "\(file.version)")
        let classes = ["word", "noun", "nouns", "adjective"]
        try require(file.classes == classes, "the classes \(classes)", got: "\(file.classes)")
        let words = file.words.split(separator: " ").map(String.init)
        let forms = file.forms.utf8.split(separator: UInt8(ascii: " "))
        let costs = tenths(file.costs)
        let count = words.count
        try require((1...1_000_000).contains(count), "1 to 1000000 words", got: "\(count)")
        let kinds = file.kinds.utf8.map { Kind(rawValue: Int($0) - 48) }
        for (what, number) in [("kinds", kinds.count), ("forms", forms.count), ("costs", costs.count)] {
            try require(number == count, "\(count) \(what), one per word", got: "\(number)")
        }
        try require(!kinds.contains(nil), "kinds of 0 to 3", got: "others")
        try require(costs.allSatisfy { (0...1_000).contains($0) }, "costs of 0 to 10000 tenths", got: "others")
        let indices = file.nearest.values.flatMap(\.self) + (file.madeAs ?? [:]).values
        try require(
            indices.allSatisfy(file.objects.indices.contains), "objects of 0 to \(file.objects.count - 1)",
            got: "others")
        self.words = words
        places = Dictionary(words.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.kinds = kinds.compactMap(\.self)
        self.costs = costs
        (singulars, objects, nearest, madeAs) = (file.singulars, file.objects, file.nearest, file.madeAs ?? [:])
        (attaching, determiners) = (Set(file.attaching), Set(file.determiners))
        indefinite = Set(file.indefinite)
        self.forms = try Self.spelled(forms, file.phones, ctc, path: path)
        predictor = try ClassBigram(
            file.bigrams, classes: classes, kinds: self.kinds.map(\.rawValue), costs: costs,
            tokenizer: tokenizer, path: path)
    }

    private static func spelled(
        _ forms: [Substring.UTF8View], _ letters: [String: String], _ ctc: CTCConfiguration?, path: FilePath
    ) throws(TensorFileError) -> [[[Int]]] {
        guard let ctc else { return [] }
        // A letter stands for a phone; by its byte, the phone's number, and -1 for what is no phone.
        var numbers = [Int](repeating: -1, count: 256)
        for (letter, phone) in letters {
            guard letter.utf8.count == 1, letter != "/", let number = ctc.phones.firstIndex(of: phone),
                number != ctc.blank
            else {
                throw TensorFileError(
                    path: path, expected: "letters that stand for phones of the encoder's head",
                    got: "\"\(letter)\" for \"\(phone)\"")
            }
            numbers[Int(letter.utf8.first!)] = number
        }
        var spelled: [[[Int]]] = []
        spelled.reserveCapacity(forms.count)
        for form in forms {
            let own = form.split(separator: UInt8(ascii: "/")).map { $0.map { numbers[Int($0)] } }
            guard !own.joined().contains(-1) else {
                throw TensorFileError(
                    path: path, expected: "forms of the letters in \"phones\"", got: "\"\(Substring(form))\"")
            }
            spelled.append(own)
        }
        return spelled
    }

    /// What part of speech a word is; nil for one that the file lacks.
    func kind(of word: String) -> Kind? { places[word].map { kinds[$0] } }

    /// A noun's singular: "elephants" -> "elephant".
    func singular(of noun: String) -> String {
        if let singular = singulars[noun] { return singular }
        return kind(of: noun) == .pluralNoun && noun.hasSuffix("s") ? String(noun.dropLast()) : noun
    }

    /// The pipeline's objects that are near to a noun, the nearest first.
    func objects(near noun: String) -> [String] { (nearest[singular(of: noun)] ?? []).map { objects[$0] } }

    /// The object of which a noun is a kind, and whether several are meant; nil for a noun that is none.
    func object(above noun: String) -> (noun: String, isPlural: Bool)? {
        madeAs[singular(of: noun)].map { (objects[$0], kind(of: noun) == .pluralNoun) }
    }
}

/// Whole numbers of tenths with spaces between; -1 for what is no number.
private func tenths(_ text: String) -> [Float] {
    text.utf8.split(separator: UInt8(ascii: " ")).map { Int(Substring($0)).map { Float($0) / 10 } ?? -1 }
}

/// A pipeline's vocabulary, loaded once it is needed: most recordings need none.
final class LazyVocabulary: Sendable {
    private let state = Mutex<Result<NamedWords, TensorFileError>?>(nil)

    /// The vocabulary with what is heard by it; nil for a pipeline without one.
    func loaded(for pipeline: Pipeline) throws(SonoformError) -> NamedWords? {
        guard let options = pipeline.manifest.naming else { return nil }
        let result = state.withLock { state in
            if let state { return state }
            let loaded = Result { () throws(TensorFileError) in try NamedWords(pipeline, options) }
            state = loaded
            return loaded
        }
        do { return try result.get() } catch { throw SonoformError(error) }
    }
}

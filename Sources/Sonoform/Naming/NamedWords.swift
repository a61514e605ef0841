// Hearing and reading with the large vocabulary: which object was asked for that nobody can make.

import LanguageModel
import Layers
import ModalityEncoder
import SystemPackage
import Tensors

/// "naming" in pipeline.json: when words beyond the language are believed to have been said.
struct NamingOptions: Codable, Sendable, Equatable {
    /// How words are searched for.
    let search: WordSearchOptions
    /// The least log-probability of a phone, above that of the likeliest labels, of words that are believed.
    let leastMatch: Float
    /// A reply whose own is lower is doubted, and other words are searched for.
    let doubt: Float
    /// By how much other words must explain the sound better than a reply that describes something, in all.
    let margin: Float

    enum CodingKeys: String, CodingKey {
        case search, doubt, margin
        case leastMatch = "least_match"
    }

    /// Why these options cannot be used: what was expected and what was got; nil for options that are sound.
    var fault: (expected: String, got: String)? {
        guard (1...100_000).contains(search.beam) else {
            return ("a beam of 1 to 100000 for \"naming.search\"", "\(search.beam)")
        }
        for (name, value, range) in [
            ("search.window", search.window, 0.1...1_000), ("search.language_weight", search.languageWeight, 0...100),
            ("search.word_bonus", search.wordBonus, -100...100), ("least_match", leastMatch, -1_000...0),
            ("doubt", doubt, -1_000...0), ("margin", margin, 0...1_000 as ClosedRange<Float>),
        ] where !range.contains(value) {
            return ("\(range.lowerBound) to \(range.upperBound) for \"naming.\(name)\"", "\(value)")
        }
        return nil
    }
}

/// The vocabulary as a pipeline hears and reads it.
struct NamedWords: Sendable {
    let vocabulary: Vocabulary
    let options: NamingOptions
    private let tokenizer: Tokenizer
    private let tree: PronunciationTree
    /// By word, how many phones it has.
    private let phoneCounts: [Int]
    private let phrases: ObjectPhrases
    /// By the name of an object of the language its plural.
    private let plurals: [String: String]

    init(_ pipeline: Pipeline, _ options: NamingOptions) throws(TensorFileError) {
        let tokenizer = pipeline.decoder.tokenizer
        let vocabulary = try Vocabulary(
            path: pipeline.directory.appending(Vocabulary.fileName), tokenizer: tokenizer,
            ctc: pipeline.encoder.phoneHead)
        (self.vocabulary, self.options, self.tokenizer) = (vocabulary, options, tokenizer)
        var entries: [PronunciationTree.Entry] = []
        for (token, spoken) in (pipeline.lexicon?.pronunciations ?? []).enumerated() {
            entries += spoken.map { PronunciationTree.Entry(word: token, phones: $0, cost: 0) }
        }
        for (place, spoken) in vocabulary.forms.enumerated() {
            let (word, cost) = (tokenizer.count + place, vocabulary.costs[place])
            entries += spoken.map { PronunciationTree.Entry(word: word, phones: $0, cost: cost) }
        }
        tree = PronunciationTree(entries)
        phoneCounts = ((pipeline.lexicon?.pronunciations ?? []) + vocabulary.forms).map { $0.first?.count ?? 1 }
        phrases = ObjectPhrases(vocabulary, pipeline)
        plurals = pipeline.language.objects.reduce(into: [:]) { $0[$1.key] = $1.value.nouns[$1.key] }
    }

    /// What was heard, in any words; nil where no words explain it.
    func words(
        of posteriors: Tensor, _ ctc: CTCConfiguration, floor: Float
    ) -> (words: [String], match: WordMatch)? {
        let search = WordSearch(
            tree, vocabulary.predictor, blank: ctc.blank, wordBoundary: ctc.wordBoundary, floor: floor,
            options: options.search)
        guard let found = search(posteriors) else { return nil }
        let phones = found.words.reduce(found.words.count - 1) { $0 + phoneCounts[$1] }
        let words = found.words.map { word in
            word < tokenizer.count ? tokenizer.word(word) : vocabulary.words[word - tokenizer.count]
        }
        return (words, WordMatch(logProbability: found.phoneLogProbability, phones: max(1, phones)))
    }

    /// The first object in a text that the language has no word for; see ``ObjectPhrases``.
    func unknownObject(in words: [String], ofCertainText: Bool) -> String? {
        phrases.unknownObject(in: words, needsArticle: ofCertainText)
    }

    /// A text in which every object that is a kind of one of the language's is called that: "a settee", "a sofa".
    ///
    /// Nil where none is; see ``unknownObject(in:ofCertainText:)`` for what is an object in it.
    func familiar(_ words: [String], ofCertainText: Bool) -> (words: [String], substitutions: [Scene.Substitution])? {
        var (known, substitutions) = (words, [Scene.Substitution]())
        for place in phrases.unknownObjects(in: words, needsArticle: ofCertainText) {
            guard let object = vocabulary.object(above: words[place]) else { continue }
            known[place] = object.isPlural ? plurals[object.noun] ?? object.noun : object.noun
            substitutions.append(Scene.Substitution(asked: vocabulary.singular(of: words[place]), made: object.noun))
        }
        // A noun of two words is two words of the text.
        return substitutions.isEmpty
            ? nil : (known.flatMap { $0.split(separator: " ").map(String.init) }, substitutions)
    }

    /// Which words of a text say something of an object that is known, and are none of the language's.
    func unknownModifiers(in words: [String]) -> Set<Int> { phrases.unknownModifiers(in: words) }
}

/// How well words explain what was heard.
struct WordMatch {
    /// The log-probability of their phones above that of the likeliest labels; at most 0.
    let logProbability: Float
    /// How many phones they are.
    let phones: Int
    /// The same, a phone.
    var mean: Float { logProbability / Float(phones) }
}

// Noun phrases in a text: which of them ask for an object that nobody can make.

import LanguageModel

/// Finds objects that are asked for, by what part of speech words are.
///
/// Of nouns in a row the last is the object, and the others say something of it ("a kitchen table"). A noun that a word
/// such as "with" or "of" joins to what stands before it is no object by itself ("a cup of tea"), unless that word ends
/// a relation of the pipeline's ("in front of an elephant").
struct ObjectPhrases: Sendable {
    private enum Role {
        /// A noun of the language's objects or of their parts.
        case knownNoun
        /// A colour, a size, a proportion or a number.
        case attribute
        /// Another word of the language.
        case known
        /// A noun or an adjective beyond the language.
        case noun, adjective
        /// Any other word.
        case other
    }

    private let vocabulary: Vocabulary
    private let knownWords: Set<String>
    private let knownNouns: Set<String>
    private let attributes: Set<String>
    private let numbers: Set<String>
    private let relations: [[String]]

    init(_ vocabulary: Vocabulary, _ pipeline: Pipeline) {
        self.vocabulary = vocabulary
        let (language, tokenizer) = (pipeline.language, pipeline.decoder.tokenizer)
        knownWords = Set((0..<tokenizer.count).map(tokenizer.word))
        var nouns: Set<String> = []
        for kind in language.objects.values {
            let own = Array(kind.nouns.keys) + Array(kind.nouns.values)
            let parts = kind.parts.values.flatMap { [$0.singular, $0.plural] }
            for noun in own + parts { nouns.formUnion(noun.split(separator: " ").map(String.init)) }
        }
        knownNouns = nouns
        numbers = Set(language.counts.filter { $0.value > 1 }.keys)
        attributes = Set(language.colours.keys).union(language.sizes.keys).union(language.counts.keys)
            .union((pipeline.manifest.scene?.proportions ?? [:]).keys)
        relations = (pipeline.manifest.scene?.relations ?? [:]).keys.map { relation in
            relation.split(separator: " ").map(String.init)
        }
    }

    private func role(_ word: String) -> Role {
        // A colour may be a noun, too: the orange of "a red orange" is none that the language draws.
        if attributes.contains(word) { return .attribute }
        if knownNouns.contains(word) { return .knownNoun }
        if knownWords.contains(word) { return .known }
        return switch vocabulary.kind(of: word) {
        case .noun, .pluralNoun: .noun
        case .adjective: .adjective
        case .other, nil: .other
        }
    }

    /// The first object that is asked for and has no word in the language, in the singular; nil for none.
    ///
    /// - Parameter needsArticle: only a phrase that begins with "a" or a number counts: of a text that describes
    ///   something else besides, other nouns are talk. Without it, all words must be nouns, adjectives or the
    ///   language's: other talk asks for nothing.
    func unknownObject(in words: [String], needsArticle: Bool) -> String? {
        unknownObjects(in: words, needsArticle: needsArticle).first.map { vocabulary.singular(of: words[$0]) }
    }

    /// The places of all such objects.
    func unknownObjects(in words: [String], needsArticle: Bool) -> [Int] {
        let roles = words.map(role)
        guard needsArticle || !roles.contains(.other) else { return [] }
        return words.indices.filter { place in
            guard roles[place] == .noun else { return false }
            if place + 1 < words.count, [.noun, .knownNoun].contains(roles[place + 1]) { return false }
            var start = place
            while start > 0, [.noun, .adjective, .attribute, .knownNoun].contains(roles[start - 1]) { start -= 1 }
            var asksForNew = words[start..<place].contains(where: numbers.contains)
            if start > 0, vocabulary.determiners.contains(words[start - 1]) {
                start -= 1
                asksForNew = asksForNew || vocabulary.indefinite.contains(words[start])
            }
            let before = words[..<start]
            if let last = before.last, vocabulary.attaching.contains(last), !endsInRelation(before) { return false }
            return asksForNew || !needsArticle
        }
    }

    private func endsInRelation(_ words: ArraySlice<String>) -> Bool {
        relations.contains { words.count >= $0.count && words.suffix($0.count) == $0[...] }
    }

    /// The places of nouns and adjectives beyond the language that stand before a noun of it and say something of that.
    func unknownModifiers(in words: [String]) -> Set<Int> {
        let roles = words.map(role)
        var found: Set<Int> = []
        for place in words.indices where [.noun, .adjective].contains(roles[place]) {
            let rest = roles[(place + 1)...].drop { [.noun, .adjective, .attribute].contains($0) }
            if rest.first == .knownNoun { found.insert(place) }
        }
        return found
    }
}

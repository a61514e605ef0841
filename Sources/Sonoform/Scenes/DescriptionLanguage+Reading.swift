// From words to a scene's objects: the one place where a reply's words are read.

extension DescriptionLanguage {
    /// The object that a block's description says; nil where it names none that the language knows.
    ///
    /// "tall red chair with three blue legs and black back": size, proportions and colour in any order, the noun, then
    /// the parts. Words for which there is no place are kept as `unplaced`.
    ///
    /// - Parameter proportions: the words that stretch an object.
    func object(_ description: String, proportions: some Collection<String>) -> Scene.Object? {
        let words = description.split(separator: " ").map(String.init)
        let head = Array(words.prefix { $0 != connectives.partsFollow })
        guard let (name, length) = noun(endOf: head) else { return nil }
        var object = Scene.Object(noun: name)
        var unplaced: [String] = []
        for word in head.dropLast(length) {
            if sizes[word] != nil, object.size == nil {
                object.size = word
            } else if proportions.contains(word), !object.proportions.contains(word) {
                object.proportions.append(word)
            } else if colours[word] != nil, object.colour == nil {
                object.colour = word
            } else {
                unplaced.append(word)
            }
        }
        for phrase in words.dropFirst(head.count + 1).split(separator: connectives.anotherPart) {
            if let part = part(Array(phrase), of: name), !object.parts.contains(where: { $0.name == part.name }) {
                object.parts.append(part)
            } else {
                unplaced += phrase
            }
        }
        if !unplaced.isEmpty { object.unplaced = unplaced }
        return object
    }

    /// The object whose noun, in the singular, ends the words, and of how many words the noun is; the longest counts.
    private func noun(endOf words: [String]) -> (name: String, length: Int)? {
        var found: (name: String, length: Int)?
        for (name, kind) in objects {
            for noun in kind.nouns.keys {
                let parts = noun.split(separator: " ").map(String.init)
                if parts.count > found?.length ?? 0, words.suffix(parts.count) == parts[...] {
                    found = (name, parts.count)
                }
            }
        }
        return found
    }

    /// "three blue legs" as a part of an object; nil for what is not one of its parts.
    private func part(_ words: [String], of object: String) -> Scene.Part? {
        var rest = words[...]
        var count: Int?
        if rest.count > 1, let first = rest.first, let number = counts[first] {
            count = number
            rest = rest.dropFirst()
        }
        var colour: String?
        if rest.count > 1, let first = rest.first, colours[first] != nil {
            colour = first
            rest = rest.dropFirst()
        }
        let name = rest.joined(separator: " ")
        let known = objects[object]?.parts.first { key, part in [key, part.singular, part.plural].contains(name) }
        return known.map { Scene.Part(name: $0.key, count: count, colour: colour) }
    }
}

extension DescriptionLanguage {
    /// What was said and is not in the scene.
    struct Omissions: Equatable {
        /// Objects, by their nouns as they were said.
        var objects: [String] = []
        /// Colours and sizes.
        var words: [String] = []
        /// How many objects were named.
        var named = 0
    }

    /// What a transcript names that a scene does not have: nothing that was asked for is to be dropped without a word.
    ///
    /// A noun may be said several times for one object ("a chair, the chair is red"), and a part of an object that is
    /// there ("a wine glass with a red bowl") is no object of its own.
    func omissions(from scene: Scene, heard: String) -> Omissions {
        let said = mentions(in: heard)
        let parts = Set(
            scene.objects.flatMap { object in
                (objects[object.noun]?.parts ?? [:]).flatMap { [$0.key, $0.value.singular, $0.value.plural] }
            })
        var omissions = Omissions()
        let there = Set(scene.objects.map(\.noun))
        let missing = said.filter { !there.contains($0.name) && !parts.contains($0.noun) }
        omissions.objects = missing.map(\.noun)
        omissions.named = scene.objects.count + missing.count
        let used = Set(
            scene.objects.flatMap { object in
                [object.colour, object.size].compactMap(\.self) + object.parts.compactMap(\.colour)
                    + (object.unplaced ?? [])
            })
        for word in heard.split(separator: " ").map(String.init) where colours[word] != nil || sizes[word] != nil {
            if !used.contains(word), !omissions.words.contains(word) { omissions.words.append(word) }
        }
        return omissions
    }

    /// The nouns of the language in a text, in the singular or the plural; of several that begin at a word the longest.
    private func mentions(in text: String) -> [(noun: String, name: String)] {
        let words = text.split(separator: " ").map(String.init)
        var forms: [String: String] = [:]
        for (name, kind) in objects {
            for (singular, plural) in kind.nouns { (forms[singular], forms[plural]) = (name, name) }
        }
        let longest = forms.keys.map { $0.split(separator: " ").count }.max() ?? 0
        var found: [(noun: String, name: String)] = []
        var place = 0
        while place < words.count {
            let lengths = (1...max(1, longest)).reversed().filter { place + $0 <= words.count }
            let match = lengths.lazy.map { ($0, words[place..<place + $0].joined(separator: " ")) }
                .first { forms[$0.1] != nil }
            if let (length, noun) = match, let name = forms[noun] {
                found.append((noun, name))
                place += length
            } else {
                place += 1
            }
        }
        return found
    }
}

// language.json: the words of a pipeline's descriptions, and what they are.

import Layers
import SystemPackage
import Tensors

/// The pipeline's own table of words; `Training/sonoform_training/language_table.py` writes it.
struct DescriptionLanguage: Codable, Sendable, Equatable {
    static let fileName = "language.json"

    /// How many there may be.
    struct CountRange: Codable, Sendable, Equatable {
        let min: Int
        let max: Int
        let `default`: Int?
    }

    /// A part of an object.
    struct Part: Codable, Sendable, Equatable {
        let singular: String
        let plural: String
        /// A colour's name, or "main".
        let colour: String
        /// Nil for parts that nobody counts.
        let count: CountRange?
    }

    /// A kind of object.
    struct Kind: Codable, Sendable, Equatable {
        /// Every noun for it, its name among them, with its plural.
        let nouns: [String: String]
        /// The natural colour.
        let colour: String
        let parts: [String: Part]
    }

    /// What joins an object and its parts in a description.
    struct Connectives: Codable, Sendable, Equatable {
        /// "with": the parts follow.
        let partsFollow: String
        /// "and": another part follows.
        let anotherPart: String

        enum CodingKeys: String, CodingKey {
            case partsFollow = "parts_follow"
            case anotherPart = "another_part"
        }
    }

    /// The indefinite articles.
    struct Articles: Codable, Sendable, Equatable {
        let plain: String
        let beforeVowels: String
        let vowels: String

        enum CodingKeys: String, CodingKey {
            case plain, vowels
            case beforeVowels = "before_vowels"
        }

        func article(before words: String) -> String {
            words.first.map(vowels.contains) == true ? beforeVowels : plain
        }
    }

    /// The most objects of a scene, copies of one counting once.
    let maximumObjects: Int
    let connectives: Connectives
    let articles: Articles
    /// The factors of the sizes.
    let sizes: [String: Float]
    /// Red, green and blue, 0 to 255.
    let colours: [String: [Int]]
    /// The words for numbers.
    let counts: [String: Int]
    /// How many copies there may be.
    let copies: CountRange
    let objects: [String: Kind]

    enum CodingKeys: String, CodingKey {
        case connectives, articles, sizes, colours, counts, copies, objects
        case maximumObjects = "max_objects"
    }

    /// Reads and checks the file in a pipeline's folder.
    init(directory: FilePath) throws(TensorFileError) {
        let path = directory.appending(Self.fileName)
        self = try decodeJSON(Self.self, at: path)
        let require = Requirement { TensorFileError(path: path, expected: $0, got: $1) }
        try require((1...255).contains(maximumObjects), "max_objects of 1 to 255", got: "\(maximumObjects)")
        try require(!objects.isEmpty, "objects", got: "none")
        for (word, rgb) in colours {
            try require(
                rgb.count == 3 && rgb.allSatisfy { (0...255).contains($0) },
                "three numbers of 0 to 255 for \"\(word)\"",
                got: "\(rgb)")
        }
        for (name, kind) in objects {
            try require(kind.nouns[name] != nil, "\"\(name)\" among its own nouns", got: "\(kind.nouns.keys.sorted())")
        }
    }

    /// The word for a number: 3 -> "three"; figures where the language has none.
    func word(for count: Int) -> String { counts.first { $0.value == count }?.key ?? "\(count)" }
}

extension DescriptionLanguage {
    /// An object's description in the language's own order of words: "tall red chair with three blue legs".
    func description(of object: Scene.Object) -> String {
        let head = [object.size].compactMap(\.self) + object.proportions + [object.colour].compactMap(\.self)
        let parts = object.parts.map { part in words(of: part, in: objects[object.noun]) }
        let tail =
            parts.isEmpty ? [] : [connectives.partsFollow, parts.joined(separator: " \(connectives.anotherPart) ")]
        return (head + [object.noun] + tail).joined(separator: " ")
    }

    /// A whole scene's description: "two red cube on top of table".
    func description(of scene: Scene) -> String {
        scene.objects.map { object in
            let count = object.copies > 1 ? [word(for: object.copies)] : []
            return (count + [description(of: object)] + [object.relation?.kind].compactMap(\.self))
                .joined(separator: " ")
        }.joined(separator: " ")
    }

    private func words(of part: Scene.Part, in kind: Kind?) -> String {
        var name = part.name
        if let count = part.count, let known = kind?.parts[name] { name = count == 1 ? known.singular : known.plural }
        return [part.count.map(word), part.colour, name].compactMap(\.self).joined(separator: " ")
    }
}

// What was understood: the value between understanding and rendering.

/// A scene: what was heard, and the objects that it describes.
///
/// Listening, reading and looking make scenes; rendering, editing and saving take them. Its JSON is what
/// `convert --scene-json` writes and `convert --scene` reads. Only the objects' nouns have to be there: a scene may be
/// written by hand.
public struct Scene: Codable, Sendable, Equatable {
    /// One object of a scene, or a row of equal ones.
    public struct Object: Codable, Sendable, Equatable {
        /// What it is, by the name that the pipeline's language has for it.
        public var noun: String
        /// Its size: "tiny", "huge"; nil for a medium one.
        public var size: String?
        /// What stretches it: "tall", "wide".
        public var proportions: [String]
        /// The colour of its main part; nil for the natural one.
        public var colour: String?
        /// The parts that were named, with what was said of them.
        public var parts: [Part]
        /// How many of it there are, in a row.
        public var copies: Int
        /// Where it stands from another object; nil for one that stands by itself.
        public var relation: Relation?
        /// What its freedom is drawn from; nil for the rendering's seed and its place in the scene.
        public var seed: UInt64?
        /// The language model's signals, for as long as they say what the words say; nil before it was asked.
        public var signals: ShapeSignals?
        /// Words of its description for which the language has no place; nil for none.
        public var unplaced: [String]?

        /// An object of that noun; all else is optional.
        public init(
            noun: String, size: String? = nil, proportions: [String] = [], colour: String? = nil, parts: [Part] = [],
            copies: Int = 1, relation: Relation? = nil, seed: UInt64? = nil, signals: ShapeSignals? = nil
        ) {
            (self.noun, self.size, self.proportions, self.colour) = (noun, size, proportions, colour)
            (self.parts, self.copies, self.relation) = (parts, copies, relation)
            (self.seed, self.signals) = (seed, signals)
        }

        /// Reads an object of which everything but its noun may be missing.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            noun = try values.decode(String.self, forKey: .noun)
            size = try values.decodeIfPresent(String.self, forKey: .size)
            proportions = try values.decodeIfPresent([String].self, forKey: .proportions) ?? []
            colour = try values.decodeIfPresent(String.self, forKey: .colour)
            parts = try values.decodeIfPresent([Part].self, forKey: .parts) ?? []
            copies = try values.decodeIfPresent(Int.self, forKey: .copies) ?? 1
            relation = try values.decodeIfPresent(Relation.self, forKey: .relation)
            seed = try values.decodeIfPresent(UInt64.self, forKey: .seed)
            signals = try values.decodeIfPresent(ShapeSignals.self, forKey: .signals)
            unplaced = try values.decodeIfPresent([String].self, forKey: .unplaced)
        }
    }

    /// A part of an object, as it was named.
    public struct Part: Codable, Sendable, Equatable {
        /// Its name in the pipeline's language: "legs".
        public var name: String
        /// How many there are; nil for the usual number.
        public var count: Int?
        /// Its colour; nil for the usual one.
        public var colour: String?

        /// A part of that name.
        public init(name: String, count: Int? = nil, colour: String? = nil) {
            (self.name, self.count, self.colour) = (name, count, colour)
        }
    }

    /// Where an object stands from another.
    public struct Relation: Codable, Sendable, Equatable {
        /// "on top of", "next to": a relation of the pipeline's.
        public var kind: String
        /// The other object's index in the scene.
        public var to: Int

        /// The relation to the object of that index.
        public init(_ kind: String, to index: Int) { (self.kind, to) = (kind, index) }
    }

    /// An object that the language has no word for, made as what it is a kind of.
    public struct Substitution: Codable, Sendable, Equatable {
        /// The noun that was said, in the singular: "cottage".
        public var asked: String
        /// The noun of the object in its place: "house".
        public var made: String

        /// One noun for another.
        public init(asked: String, made: String) { (self.asked, self.made) = (asked, made) }
    }

    /// The words that were heard or read; empty where there were none.
    public var heard: String
    /// The objects in the order in which they were named. Those that relations join are a group; groups stand in a row.
    public var objects: [Object]
    /// The probability that the objects are what was meant, 0 to 1, of what was heard or read; of a cloud how sure its
    /// description is, 0 being certain. Nil where the pipeline is not calibrated, and for a scene that was written.
    public var confidence: Float?
    /// The words that were heard, each with its time and its own confidence; nil where nothing was heard.
    public var words: [HeardWord]?
    /// What the confidence comes from; nil where there is none.
    public var evidence: Evidence?
    /// Whether the confidence is so low that a person should be told; nil where it is not.
    public var unsure: Bool?
    /// Words of what was heard that say something of an object and are nowhere in the scene; nil for none.
    public var unplaced: [String]?
    /// What was asked for and is made as something that it is a kind of; nil for nothing.
    public var substitutions: [Substitution]?
    /// What was taken for granted when a cloud was looked at: a unit, a floor, points that do not count; nil for
    /// nothing.
    public var assumptions: [String]?

    /// A scene of those objects.
    public init(_ objects: [Object], heard: String = "", confidence: Float? = nil) {
        (self.objects, self.heard, self.confidence) = (objects, heard, confidence)
    }

    /// Reads a scene of which everything but its objects may be missing.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        objects = try values.decode([Object].self, forKey: .objects)
        heard = try values.decodeIfPresent(String.self, forKey: .heard) ?? ""
        confidence = try values.decodeIfPresent(Float.self, forKey: .confidence)
        words = try values.decodeIfPresent([HeardWord].self, forKey: .words)
        evidence = try values.decodeIfPresent(Evidence.self, forKey: .evidence)
        unsure = try values.decodeIfPresent(Bool.self, forKey: .unsure)
        unplaced = try values.decodeIfPresent([String].self, forKey: .unplaced)
        substitutions = try values.decodeIfPresent([Substitution].self, forKey: .substitutions)
        assumptions = try values.decodeIfPresent([String].self, forKey: .assumptions)
    }

    /// How many objects there are, every copy by itself; nil where that overflows.
    var count: Int? {
        var count = 0
        for object in objects {
            let (sum, overflow) = count.addingReportingOverflow(object.copies)
            guard object.copies > 0, !overflow else { return nil }
            count = sum
        }
        return count
    }
}

// The words around a block's description, and what they mean.

/// "scene" in pipeline.json: the words that a block has around its description, and what they mean.
///
/// The language model says what is where; these rules are arithmetic on the clouds' bounds, so that a scene is exact
/// however large its objects came out. The reference is Training's `composition.py`.
struct SceneRules: Codable, Sendable, Equatable {
    /// Where a relation puts an object beside another.
    struct Rule: Codable, Sendable, Equatable {
        /// 0, 1, 2 for x, y, z.
        let axis: Int
        /// 1 towards greater values, -1 towards smaller ones.
        let direction: Int
        /// The distance between the near sides.
        let gap: Float
    }

    /// What a proportion does to an object.
    struct Stretch: Codable, Sendable, Equatable {
        /// 0, 1, 2 for x, y, z.
        let axis: Int
        let factor: Float
    }

    /// A block's words, told apart.
    struct Block: Codable, Sendable, Equatable {
        /// The object's own description.
        let description: String
        /// How many of it there are.
        let copies: Int
        /// Where it stands from the object of the next block.
        let relation: String?
    }

    /// The numbers that may begin a block.
    let counts: [String: Int]
    /// The gap between copies as a share of one's x extent.
    let copiesGap: Float
    /// The relations that may end a block.
    let relations: [String: Rule]
    /// The relation of neighbours between which none was said.
    let unsaidRelation: String
    /// The gap between groups that no relation joins.
    let groupsGap: Float
    /// One point in so many may be a stray: so many outermost points of each side do not count for an object's bounds.
    let pointsPerStray: Int
    /// The words before the parts that stretch an object; nil for none.
    let proportions: [String: Stretch]?
    /// Objects that the language model knows and the generator does not make; nil for none.
    let missing: [String]?

    enum CodingKeys: String, CodingKey {
        case counts, relations, proportions, missing
        case copiesGap = "copies_gap"
        case unsaidRelation = "unsaid_relation"
        case groupsGap = "groups_gap"
        case pointsPerStray = "points_per_stray"
    }

    /// Tells a block's words apart: "[count] description [relation]". The longest relation counts.
    func block(_ words: String) -> Block {
        var words = words.split(separator: " ")
        let relation =
            relations.keys
            .filter { words.ends(with: $0.split(separator: " ")) }
            .max { $0.split(separator: " ").count < $1.split(separator: " ").count }
        if let relation { words.removeLast(relation.split(separator: " ").count) }
        var copies = 1
        if words.count > 1, let count = counts[String(words[0])], count > 1 {
            copies = count
            words.removeFirst()
        }
        return Block(description: words.joined(separator: " "), copies: copies, relation: relation)
    }

    /// Whether the generator makes an object of that noun.
    func makes(_ noun: String) -> Bool { !(missing ?? []).contains(noun) }

    /// The factors along x, y and z by which proportions stretch the medium object.
    func stretch(_ words: [String]) -> SIMD3<Float> {
        var factors = SIMD3<Float>(repeating: 1)
        for word in words {
            if let stretch = proportions?[word] { factors[stretch.axis] *= stretch.factor }
        }
        return factors
    }
}

extension [Substring] {
    /// Whether the words end with others, and have more.
    fileprivate func ends(with others: [Substring]) -> Bool {
        count > others.count && suffix(others.count) == others[...]
    }
}

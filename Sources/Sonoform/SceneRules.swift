// Where the objects of a scene stand, from the words of their blocks and the bounds of their clouds.

import PointClouds

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
    /// The words before "with" that stretch an object; nil for none.
    let proportions: [String: Stretch]?
    /// Objects that the language model knows and the generator does not make; nil for none.
    let missing: [String]?

    enum CodingKeys: String, CodingKey {
        case counts, relations, proportions, missing
        case copiesGap = "copies_gap"
    }

    /// A box around a cloud.
    typealias Bounds = (lower: SIMD3<Float>, upper: SIMD3<Float>)

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

    /// Whether the generator makes what a block describes: its noun, before any "with", is not missing.
    func makes(_ block: Block) -> Bool {
        let noun = block.description.split(separator: " ").prefix { $0 != "with" }
        return !(missing ?? []).contains { name in
            let words = name.split(separator: " ")
            return noun.suffix(words.count).elementsEqual(words)
        }
    }

    /// The factors along x, y and z by which a block's words stretch the medium object.
    func stretch(_ block: Block) -> SIMD3<Float> {
        var factors = SIMD3<Float>(repeating: 1)
        for word in block.description.split(separator: " ").prefix(while: { $0 != "with" }) {
            if let stretch = proportions?[String(word)] { factors[stretch.axis] *= stretch.factor }
        }
        return factors
    }

    /// How far every copy of every block is moved; `bounds` are those of one copy of each block. One object alone stays.
    ///
    /// Copies are a row along x. From the last block to the first, a relation puts a row beside the next block's: the
    /// near sides `gap` apart on its axis, the middles level on the others, but the feet level on z. Then the scene's
    /// feet are put on z = 0 and the middle of its box on x = y = 0.
    func moves(_ blocks: [Block], bounds: [Bounds]) -> [[SIMD3<Float>]] {
        if blocks.count == 1, blocks[0].copies == 1 { return [[.zero]] }
        var moves = zip(blocks, bounds).map { block, box in
            let step = (box.upper.x - box.lower.x) * (1 + copiesGap)
            return (0..<block.copies).map { SIMD3<Float>(step * Float($0), 0, 0) }
        }
        var boxes = zip(moves, bounds).map { row, box in
            Bounds(box.lower, box.upper + (row.last ?? .zero))
        }
        for index in boxes.indices.dropLast().reversed() {
            let (box, beside) = (boxes[index], boxes[index + 1])
            var move = (beside.lower + beside.upper - box.lower - box.upper) / 2
            if let rule = relations[blocks[index].relation ?? "and"] {
                if rule.axis != 2 { move.z = beside.lower.z - box.lower.z }
                move[rule.axis] =
                    rule.direction > 0
                    ? beside.upper[rule.axis] + rule.gap - box.lower[rule.axis]
                    : beside.lower[rule.axis] - rule.gap - box.upper[rule.axis]
            }
            moves[index] = moves[index].map { $0 + move }
            boxes[index] = (box.lower + move, box.upper + move)
        }
        let lower = boxes.reduce(boxes[0].lower) { pointwiseMin($0, $1.lower) }
        let upper = boxes.reduce(boxes[0].upper) { pointwiseMax($0, $1.upper) }
        let middle = (lower + upper) / 2
        return moves.map { row in row.map { $0 - SIMD3(middle.x, middle.y, lower.z) } }
    }
}

extension PointCloud {
    /// The box around the points without their strays: of so many points, the outermost of each side counts for nothing.
    func boundsWithoutStrays(oneIn share: Int = 2_048) -> SceneRules.Bounds? {
        let strays = count / share
        guard strays > 0 else { return bounds }
        var (lower, upper) = (SIMD3<Float>.zero, SIMD3<Float>.zero)
        for axis in 0..<3 {
            let ordered = positions.map { $0[axis] }.sorted()
            (lower[axis], upper[axis]) = (ordered[strays], ordered[count - 1 - strays])
        }
        return (lower, upper)
    }

    /// The first points of the cloud.
    func prefix(_ length: Int) -> PointCloud {
        PointCloud(
            positions: Array(positions.prefix(length)), normals: normals.map { Array($0.prefix(length)) },
            colours: colours.map { Array($0.prefix(length)) }, objects: Array(objects.prefix(length)))
    }
}

extension [Substring] {
    /// Whether the words end with others, and have more.
    fileprivate func ends(with others: [Substring]) -> Bool {
        count > others.count && suffix(others.count) == others[...]
    }
}

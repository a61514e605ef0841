// Which objects of a scene stand together.

extension Scene {
    /// The objects' indices, group by group: those that relations join, in the order of their first objects.
    ///
    /// - Throws: ``SonoformError`` where a relation leads to no other object, or around in a circle.
    func groups(source: String) throws(SonoformError) -> [[Int]] {
        var roots: [Int] = []
        for index in objects.indices {
            // Every object has at most one relation: following them ends at a root, or it is a circle.
            var (place, steps) = (index, 0)
            while let relation = objects[place].relation {
                guard objects.indices.contains(relation.to), steps <= objects.count else {
                    throw SonoformError(
                        .invalidScene, source: source,
                        expected: "relations that lead to objects 0 to \(objects.count - 1) and in no circle",
                        got: "\"\(relation.kind)\" of object \(place) to object \(relation.to)")
                }
                (place, steps) = (relation.to, steps + 1)
            }
            roots.append(place)
        }
        var groups: [(root: Int, members: [Int])] = []
        for (index, root) in roots.enumerated() {
            if let group = groups.firstIndex(where: { $0.root == root }) {
                groups[group].members.append(index)
            } else {
                groups.append((root, [index]))
            }
        }
        return groups.map(\.members)
    }

    /// Another scene's objects beside this one's, as groups of their own.
    mutating func append(_ other: Scene) {
        let first = objects.count
        objects += other.objects.map { object in
            var object = object
            object.relation?.to += first
            return object
        }
        heard = [heard, other.heard].filter { !$0.isEmpty }.joined(separator: ", ")
        confidence = [confidence, other.confidence].compactMap(\.self).min()
        if let own = other.words { words = (words ?? []) + own }
        unsure = unsure == true || other.unsure == true ? true : nil
        let words = (unplaced ?? []) + (other.unplaced ?? [])
        unplaced = words.isEmpty ? nil : words
        if let own = other.substitutions { substitutions = (substitutions ?? []) + own }
    }

    /// A scene of one group: relations count from its own first object.
    func group(_ members: [Int]) -> [Object] {
        members.map { index in
            var object = objects[index]
            object.relation = object.relation.flatMap { relation in
                members.firstIndex(of: relation.to).map { Relation(relation.kind, to: $0) }
            }
            return object
        }
    }
}

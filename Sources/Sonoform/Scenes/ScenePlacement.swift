// Where the objects of a scene stand, from their relations and the bounds of their clouds.

import PointClouds

extension SceneRules {
    /// A box around a cloud.
    typealias Bounds = (lower: SIMD3<Float>, upper: SIMD3<Float>)

    /// How far every copy of every object of a group is moved; `bounds` are those of one copy of each. One object alone
    /// stays.
    ///
    /// Copies are a row along x. A relation puts a row beside the other object's: the near sides `gap` apart on its
    /// axis, the middles level on the others, but the feet level on z. Then the group's feet are put on z = 0 and the
    /// middle of its box on x = y = 0. The reference is Training's `composition.py`.
    func moves(_ objects: [Scene.Object], bounds: [Bounds]) -> [[SIMD3<Float>]] {
        if objects.count == 1, objects[0].copies == 1 { return [[.zero]] }
        var moves = zip(objects, bounds).map { object, box in
            let step = (box.upper.x - box.lower.x) * (1 + copiesGap)
            return (0..<object.copies).map { SIMD3<Float>(step * Float($0), 0, 0) }
        }
        var boxes = zip(moves, bounds).map { row, box in
            Bounds(box.lower, box.upper + (row.last ?? .zero))
        }
        for index in placingOrder(objects) {
            guard let relation = objects[index].relation else { continue }
            let (box, beside) = (boxes[index], boxes[relation.to])
            var move = (beside.lower + beside.upper - box.lower - box.upper) / 2
            if let rule = relations[relation.kind] {
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

    /// The objects, each after the one that it stands beside; relations lead around in no circle.
    private func placingOrder(_ objects: [Scene.Object]) -> [Int] {
        func depth(_ index: Int) -> Int { objects[index].relation.map { 1 + depth($0.to) } ?? 0 }
        return objects.indices.map { ($0, depth($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
}

extension Pipeline {
    /// How far every copy of every object of a group is moved: as the rules have it, or not at all where there are none.
    ///
    /// - Parameter bounds: those of one copy of each object; nil for one of which nothing was made.
    func moves(
        of objects: [Scene.Object], bounds: (SceneRules) -> [SceneRules.Bounds?]
    ) -> [[SIMD3<Float>]] {
        guard let rules = manifest.scene else {
            return objects.map { [SIMD3<Float>](repeating: .zero, count: $0.copies) }
        }
        return rules.moves(objects, bounds: bounds(rules).map { $0 ?? (.zero, .zero) })
    }

    /// As ``moves(of:bounds:)``, by the clouds of one copy of each; strays do not count.
    func moves(of objects: [Scene.Object], made clouds: [PointCloud]) -> [[SIMD3<Float>]] {
        moves(of: objects) { rules in clouds.map { $0.bounds(pointsPerStray: rules.pointsPerStray) } }
    }
}

/// How far groups are moved along x to stand side by side: a row from the first on the left, `gap` between them, centred
/// on x = 0.
func rowMoves(of boxes: [(lower: SIMD3<Float>, upper: SIMD3<Float>)?], gap: Float) -> [Float] {
    let widths = boxes.map { $0.map { $0.upper.x - $0.lower.x } ?? 0 }
    var left = -(widths.reduce(0, +) + gap * Float(boxes.count - 1)) / 2
    return zip(boxes, widths).map { box, width in
        defer { left += width + gap }
        return left - (box?.lower.x ?? 0)
    }
}

extension PointCloud {
    /// Groups side by side, `gap` between them. The objects' numbers go on from one to the next.
    static func row(of groups: [PointCloud], objects counts: [Int], gap: Float) -> PointCloud {
        var row = PointCloud()
        var first = 0
        for (index, move) in rowMoves(of: groups.map(\.bounds), gap: gap).enumerated() {
            let moved = groups[index].placed(at: SIMD3(move, 0, 0))
            row.append(
                PointCloud(
                    positions: moved.positions, normals: moved.normals, colours: moved.colours,
                    objects: moved.objects.map { UInt8(clamping: Int($0) + first) }))
            first += counts[index]
        }
        return row
    }

    /// The box around the points without their strays: for every so many points, an outermost one of each side does not
    /// count.
    func bounds(pointsPerStray: Int) -> SceneRules.Bounds? {
        let strays = count / pointsPerStray
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

// Holes that a learned field has in thin walls, and no thing has.

extension SparseLattice {
    /// Of the 26 neighbours of a corner, so many have to be inside for it to be inside, too. Beside a flat surface it is
    /// 9, in the corner of a room 19 with three walls and 15 with two; in a hole or a slot of one corner's width 18.
    private static let leastInside = 17
    /// Of the six nearest ones there are so many then; few corners have to be asked for all.
    private static let leastBeside = 3
    private static let mostRounds = 4

    /// Fills holes and slots of about a cell's width. Returns whether there were any.
    mutating func fillPinholes() -> Bool {
        var changed = false
        for _ in 0..<Self.mostRounds {
            var filled: [(index: Int, direction: SIMD3<Float>)] = []
            for index in 0..<count where distances[index] > 0 && distances[index] < spacing {
                let place = places[index]
                guard !isOutermost(place), besideInside(place) >= Self.leastBeside else { continue }
                var (inside, mean) = (0, SIMD3<Float>.zero)
                for number in 0..<27 where number != 13 {
                    let offset = Place(Int32(number % 3), Int32(number / 3 % 3), Int32(number / 9)) &- 1
                    let other = self.index(place &+ offset)
                    guard other >= 0, distances[Int(other)] < 0 else { continue }
                    inside += 1
                    mean += directions[Int(other)]
                }
                if inside >= Self.leastInside { filled.append((index, unit(mean, or: directions[index]))) }
            }
            for (index, direction) in filled { fill(index, distance: -0.4 * spacing, direction: direction) }
            if filled.isEmpty { break }
            changed = true
        }
        return changed
    }

    /// How many of a corner's six nearest neighbours are inside.
    private func besideInside(_ place: Place) -> Int {
        (0..<6).count { number in
            var next = place
            next[number / 2] &+= number & 1 == 0 ? -1 : 1
            let other = self.index(next)
            return other >= 0 && distances[Int(other)] < 0
        }
    }
}

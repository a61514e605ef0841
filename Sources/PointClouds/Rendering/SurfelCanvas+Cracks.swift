// Mending what discs leave open: thin cracks along edges, and holes through which a far wall shows its back.

extension SurfelCanvas {
    /// Fills empty pixels that have surface a few pixels away on opposite sides.
    mutating func closeCracks() {
        let reach = 4
        guard width > 2 * reach else { return }
        let source = self
        for y in reach..<width - reach {
            for x in reach..<width - reach {
                let pixel = y * width + x
                guard source.depth[pixel] == .infinity else { continue }
                for step in [1, width, width + 1, width - 1] {
                    guard let a = source.surface(from: pixel, step: step, reach: reach),
                        let b = source.surface(from: pixel, step: -step, reach: reach)
                    else { continue }
                    copy(source, from: [a, b], to: pixel)
                    break
                }
            }
        }
    }

    /// Lets the front grow over what is seen from behind: of a closed surface nobody sees the back, so it is a hole.
    ///
    /// A few pixels only, which leaves the inside of an open sheet what it is.
    mutating func coverBacks() {
        var open = back.indices.filter { back[$0] }
        for _ in 0..<8 where !open.isEmpty {
            let source = self
            open = open.filter { pixel in
                let (x, y) = (pixel % width, pixel / width)
                guard x > 0, y > 0, x < width - 1, y < width - 1 else { return true }
                let front = [pixel - 1, pixel + 1, pixel - width, pixel + width].filter {
                    !source.back[$0] && source.depth[$0] < source.depth[pixel]
                }
                guard !front.isEmpty else { return true }
                copy(source, from: front, to: pixel)
                return false
            }
        }
    }

    private func surface(from pixel: Int, step: Int, reach: Int) -> Int? {
        for distance in 1...reach where depth[pixel + distance * step] < .infinity { return pixel + distance * step }
        return nil
    }

    /// Makes a pixel the mean of others.
    private mutating func copy(_ source: SurfelCanvas, from others: [Int], to pixel: Int) {
        depth[pixel] = others.reduce(0) { $0 + source.depth[$1] } / Float(others.count)
        back[pixel] = others.allSatisfy { source.back[$0] }
        normals[pixel] = others.reduce(.zero) { $0 + source.normals[$1] }
        colours[pixel] = others.reduce(.zero) { $0 + source.colours[$1] }
        lights[pixel] = others.reduce(.zero) { $0 + source.lights[$1] }
    }
}

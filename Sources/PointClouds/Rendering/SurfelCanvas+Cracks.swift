// Mending what discs leave open: thin cracks along edges, and holes through which a far wall shows its back.

extension SurfelCanvas {
    /// What a pixel is to become; all are found before one is changed.
    private struct Patch {
        let pixel: Int
        let depth: Float
        let back: Bool
        let normal: SIMD4<Float>
        let colour: SIMD4<Float>
        let light: SIMD2<Float>
    }

    /// Fills empty pixels that have surface a few pixels away on opposite sides.
    mutating func closeCracks() {
        let reach = 4
        guard width > 2 * reach, let (rows, columns) = drawnArea(margin: reach) else { return }
        let steps = (1, width, width + 1, width - 1)
        var patches: [Patch] = []
        for y in rows {
            for pixel in y * width + columns.lowerBound..<y * width + columns.upperBound
            where depth[pixel] == .infinity {
                if let patch = patch(pixel, steps.0, reach) ?? patch(pixel, steps.1, reach)
                    ?? patch(pixel, steps.2, reach) ?? patch(pixel, steps.3, reach)
                {
                    patches.append(patch)
                }
            }
        }
        apply(patches)
    }

    /// Lets the front grow over what is seen from behind: of a closed surface nobody sees the back, so it is a hole.
    ///
    /// A few pixels only, which leaves the inside of an open sheet what it is.
    mutating func coverBacks() {
        guard let (rows, columns) = drawnArea(margin: 1) else { return }
        var open: [Int] = []
        for y in rows {
            for pixel in y * width + columns.lowerBound..<y * width + columns.upperBound where back[pixel] {
                open.append(pixel)
            }
        }
        for _ in 0..<8 where !open.isEmpty {
            var patches: [Patch] = []
            open = open.filter { pixel in
                let front = [pixel - 1, pixel + 1, pixel - width, pixel + width].filter {
                    !back[$0] && depth[$0] < depth[pixel]
                }
                guard !front.isEmpty else { return true }
                patches.append(mean(of: front, for: pixel))
                return false
            }
            apply(patches)
        }
    }

    /// The rows and columns that hold all drawn pixels, but for a margin at the picture's edge.
    private func drawnArea(margin: Int) -> (rows: Range<Int>, columns: Range<Int>)? {
        var (top, bottom, left, right) = (width, -1, width, -1)
        for y in 0..<width {
            let row = depth[y * width..<(y + 1) * width]
            guard let first = row.firstIndex(where: { $0 < .infinity }),
                let last = row.lastIndex(where: { $0 < .infinity })
            else { continue }
            (top, bottom) = (min(top, y), y)
            (left, right) = (min(left, first - y * width), max(right, last - y * width))
        }
        guard bottom >= 0 else { return nil }
        let inner = margin..<width - margin
        return ((top..<bottom + 1).clamped(to: inner), (left..<right + 1).clamped(to: inner))
    }

    private func patch(_ pixel: Int, _ step: Int, _ reach: Int) -> Patch? {
        guard let a = surface(from: pixel, step: step, reach: reach),
            let b = surface(from: pixel, step: -step, reach: reach)
        else { return nil }
        return mean(of: [a, b], for: pixel)
    }

    private func surface(from pixel: Int, step: Int, reach: Int) -> Int? {
        for distance in 1...reach where depth[pixel + distance * step] < .infinity { return pixel + distance * step }
        return nil
    }

    private func mean(of others: [Int], for pixel: Int) -> Patch {
        Patch(
            pixel: pixel, depth: others.reduce(0) { $0 + depth[$1] } / Float(others.count),
            back: others.allSatisfy { back[$0] }, normal: others.reduce(.zero) { $0 + normals[$1] },
            colour: others.reduce(.zero) { $0 + colours[$1] }, light: others.reduce(.zero) { $0 + lights[$1] })
    }

    private mutating func apply(_ patches: [Patch]) {
        for patch in patches {
            depth[patch.pixel] = patch.depth
            back[patch.pixel] = patch.back
            normals[patch.pixel] = patch.normal
            colours[patch.pixel] = patch.colour
            lights[patch.pixel] = patch.light
        }
    }
}

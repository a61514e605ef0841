// The field of one shape, and its head: from query points to the surface.

internal import Layers
internal import Surfaces
internal import Tensors

/// A shape as a field of closest surface points: the closest point to p is p − distance · direction.
struct ShapeField: Sendable {
    let field: Field
    /// The latents' anchors on the surface `[L]`.
    let anchors: [SIMD3<Float>]
    /// What each anchor adds to the features of an offset from it, `[L, H]`.
    let anchorTokens: Tensor
    let attention: FoldedAttention

    /// Queries are worked through in blocks of this many: small enough to stay in the cache, and always full, so that
    /// products for one number of rows are prepared.
    private static let blockQueries = 128
    /// As many queries as one thread takes on at a time.
    private static let partQueries = 8 * blockQueries

    /// Evaluates the field at any number of points.
    func callAsFunction(_ points: [SIMD3<Float>]) -> FieldSamples {
        let count = points.count
        let distanceScale = field.configuration.distanceScale
        var samples = FieldSamples(
            distances: [Float](repeating: 0, count: count),
            directions: [SIMD3<Float>](repeating: .zero, count: count),
            colours: [SIMD3<Float>](repeating: .zero, count: count))
        samples.distances.withUnsafeMutableBufferPointer { distances in
            samples.directions.withUnsafeMutableBufferPointer { directions in
                samples.colours.withUnsafeMutableBufferPointer { colours in
                    // Each block writes its own part of the results.
                    nonisolated(unsafe) let (distances, directions, colours) = (distances, directions, colours)
                    forEachConcurrently((count + Self.partQueries - 1) / Self.partQueries) { part in
                        let end = min(count, (part + 1) * Self.partQueries)
                        let scratch = UnsafeMutableBufferPointer<Float>.allocate(capacity: scratchCount)
                        scratch.initialize(repeating: 0)
                        defer { scratch.deallocate() }
                        for first in stride(from: part * Self.partQueries, to: end, by: Self.blockQueries) {
                            let block = points[first..<min(end, first + Self.blockQueries)]
                            evaluate(block, scratch) { index, values in
                                distances[first + index] = values[0] * distanceScale
                                let direction = SIMD3(values[1], values[2], values[3])
                                let length = (direction * direction).sum().squareRoot()
                                directions[first + index] = direction / max(length, 1e-6)
                                let colour = SIMD8(values[4], values[5], values[6], 0, 0, 0, 0, 0)
                                let sigmoid = 1 / (1 + exponential(-colour))
                                colours[first + index] = SIMD3(sigmoid[0], sigmoid[1], sigmoid[2])
                            }
                        }
                    }
                }
            }
        }
        return samples
    }

    /// The floats that ``evaluate(_:_:_:)`` works on.
    private var scratchCount: Int {
        let (width, neighbours) = (field.configuration.headWidth, NearestAnchors.count)
        let columns =
            neighbours * (3 * fourierFeatures + width) + 3 * width + attention.heads * attention.tokens + 7
        return Self.blockQueries * columns + 1  // one more for `writeFourierFeatures`
    }

    /// The head on at most a block of points; `body` is given each point's seven numbers.
    private func evaluate(
        _ points: ArraySlice<SIMD3<Float>>, _ scratch: UnsafeMutableBufferPointer<Float>,
        _ body: (Int, UnsafePointer<Float>) -> Void
    ) {
        let rows = Self.blockQueries
        let width = field.configuration.headWidth
        let (offsetScale, leastWeight) = (field.configuration.offsetScale, field.configuration.leastWeight)
        let scoreWidth = attention.heads * attention.tokens
        let neighbours = NearestAnchors.count
        let features = 3 * fourierFeatures

        // Rows past the last point keep older features: their results are not read.
        var free = scratch.startIndex
        func take(_ columns: Int, rows: Int = Self.blockQueries) -> UnsafeMutableBufferPointer<Float> {
            defer { free += rows * columns }
            return UnsafeMutableBufferPointer(rebasing: scratch[free..<free + rows * columns])
        }
        // The offsets come first: a float past their end is written before anything that follows.
        let offsets = take(features, rows: neighbours * rows)
        let locals = take(width, rows: neighbours * rows)
        let (x, y, z) = (take(width), take(width), take(width))
        let scores = take(scoreWidth)
        let results = take(7)

        var nearest: [NearestAnchors] = []
        nearest.reserveCapacity(points.count)
        for (row, point) in points.enumerated() {
            let found = NearestAnchors(to: point, among: anchors, leastWeight: leastWeight)
            for neighbour in 0..<neighbours {
                writeFourierFeatures(
                    SIMD4(offsetScale * (point - anchors[found.indices[neighbour]]), 0),
                    to: offsets.baseAddress! + (row * neighbours + neighbour) * features)
            }
            nearest.append(found)
        }
        field.offsetIn(UnsafeBufferPointer(offsets), rows: neighbours * rows, into: locals)
        blend(locals, nearest, into: y)
        field.local(UnsafeBufferPointer(y), rows: rows, into: x)

        normalize(x, width: width, into: y)
        attention.scores.multiply(UnsafeBufferPointer(y), rows: rows, into: scores)
        for row in 0..<rows * attention.heads {
            softmax(scores.baseAddress! + row * attention.tokens, count: attention.tokens)
        }
        attention.mixing.multiply(UnsafeBufferPointer(scores), rows: rows, into: z)
        add(UnsafeBufferPointer(z), to: x)

        normalize(x, width: width, into: y)
        field.feedForward(UnsafeBufferPointer(y), rows: rows, into: z)
        add(UnsafeBufferPointer(z), to: x)

        normalize(x, width: width, into: y)
        field.out(UnsafeBufferPointer(y), rows: rows, into: results)
        for index in 0..<points.count { body(index, UnsafePointer(results.baseAddress! + index * 7)) }
    }

    /// Σⱼ wⱼ·relu(anchor token j + offset features j) over each query's nearest anchors: `[3·Q, H] -> [Q, H]`.
    ///
    /// The reference blends after the map `local`; that map is linear and the weights sum to one.
    private func blend(
        _ locals: UnsafeMutableBufferPointer<Float>, _ nearest: [NearestAnchors],
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        let width = field.configuration.headWidth
        anchorTokens.values.withUnsafeBufferPointer { tokens in
            for (row, found) in nearest.enumerated() {
                let sum = target.baseAddress! + row * width
                for neighbour in 0..<NearestAnchors.count {
                    let weight = found.weights[neighbour]
                    let token = tokens.baseAddress! + found.indices[neighbour] * width
                    let offset = locals.baseAddress! + (row * NearestAnchors.count + neighbour) * width
                    weightedReLU(token, offset, weight: weight, count: width, adding: neighbour > 0, to: sum)
                }
            }
        }
    }
}

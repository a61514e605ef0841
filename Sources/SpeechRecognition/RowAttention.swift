// Attention of one query over rows of keys and values that lie anywhere: a decoder's step.

import Tensors

/// softmax(q·Kᵀ/√D)·V for every head, over the rows that are named: `[W]`, `[…, W]`, `[…, W] -> [W]`.
///
/// Keys and values are read row by row, whole: each is touched once, in the order in which it lies in memory, which
/// is what a step's time goes into.
func attend(
    _ query: UnsafePointer<Float>, to rows: UnsafeBufferPointer<Int>, keys: UnsafePointer<Float>,
    values: UnsafePointer<Float>, heads: Int, width: Int, into output: UnsafeMutablePointer<Float>
) {
    let (count, headSize) = (rows.count, width / heads)
    let scale = 1 / Float(headSize).squareRoot()
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, heads * count)) { scores in
        let weights = scores.baseAddress!
        for place in 0..<count {
            let key = keys + rows[place] * width
            for head in 0..<heads {
                let start = head * headSize
                weights[head * count + place] = scale * dot(query + start, key + start, headSize)
            }
        }
        for head in 0..<heads { softmax(weights + head * count, count: count) }
        output.update(repeating: 0, count: width)
        // Four rows at a time, so that the sums are loaded and stored a quarter as often.
        var place = 0
        while place + 4 <= count {
            let four = (
                values + rows[place] * width, values + rows[place + 1] * width, values + rows[place + 2] * width,
                values + rows[place + 3] * width
            )
            for head in 0..<heads {
                let start = head * headSize
                add(
                    (four.0 + start, four.1 + start, four.2 + start, four.3 + start),
                    times: weights + head * count + place, headSize, to: output + start)
            }
            place += 4
        }
        while place < count {
            let value = values + rows[place] * width
            for head in 0..<heads {
                let weight = weights[head * count + place]
                for index in head * headSize..<(head + 1) * headSize { output[index] += weight * value[index] }
            }
            place += 1
        }
    }
}

@inline(__always)
private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    let (rawA, rawB) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    var (even, odd) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    let pairs = count / 16
    for index in 0..<pairs {
        even +=
            rawA.loadUnaligned(fromByteOffset: index * 64, as: SIMD8<Float>.self)
            * rawB.loadUnaligned(fromByteOffset: index * 64, as: SIMD8<Float>.self)
        odd +=
            rawA.loadUnaligned(fromByteOffset: index * 64 + 32, as: SIMD8<Float>.self)
            * rawB.loadUnaligned(fromByteOffset: index * 64 + 32, as: SIMD8<Float>.self)
    }
    var total = (even + odd).sum()
    for index in pairs * 16..<count { total += a[index] * b[index] }
    return total
}

/// output += w₀·a + w₁·b + w₂·c + w₃·d
@inline(__always)
private func add(
    _ rows: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>),
    times weights: UnsafePointer<Float>, _ count: Int, to output: UnsafeMutablePointer<Float>
) {
    typealias Vector = SIMD8<Float>
    let (a, b) = (UnsafeRawPointer(rows.0), UnsafeRawPointer(rows.1))
    let (c, d) = (UnsafeRawPointer(rows.2), UnsafeRawPointer(rows.3))
    let sums = UnsafeMutableRawPointer(output)
    let vectors = count / 8
    for index in 0..<vectors {
        let offset = index * 32
        var sum = sums.loadUnaligned(fromByteOffset: offset, as: Vector.self)
        sum += weights[0] * a.loadUnaligned(fromByteOffset: offset, as: Vector.self)
        sum += weights[1] * b.loadUnaligned(fromByteOffset: offset, as: Vector.self)
        sum += weights[2] * c.loadUnaligned(fromByteOffset: offset, as: Vector.self)
        sum += weights[3] * d.loadUnaligned(fromByteOffset: offset, as: Vector.self)
        sums.storeBytes(of: sum, toByteOffset: offset, as: Vector.self)
    }
    for index in vectors * 8..<count {
        output[index] +=
            weights[0] * rows.0[index] + weights[1] * rows.1[index] + weights[2] * rows.2[index]
            + weights[3] * rows.3[index]
    }
}

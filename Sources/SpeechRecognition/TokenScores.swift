// Scores of all tokens: the largest of them, and their logarithmic sum.

import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// ln Σ eˣ; −∞ for no numbers and for nothing but −∞, NaN where there is one.
func logSumOfExponentials(_ scores: UnsafeBufferPointer<Float>) -> Float {
    guard let start = scores.baseAddress, let best = largest(of: scores) else { return -.infinity }
    let peak = scores[best]
    guard peak > -.infinity else { return scores.contains(where: \.isNaN) ? .nan : -.infinity }
    let raw = UnsafeRawPointer(start)
    var sums = SIMD8<Float>.zero
    let vectors = scores.count / 8
    for index in 0..<vectors {
        sums += exponential(raw.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self) - peak)
    }
    var sum = sums.sum()
    for index in vectors * 8..<scores.count { sum += exponential(SIMD8(repeating: scores[index] - peak))[0] }
    return peak + logf(sum)
}

/// The index of the largest number, the first of equals; nil for none. NaN counts as less than all.
func largest(of scores: UnsafeBufferPointer<Float>) -> Int? {
    var best = -1
    var value = -Float.infinity
    for index in scores.indices where scores[index] > value {
        (best, value) = (index, scores[index])
    }
    return best >= 0 ? best : scores.isEmpty ? nil : 0
}

/// The indices of the largest numbers, the largest first.
func largest(_ count: Int, of scores: UnsafeBufferPointer<Float>) -> [Int] {
    var found: [Int] = []
    for index in scores.indices {
        let score = scores[index]
        if found.count == count, let last = found.last, !(score > scores[last]) { continue }
        guard !score.isNaN else { continue }
        let place = found.firstIndex { score > scores[$0] } ?? found.count
        found.insert(index, at: place)
        if found.count > count { found.removeLast() }
    }
    return found
}

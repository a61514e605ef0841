// The exponential function on vectors of floats, and the logarithm of a softmax.

#if canImport(Glibc)
    import Glibc
#endif

/// eˣ of eight numbers at once, within 2 units in the last place for −87 < x < 88; smaller x give 0.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2; eʳ by Cephes' polynomial of degree 5, 2ⁿ by writing n into the exponent.
@inlinable @inline(__always)
public func exponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
    typealias Vector = SIMD8<Float>
    // Written out since the library's `clamped` is a call.
    let raised = x.replacing(with: -87, where: x .< -87)
    let bounded = raised.replacing(with: 88, where: raised .> 88)
    // Adding 1.5·2²³ rounds to a whole number and leaves it in the low bits: SSE2 has no rounding instruction.
    let shifted = bounded * 1.442_695_04 + 12_582_912
    let n = shifted - 12_582_912
    // ln 2 in two parts, so that the difference stays exact.
    let r = bounded - n * 0.693_359_375 + n * 2.121_944_4e-4
    var p = Vector(repeating: 1.987_569_2e-4)
    p = p * r + 1.398_199_9e-3
    p = p * r + 8.333_452e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 0.166_666_65
    p = p * r + 0.5
    let fraction = p * r * r + r + 1
    let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4b40_0000 &+ 127
    let power = unsafeBitCast(exponent &<< 23, to: Vector.self)
    return (fraction * power).replacing(with: 0, where: x .< -87)
}

/// log softmax over a row of numbers: xᵢ − max − ln Σ eˣ⁻ᵐᵃˣ.
public func logSoftmax(_ row: some Collection<Float>) -> [Float] {
    let largest = row.max() ?? 0
    let sum = row.reduce(into: Float(0)) { $0 += expf($1 - largest) }
    let offset = largest + logf(sum)
    return row.map { $0 - offset }
}

// GELU by itself, where a normalisation stands between it and the product before it.

public import Tensors

/// x·Φ(x) of every element, in place.
///
/// Φ by the rational approximation of Abramowitz and Stegun (7.1.26), which is off by at most 1.5e-7, eight numbers at
/// a time; ``Activation`` has the plain function.
public func applyGELU(_ x: inout Tensor) {
    let count = x.values.count
    let part = 1 << 16
    x.values.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        // Every part is written by one thread.
        nonisolated(unsafe) let values = start
        forEachConcurrently((count + part - 1) / part) { index in
            applyGELU(values + index * part, count: min(part, count - index * part))
        }
    }
}

private func applyGELU(_ values: UnsafeMutablePointer<Float>, count: Int) {
    let raw = UnsafeMutableRawPointer(values)
    for index in 0..<count / 8 {
        let x = raw.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self)
        raw.storeBytes(of: gelu(x), toByteOffset: index * 32, as: SIMD8<Float>.self)
    }
    for index in count / 8 * 8..<count { values[index] = gelu(SIMD8(repeating: values[index]))[0] }
}

@inline(__always)
private func gelu(_ x: SIMD8<Float>) -> SIMD8<Float> {
    typealias Vector = SIMD8<Float>
    let isNegative = x .< 0
    let magnitude = x.replacing(with: -x, where: isNegative) * 0.707_106_77
    let t = 1 / (magnitude * 0.327_591_1 + 1)
    var p = Vector(repeating: 1.061_405_4)
    p = p * t - 1.453_152
    p = p * t + 1.421_413_7
    p = p * t - 0.284_496_74
    p = p * t + 0.254_829_6
    // Half of erfc(|x|/√2): what Φ lacks of 1 on the right, and what it is on the left.
    let tail = p * t * exponential(-magnitude * magnitude) * 0.5
    return x * (1 - tail).replacing(with: tail, where: isNegative)
}

// Logarithms of eight floats at once: scalar ones would cost more than the Fourier transforms.

/// Logarithms of positive normal numbers, lane by lane, to about one unit in the last place (Cephes' logf).
enum Logarithm {
    /// The decimal logarithm.
    @inline(__always)
    static func decimal(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let (m, tail, e) = parts(x)
        // log10(2) and log10(e) in two parts each, so that a large exponent does not eat the mantissa's bits.
        var result = tail * 7.00731903251827651129e-4
        result += m * 7.00731903251827651129e-4
        result += e * 2.48745663981195213739e-4
        result += tail * 4.3359375e-1
        result += m * 4.3359375e-1
        result += e * 3.00781250e-1
        return result
    }

    /// The natural logarithm.
    @inline(__always)
    static func natural(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let (m, tail, e) = parts(x)
        return (e * -2.12194440e-4 + tail) + m + e * 0.693359375
    }

    /// x = (1 + m) · 2^e with m in [√½ - 1, √2 - 1); ln(1 + m) = m + tail.
    @inline(__always)
    private static func parts(_ x: SIMD8<Float>) -> (m: SIMD8<Float>, tail: SIMD8<Float>, e: SIMD8<Float>) {
        let bits = SIMD8<Int32>(truncatingIfNeeded: unsafeBitCast(x, to: SIMD8<UInt32>.self))
        let sqrtHalf = SIMD8<Int32>(repeating: 0x3F35_04F3)
        let shifted = bits &- sqrtHalf
        let exponent = shifted &>> 23
        let mantissa = (shifted & 0x007F_FFFF) &+ sqrtHalf
        let m = unsafeBitCast(mantissa, to: SIMD8<Float>.self) - 1

        var p = SIMD8<Float>(repeating: 7.0376836292e-2)
        p = p * m + -1.1514610310e-1
        p = p * m + 1.1676998740e-1
        p = p * m + -1.2420140846e-1
        p = p * m + 1.4249322787e-1
        p = p * m + -1.6668057665e-1
        p = p * m + 2.0000714765e-1
        p = p * m + -2.4999993993e-1
        p = p * m + 3.3333331174e-1
        let square = m * m
        return (m, p * m * square - square * 0.5, SIMD8<Float>(exponent))
    }
}

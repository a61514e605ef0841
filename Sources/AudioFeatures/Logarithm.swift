// The decimal logarithm of eight floats at once: the scalar one would cost more than the Fourier transforms.

/// The decimal logarithm, lane by lane.
enum CommonLogarithm {
    /// log10 of positive normal numbers, to about one unit in the last place (Cephes' logf).
    @inline(__always)
    static func of(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let bits = SIMD8<Int32>(truncatingIfNeeded: unsafeBitCast(x, to: SIMD8<UInt32>.self))
        // Split x = m * 2^e with m in [sqrt(1/2), sqrt(2)): the polynomial is centred on 1.
        let sqrtHalf = SIMD8<Int32>(repeating: 0x3F35_04F3)
        let shifted = bits &- sqrtHalf
        let exponent = shifted &>> 23
        let mantissa = (shifted & 0x007F_FFFF) &+ sqrtHalf
        let m = unsafeBitCast(mantissa, to: SIMD8<Float>.self) - 1
        let e = SIMD8<Float>(exponent)

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
        let tail = p * m * square - square * 0.5
        // log10(2) and log10(e) in two parts each, so that a large exponent does not eat the mantissa's bits.
        var result = tail * 7.00731903251827651129e-4
        result += m * 7.00731903251827651129e-4
        result += e * 2.48745663981195213739e-4
        result += tail * 4.3359375e-1
        result += m * 4.3359375e-1
        result += e * 3.00781250e-1
        return result
    }
}

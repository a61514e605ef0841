// Logarithms that a compiler can put into SIMD registers: the C library's would cost more than the Fourier transforms.

/// Logarithms of positive normal numbers to about one unit in the last place.
///
/// Written for one number, without a branch: a loop over an array is vectorised as it stands. Written for SIMD4 or
/// SIMD8, half of the polynomial comes out scalar (Swift 6.3).
enum Logarithm {
    /// The decimal logarithm.
    @inline(__always)
    static func decimal(_ x: Float) -> Float {
        let (ln, e) = parts(x)
        // log10(2) in two parts, the first of them of few bits, so that a large exponent does not eat the mantissa's.
        return (ln * 4.3429448190325182765e-1 + e * 2.48745663981195213739e-4) + e * 3.00781250e-1
    }

    /// The natural logarithm.
    @inline(__always)
    static func natural(_ x: Float) -> Float {
        let (ln, e) = parts(x)
        return (ln + e * -2.12194440e-4) + e * 6.93359375e-1
    }

    /// x = m · 2^e with m in [√½, √2); ln(m), and e.
    ///
    /// ln(m) = 2 artanh(s), s = (m - 1) / (m + 1). The polynomial in s² is the one of least largest error, 8e-10 of
    /// ln(m); a quotient costs less than the terms that a polynomial in m needs besides.
    @inline(__always)
    private static func parts(_ x: Float) -> (ln: Float, e: Float) {
        let sqrtHalf: Int32 = 0x3F35_04F3
        let shifted = Int32(bitPattern: x.bitPattern) &- sqrtHalf
        let exponent = shifted &>> 23
        let mantissa = Float(bitPattern: UInt32(bitPattern: (shifted & 0x007F_FFFF) &+ sqrtHalf))
        let s = (mantissa - 1) / (mantissa + 1)
        let z = s * s
        let tail = (z * 0.29870903 + 0.39977571) * z + 0.66666776
        return (s * z * tail + (s + s), Float(exponent))
    }
}

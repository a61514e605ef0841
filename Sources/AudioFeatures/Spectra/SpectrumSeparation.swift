// Real spectra out of complex transforms: of a frame's even and odd samples, or of two frames at once.
//
// Both follow from X[n - k] being the conjugate of X[k] for real samples (Press et al., Numerical Recipes, "FFT of
// Real Functions"). Every X comes out twice as large; plans ask for samples half as large, which rounds nothing.

import CFFTW
import Glibc

/// e^(-2πik/n) `[n / 4 + 8]`, real and imaginary parts; some more than are needed, so that they are read by fours.
func turningFactors(_ size: Int) -> (re: [Float], im: [Float]) {
    let angles = (0..<size / 4 + 8).map { -2 * Double.pi * Double($0) / Double(size) }
    return (angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) })
}

/// `spectrum [half + 1] -> rising, falling [count]`: |2X|² of a frame, from bin 0 upwards and from bin `half` downwards.
///
/// The spectrum is that of x[2i] + i·x[2i + 1], its first number repeated at its end. With a = Z[k], b = conj(Z[h - k]):
/// 2E = a + b and 2iO = a - b are the spectra of even and odd samples, X[k] = E + wO, X[h - k] = conj(E - wO).
///
/// A plain loop, which the compiler vectorises; with vectors that are taken apart and put together here, it makes a
/// part of the arithmetic scalar, and takes 2.5 times as long.
func separate(
    _ spectrum: UnsafePointer<fftwf_complex>, half: Int, _ turns: (re: UnsafePointer<Float>, im: UnsafePointer<Float>),
    count: Int, rising: UnsafeMutablePointer<Float>, falling: UnsafeMutablePointer<Float>
) {
    let end = spectrum + half
    for k in 0..<count {
        let (ar, ai) = spectrum[k]
        let (br, bi) = end[0 &- k]
        let (wr, wi) = (turns.re[k], turns.im[k])
        let (evenRe, evenIm, oddRe, oddIm) = (ar + br, ai - bi, ai + bi, br - ar)
        let turnedRe = wr * oddRe - wi * oddIm
        let turnedIm = wr * oddIm + wi * oddRe
        let (xr, xi) = (evenRe + turnedRe, evenIm + turnedIm)
        let (yr, yi) = (evenRe - turnedRe, evenIm - turnedIm)
        rising[k] = xr * xr + xi * xi
        falling[k] = yr * yr + yi * yi
    }
}

/// `rows [8, count] -> columns [count, 8]`, count being a multiple of 4; `step` floats from column to column.
func transpose(
    _ rows: UnsafePointer<Float>, count: Int, into columns: UnsafeMutablePointer<Float>, step: Int
) {
    let source = UnsafeRawPointer(rows)
    let target = UnsafeMutableRawPointer(columns)
    let row = 4 * count
    for first in 0..<2 {
        var from = source + 4 * row * first
        var to = target + 16 * first
        for _ in 0..<count / 4 {
            let lines = transposed(
                from.loadUnaligned(as: SIMD4<Float>.self),
                from.loadUnaligned(fromByteOffset: row, as: SIMD4<Float>.self),
                from.loadUnaligned(fromByteOffset: 2 * row, as: SIMD4<Float>.self),
                from.loadUnaligned(fromByteOffset: 3 * row, as: SIMD4<Float>.self))
            to.storeBytes(of: lines.0, as: SIMD4<Float>.self)
            to.storeBytes(of: lines.1, toByteOffset: 4 * step, as: SIMD4<Float>.self)
            to.storeBytes(of: lines.2, toByteOffset: 8 * step, as: SIMD4<Float>.self)
            to.storeBytes(of: lines.3, toByteOffset: 12 * step, as: SIMD4<Float>.self)
            from += 16
            to += 16 * step
        }
    }
}

/// `spectrum [n + 1] -> power [n / 2 + 1, 8]`, of which two columns are written: |2X|² of two frames.
///
/// The spectrum is that of x + iy, its first number repeated at its end; with a = Z[k] and b = Z[n - k]:
/// 2X = a + conj(b) and 2iY = a - conj(b). Both are rounded to single precision before they are squared, as Kaldi does.
func writePowerOfPair(_ spectrum: UnsafePointer<fftw_complex>, size: Int, into power: UnsafeMutablePointer<Float>) {
    var a = UnsafeRawPointer(spectrum)
    var b = UnsafeRawPointer(spectrum + size)
    var target = UnsafeMutableRawPointer(power)
    for _ in 0..<size / 2 + 1 {
        let x = a.loadUnaligned(as: SIMD2<Double>.self)
        let y = b.loadUnaligned(as: SIMD2<Double>.self)
        let sum = SIMD2<Float>(x + y)
        let difference = SIMD2<Float>(x - y)
        let (s, d) = (sum * sum, difference * difference)
        target.storeBytes(of: s + SIMD2(d.y, d.x), as: SIMD2<Float>.self)
        a += 16
        b -= 16
        target += 32
    }
}

/// The same without rounding anything but the result.
func writeExactPowerOfPair(
    _ spectrum: UnsafePointer<fftw_complex>, size: Int, into power: UnsafeMutablePointer<Float>
) {
    var a = spectrum
    var b = spectrum + size
    var target = power
    for _ in 0..<size / 2 + 1 {
        let (x, y) = (a.pointee, b.pointee)
        let (sumRe, sumIm) = (x.0 + y.0, x.1 + y.1)
        let (differenceRe, differenceIm) = (x.0 - y.0, x.1 - y.1)
        target[0] = Float(sumRe * sumRe + differenceIm * differenceIm)
        target[1] = Float(sumIm * sumIm + differenceRe * differenceRe)
        a += 1
        b -= 1
        target += FourierPlan.lanes
    }
}

/// Two frames `[n]` to complex numbers `[n]`, in double precision.
func interleave(
    _ re: UnsafePointer<Float>, _ im: UnsafePointer<Float>, count: Int,
    into output: UnsafeMutablePointer<fftw_complex>
) {
    for i in 0..<count { output[i] = (Double(re[i]), Double(im[i])) }
}

/// Rows to columns.
@inline(__always)
func transposed(
    _ a: SIMD4<Float>, _ b: SIMD4<Float>, _ c: SIMD4<Float>, _ d: SIMD4<Float>
) -> (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>) {
    let (ab, cd) = (SIMD4(a.x, b.x, a.y, b.y), SIMD4(c.x, d.x, c.y, d.y))
    let (ef, gh) = (SIMD4(a.z, b.z, a.w, b.w), SIMD4(c.z, d.z, c.w, d.w))
    return (
        SIMD4(ab.x, ab.y, cd.x, cd.y), SIMD4(ab.z, ab.w, cd.z, cd.w),
        SIMD4(ef.x, ef.y, gh.x, gh.y), SIMD4(ef.z, ef.w, gh.z, gh.w)
    )
}

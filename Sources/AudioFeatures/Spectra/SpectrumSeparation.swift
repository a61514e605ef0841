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

/// `spectra [4, half + 1] -> power [half + 1, 8]`, of which four columns are written: |2X|² of four frames.
///
/// A spectrum is that of x[2i] + i·x[2i + 1], its first number repeated at its end. With a = Z[k], b = conj(Z[h - k]):
/// 2E = a + b and 2iO = a - b are the spectra of even and odd samples, X[k] = E + wO, X[h - k] = conj(E - wO).
/// Numbers in the middle are computed twice.
func writePowerOfHalves(
    _ spectra: UnsafePointer<fftwf_complex>, stride: Int, half: Int, _ turnRe: UnsafePointer<Float>,
    _ turnIm: UnsafePointer<Float>, into power: UnsafeMutablePointer<Float>
) {
    let bytes = UnsafeRawPointer(spectra)
    let (re, im) = (UnsafeRawPointer(turnRe), UnsafeRawPointer(turnIm))
    let target = UnsafeMutableRawPointer(power)
    for k in Swift.stride(from: 0, through: half / 2, by: 4) {
        let wr = re.loadUnaligned(fromByteOffset: 4 * k, as: SIMD4<Float>.self)
        let wi = im.loadUnaligned(fromByteOffset: 4 * k, as: SIMD4<Float>.self)

        @inline(__always)
        func separated(_ lane: Int) -> (rising: SIMD4<Float>, falling: SIMD4<Float>) {
            let spectrum = bytes + 8 * stride * lane
            let a = spectrum.loadUnaligned(fromByteOffset: 8 * k, as: SIMD8<Float>.self)
            let b = spectrum.loadUnaligned(fromByteOffset: 8 * (half - k - 3), as: SIMD8<Float>.self)
            let (ar, ai) = (a.evenHalf, a.oddHalf)
            let br = SIMD4(b[6], b[4], b[2], b[0])
            let bi = SIMD4(b[7], b[5], b[3], b[1])
            let (evenRe, evenIm, oddRe, oddIm) = (ar + br, ai - bi, ai + bi, br - ar)
            let turnedRe = wr * oddRe - wi * oddIm
            let turnedIm = wr * oddIm + wi * oddRe
            let (xr, xi) = (evenRe + turnedRe, evenIm + turnedIm)
            let (yr, yi) = (evenRe - turnedRe, evenIm - turnedIm)
            return (xr * xr + xi * xi, yr * yr + yi * yi)
        }

        let (p0, p1, p2, p3) = (separated(0), separated(1), separated(2), separated(3))
        let rising = transposed(p0.rising, p1.rising, p2.rising, p3.rising)
        let falling = transposed(p0.falling, p1.falling, p2.falling, p3.falling)
        target.storeBytes(of: rising.0, toByteOffset: 32 * k, as: SIMD4<Float>.self)
        target.storeBytes(of: rising.1, toByteOffset: 32 * (k + 1), as: SIMD4<Float>.self)
        target.storeBytes(of: rising.2, toByteOffset: 32 * (k + 2), as: SIMD4<Float>.self)
        target.storeBytes(of: rising.3, toByteOffset: 32 * (k + 3), as: SIMD4<Float>.self)
        target.storeBytes(of: falling.0, toByteOffset: 32 * (half - k), as: SIMD4<Float>.self)
        target.storeBytes(of: falling.1, toByteOffset: 32 * (half - k - 1), as: SIMD4<Float>.self)
        target.storeBytes(of: falling.2, toByteOffset: 32 * (half - k - 2), as: SIMD4<Float>.self)
        target.storeBytes(of: falling.3, toByteOffset: 32 * (half - k - 3), as: SIMD4<Float>.self)
    }
}

/// `spectrum [n + 1] -> power [n / 2 + 1, 8]`, of which two columns are written: |2X|² of two frames.
///
/// The spectrum is that of x + iy, its first number repeated at its end; with a = Z[k] and b = Z[n - k]:
/// 2X = a + conj(b) and 2iY = a - conj(b). Both are rounded to single precision before they are squared, as Kaldi does.
func writePowerOfPair(_ spectrum: UnsafePointer<fftw_complex>, size: Int, into power: UnsafeMutablePointer<Float>) {
    let bytes = UnsafeRawPointer(spectrum)
    let target = UnsafeMutableRawPointer(power)
    for k in 0...size / 2 {
        let a = bytes.loadUnaligned(fromByteOffset: 16 * k, as: SIMD2<Double>.self)
        let b = bytes.loadUnaligned(fromByteOffset: 16 * (size - k), as: SIMD2<Double>.self)
        let sum = SIMD2<Float>(a + b)
        let difference = SIMD2<Float>(a - b)
        let (s, d) = (sum * sum, difference * difference)
        target.storeBytes(of: s + SIMD2(d.y, d.x), toByteOffset: 32 * k, as: SIMD2<Float>.self)
    }
}

/// Two frames `[n]` to complex numbers `[n]`, in double precision.
func interleave(
    _ re: UnsafePointer<Float>, _ im: UnsafePointer<Float>, count: Int,
    into output: UnsafeMutablePointer<fftw_complex>
) {
    let target = UnsafeMutableRawPointer(output).assumingMemoryBound(to: Double.self)
    for i in 0..<count {
        target[2 * i] = Double(re[i])
        target[2 * i + 1] = Double(im[i])
    }
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

extension SIMD8<Float> {
    /// Numbers 0, 2, 4 and 6.
    @inline(__always)
    fileprivate var evenHalf: SIMD4<Float> { SIMD4(self[0], self[2], self[4], self[6]) }

    /// Numbers 1, 3, 5 and 7.
    @inline(__always)
    fileprivate var oddHalf: SIMD4<Float> { SIMD4(self[1], self[3], self[5], self[7]) }
}

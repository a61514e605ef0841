// Coordinates as sines and cosines of five octaves.

public import Tensors

/// The number of octaves; a config.json that says another is refused (`requireFourierFeatures`).
private let octaves = 5
/// The middle of the canonical frame, from which anchors are measured.
public let canonicalCentre = SIMD3<Float>(0, 0, 0.5)

extension ComponentFolder {
    /// Throws unless config.json has "octaves" and, where there is one, "centre" as these features have them.
    public func requireFourierFeatures(octaves found: Int, centre: [Float]? = nil) throws(TensorFileError) {
        try require(found == octaves, "octaves \(octaves)", got: "\(found)")
        guard let centre else { return }
        let expected = [canonicalCentre.x, canonicalCentre.y, canonicalCentre.z]
        try require(centre == expected, "centre \(expected)", got: "\(centre)")
    }
}

/// Fourier features per coordinate: itself, five sines, five cosines.
public let fourierFeatures = 1 + 2 * octaves

/// Writes the features of points: x, y, z, then for k = 0...4 the three sines and three cosines of 2ᵏ·π·x: 33 numbers.
///
/// The fourth lane is ignored. One float past the last row is written: `target` has room for it.
public func writeFourierFeatures(_ point: SIMD4<Float>, to target: UnsafeMutablePointer<Float>) {
    let raw = UnsafeMutableRawPointer(target)
    // Each store's fourth lane is overwritten by the next store.
    raw.storeBytes(of: point, as: SIMD4<Float>.self)
    var (sine, cosine) = sineAndCosineOfPi(point)
    for octave in 0..<octaves {
        raw.storeBytes(of: sine, toByteOffset: 12 + octave * 24, as: SIMD4<Float>.self)
        raw.storeBytes(of: cosine, toByteOffset: 24 + octave * 24, as: SIMD4<Float>.self)
        (sine, cosine) = (2 * sine * cosine, 1 - 2 * sine * sine)
    }
}

/// The features of points in space: `[Q, 3] -> [Q, 33]`, less a centre.
public func fourierFeatures(_ points: [SIMD3<Float>], centre: SIMD3<Float>) -> Tensor {
    let width = 3 * fourierFeatures
    var values = [Float](repeating: 0, count: points.count * width + 1)
    values.withUnsafeMutableBufferPointer { buffer in
        for (row, point) in points.enumerated() {
            writeFourierFeatures(SIMD4(point - centre, 0), to: buffer.baseAddress! + row * width)
        }
    }
    values.removeLast()
    return Tensor(shape: [points.count, width], values: values)
}

/// The features of one number: `[1, 11]`.
public func fourierFeatures(of number: Float) -> Tensor {
    var values = [number]
    var (sine, cosine) = sineAndCosineOfPi(SIMD4(repeating: number))
    for _ in 0..<octaves {
        values += [sine[0], cosine[0]]
        (sine, cosine) = (2 * sine * cosine, 1 - 2 * sine * sine)
    }
    return Tensor(shape: [1, fourierFeatures], values: values)
}

/// sin πx and cos πx, within 10⁻⁷.
///
/// x = n/2 + r with |r| ≤ ¼ is exact; Taylor's polynomials of πr; then the quadrant n mod 4 swaps and negates.
func sineAndCosineOfPi(_ x: SIMD4<Float>) -> (sine: SIMD4<Float>, cosine: SIMD4<Float>) {
    typealias Vector = SIMD4<Float>
    // Adding 1.5·2²³ rounds to a whole number and leaves it in the low bits: SSE2 has no rounding instruction.
    // Farther out than 2²⁰ a float has no phase worth the name.
    let bounded = x.clamped(lowerBound: Vector(repeating: -0x1p20), upperBound: Vector(repeating: 0x1p20))
    let shifted = bounded * 2 + 12_582_912
    let quadrant = unsafeBitCast(shifted, to: SIMD4<Int32>.self)
    let r = (bounded - (shifted - 12_582_912) * 0.5) * Float.pi
    let square = r * r
    var sine = Vector(repeating: 2.755_731_9e-6)
    sine = sine * square - 1.984_127e-4
    sine = sine * square + 8.333_333_3e-3
    sine = sine * square - 0.166_666_67
    sine = sine * square * r + r
    var cosine = Vector(repeating: 2.480_158_7e-5)
    cosine = cosine * square - 1.388_888_9e-3
    cosine = cosine * square + 4.166_666_7e-2
    cosine = cosine * square - 0.5
    cosine = cosine * square + 1
    let swapped = (quadrant & 1) .!= 0
    let (first, second) = (sine.replacing(with: cosine, where: swapped), cosine.replacing(with: sine, where: swapped))
    // The sign bit of the sine is bit 1 of the quadrant; that of the cosine is bit 1 of the quadrant plus 1.
    let signOfSine = (quadrant & 2) &<< 30
    let signOfCosine = ((quadrant &+ 1) & 2) &<< 30
    return (
        unsafeBitCast(unsafeBitCast(first, to: SIMD4<Int32>.self) ^ signOfSine, to: Vector.self),
        unsafeBitCast(unsafeBitCast(second, to: SIMD4<Int32>.self) ^ signOfCosine, to: Vector.self)
    )
}

extension Tensor {
    /// The places that rows begin with: `[N, 3 + F] -> [N]`.
    public var points: [SIMD3<Float>] {
        precondition(columns >= 3)
        return (0..<rows).map { row in
            let start = row * columns
            return SIMD3(values[start], values[start + 1], values[start + 2])
        }
    }
}

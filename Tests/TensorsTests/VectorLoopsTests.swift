// The loops between products, against plain ones in doubles, at counts around a vector's length.

import GoldenFiles
import Tensors
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Vector loops")
struct VectorLoopsTests {
    private static let counts = [1, 3, 15, 16, 17, 31, 32, 33, 47, 100, 131]

    /// The largest difference between floats and doubles.
    private func difference(_ a: [Float], _ b: [Double]) -> Double {
        zip(a, b).map { abs(Double($0) - $1) }.max() ?? 0
    }

    @Test("normalise a row, with and without weights, in place too", arguments: counts)
    func normalization(count: Int) {
        let (x, weight, bias) = (numbers(count, seed: 1), numbers(count, seed: 2), numbers(count, seed: 3))
        let mean = x.reduce(0) { $0 + Double($1) } / Double(count)
        let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(count)
        let exact = x.map { (Double($0) - mean) / (variance + 1e-5).squareRoot() }
        var plain = [Float](repeating: 0, count: count)
        normalize(x, count: count, epsilon: 1e-5, into: &plain)
        #expect(difference(plain, exact) < 1e-5)
        var scaled = [Float](repeating: 0, count: count)
        normalize(x, count: count, epsilon: 1e-5, weight: weight, bias: bias, into: &scaled)
        let affine = zip(exact, zip(weight, bias)).map { $0 * Double($1.0) + Double($1.1) }
        #expect(difference(scaled, affine) < 1e-5)
        var inPlace = x
        inPlace.withUnsafeMutableBufferPointer {
            normalize($0.baseAddress!, count: count, epsilon: 1e-5, into: $0.baseAddress!)
        }
        #expect(inPlace == plain)
    }

    @Test("normalise a row by the root of its mean square", arguments: counts)
    func rootMeanSquare(count: Int) {
        let (x, weight) = (numbers(count, seed: 4), numbers(count, seed: 5))
        let square = x.reduce(0) { $0 + Double($1) * Double($1) } / Double(count)
        var result = [Float](repeating: 0, count: count)
        normalizeByRootMeanSquare(x, count: count, epsilon: 1e-6, weight: weight, into: &result)
        let exact = zip(x, weight).map { Double($0) / (square + 1e-6).squareRoot() * Double($1) }
        #expect(difference(result, exact) < 1e-5)
    }

    @Test("add, scale and multiply", arguments: counts)
    func arithmetic(count: Int) {
        let (a, b) = (numbers(count, seed: 6), numbers(count, seed: 7))
        #expect(
            abs(Double(dot(a, b, count: count)) - zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }) < 1e-4)
        var sums = a
        add(b, times: 0.5, count: count, to: &sums)
        #expect(difference(sums, zip(a, b).map { Double($0) + 0.5 * Double($1) }) < 1e-6)
        var scaled = [Float](repeating: 0, count: count)
        scale(a, by: -3, count: count, into: &scaled)
        #expect(scaled == a.map { $0 * -3 })
    }

    @Test("gate by each activation", arguments: [Activation.none, .relu, .gelu, .geluTanh, .silu])
    func gates(activation: Activation) {
        for count in Self.counts {
            let (a, b) = (numbers(count, seed: 12).map { $0 * 4 }, numbers(count, seed: 13))
            var gated = [Float](repeating: 0, count: count)
            activate(activation, a, times: b, count: count, into: &gated)
            #expect(difference(gated, zip(a, b).map { Double(activation($0)) * Double($1) }) < 2e-6)
        }
    }

    @Test("press numbers below a cap", arguments: counts)
    func caps(count: Int) {
        let x = numbers(count, seed: 14).map { $0 * 100 }
        var values = x
        press(&values, count: count, below: 30)
        #expect(difference(values, x.map { 30 * tanh(Double($0) / 30) }) < 1e-5)
    }

    @Test("add rectified sums, or put them in the place of what was there", arguments: counts)
    func rectifiers(count: Int) {
        let (a, b) = (numbers(count, seed: 8), numbers(count, seed: 9))
        let exact = zip(a, b).map { 0.25 * max(0, Double($0) + Double($1)) }
        var result = [Float](repeating: .nan, count: count)
        weightedReLU(a, b, weight: 0.25, count: count, adding: false, to: &result)
        #expect(difference(result, exact) < 1e-6)
        weightedReLU(a, b, weight: 0.25, count: count, adding: true, to: &result)
        #expect(difference(result, exact.map { 2 * $0 }) < 1e-6)
    }

    @Test("round to brain floats as single numbers do, scaled or not", arguments: counts)
    func rounding(count: Int) {
        let x = numbers(count, seed: 10)
        var bits = [UInt16](repeating: 0, count: count)
        roundToBFloat16(x, times: 1, count: count, into: &bits)
        #expect(bits == x.map { BFloat16($0).bitPattern })
        roundToBFloat16(x, times: 0.125, count: count, into: &bits)
        #expect(bits == x.map { BFloat16($0 * 0.125).bitPattern })
    }

    @Test("make a softmax's exponentials as brain floats, and nothing of what is not seen", arguments: counts)
    func exponentialsOfTheVisible(count: Int) {
        let x = numbers(count, seed: 11).map { $0 * 10 }
        for visible in Set([1, count / 2, count]) where visible > 0 {
            let largest = x[..<visible].max()!
            let exact = x[..<visible].map { exp(Double($0 - largest)) }
            var bits = [UInt16](repeating: 0xffff, count: count)
            let sum = exponentials(of: x, visible: visible, count: count, into: &bits)
            #expect(abs(Double(sum) / exact.reduce(0, +) - 1) < 1e-6)
            #expect(bits[visible...].allSatisfy { $0 == 0 })
            for (bit, exact) in zip(bits, exact) {
                #expect(abs(Double(BFloat16(bitPattern: bit).float) - exact) <= exact / 256)
            }
        }
    }

    private func numbers(_ count: Int, seed: UInt32) -> [Float] { scattered(count, seed: seed).values }
}

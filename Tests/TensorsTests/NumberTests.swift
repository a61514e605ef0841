// Number formats and elementary functions.

import GoldenFiles
import Tensors
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Numbers")
struct NumberTests {
    @Test("round to the nearest brain float, ties to even")
    func brainFloats() {
        #expect(BFloat16(1).bitPattern == 0x3f80)
        #expect(BFloat16(Float(bitPattern: 0x3f80_8000)).bitPattern == 0x3f80)  // a tie, down to even
        #expect(BFloat16(Float(bitPattern: 0x3f81_8000)).bitPattern == 0x3f82)  // a tie, up to even
        #expect(BFloat16(Float(bitPattern: 0x3f80_8001)).bitPattern == 0x3f81)
        #expect(BFloat16(.infinity).float == .infinity)
        #expect(BFloat16(Float.nan).float.isNaN)
        #expect(BFloat16(Float(bitPattern: 0x7f80_0001)).float.isNaN)
        #expect(BFloat16(-0.0).bitPattern == 0x8000)
    }

    @Test("the vector exponential is within two units in the last place")
    func exponentials() {
        var worst = 0.0
        for step in stride(from: Float(-87), through: 88, by: 0.0137) {
            let exact = exp(Double(step))
            worst = max(worst, abs(Double(exponential(SIMD8(repeating: step))[3]) / exact - 1))
        }
        #expect(worst < 2.4e-7)
        #expect(exponential(SIMD8(repeating: -200)) == .zero)
        #expect(exponential(SIMD8(repeating: -.infinity)) == .zero)
        #expect(exponential(.zero) == SIMD8(repeating: 1))
    }

    @Test("softmax sums to one and agrees with doubles", arguments: [1, 2, 7, 8, 9, 64, 131])
    func softmaxes(count: Int) {
        var values = scattered(count, seed: 9).values.map { $0 * 20 }
        let exact = values.map { exp(Double($0)) }
        let sum = exact.reduce(0, +)
        let logarithms = logSoftmax(values)
        softmax(&values, count: count)
        #expect(abs(values.reduce(0, +) - 1) < 1e-6)
        for index in 0..<count {
            #expect(abs(Double(values[index]) - exact[index] / sum) < 3e-7)
            #expect(abs(Double(logarithms[index]) - log(exact[index] / sum)) < 1e-5)
        }
    }

    @Test("softmax stands large numbers")
    func largeNumbers() {
        var values: [Float] = [1e30, -1e30, 1e30]
        softmax(&values, count: 3)
        #expect(values == [0.5, 0, 0.5])
    }
}

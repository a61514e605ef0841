// The packed oneDNN product against the plain one.

import GoldenFiles
import Tensors
import Testing

@Suite("A packed product")
struct PackedProductTests {
    private static let rows = [1, 2, 3, 6, 7, 16, 33, 150]
    private static let sizes = [(inputs: 1, outputs: 1), (11, 7), (37, 130), (100, 65)]

    /// The largest difference from the reference as a share of the reference's largest value.
    private func error(
        rows: Int, inputs: Int, outputs: Int, bias: Bool = true, activation: Activation = .none, precision: Precision
    ) -> Float {
        var x = scattered(rows, inputs, seed: 3)
        var weights = scattered(outputs, inputs, seed: 4)
        let shift = bias ? scattered(outputs, seed: 5).values : nil
        let packed = PackedWeights(.f32(weights), bias: shift, activation: activation, precision: precision)
        let product = packed(x)
        if precision == .bf16 { (x, weights) = (roundedToBFloat16(x), roundedToBFloat16(weights)) }
        let reference = referenceProduct(x, weights: weights, bias: shift, activation: activation)
        return product.largestDifference(from: reference).difference / max(reference.largestMagnitude, 1e-6)
    }

    @Test("agrees with the plain product for odd sizes and any number of rows", arguments: [Precision.f32, .bf16])
    func sizes(precision: Precision) {
        for (inputs, outputs) in Self.sizes {
            for rows in Self.rows {
                let difference = error(rows: rows, inputs: inputs, outputs: outputs, precision: precision)
                #expect(difference < 2e-5, "[\(rows), \(inputs)] x [\(inputs), \(outputs)]")
            }
        }
    }

    @Test(
        "applies its activation after the bias",
        arguments: [Activation.none, .relu, .gelu, .geluTanh, .silu], [Precision.f32, .bf16])
    func activations(activation: Activation, precision: Precision) {
        for bias in [false, true] {
            for rows in [1, 7] {
                let difference = error(
                    rows: rows, inputs: 33, outputs: 70, bias: bias, activation: activation, precision: precision)
                #expect(difference < 2e-5, "\(rows) rows, bias \(bias)")
            }
        }
    }

    @Test("in int8 is off by no more than the rounding of weights and inputs", arguments: [1, 3, 17, 600])
    func wholeNumbers(rows: Int) {
        // Half a step of 127 on either side, of weights and of inputs, and such errors mostly cancel.
        for (inputs, outputs) in Self.sizes where inputs > 1 {
            #expect(error(rows: rows, inputs: inputs, outputs: outputs, precision: .int8) < 0.02)
        }
    }

    @Test(
        "in int8 applies its activation after the bias", arguments: [Activation.none, .relu, .gelu, .geluTanh, .silu])
    func wholeNumbersActivated(activation: Activation) {
        for bias in [false, true] {
            #expect(
                error(rows: 5, inputs: 64, outputs: 37, bias: bias, activation: activation, precision: .int8) < 0.02)
        }
    }

    @Test("in int8 is exact where inputs and weights are whole numbers of the scale")
    func exactWholeNumbers() {
        // The largest magnitude of each row is 127, so that every step is 1.
        func whole(_ rows: Int, _ columns: Int, seed: UInt32) -> Tensor {
            var tensor = scattered(rows, columns, seed: seed)
            for index in tensor.values.indices {
                tensor.values[index] = index % columns == 0 ? 127 : (tensor.values[index] * 50).rounded()
            }
            return tensor
        }
        let (x, weights) = (whole(4, 33, seed: 1), whole(9, 33, seed: 2))
        let product = PackedWeights(.f32(weights), precision: .int8)(x)
        let reference = referenceProduct(x, weights: weights)
        #expect(product.largestDifference(from: reference).difference <= reference.largestMagnitude * 1e-6)
        let next = PackedWeights(.f32(whole(5, 9, seed: 3)), precision: .int8)
        let first = PackedWeights(.f32(weights), activation: .relu, precision: .int8)
        var fused = [Float](repeating: 0, count: 4 * 5)
        fused.withUnsafeMutableBufferPointer { target in
            x.values.withUnsafeBufferPointer { first.multiply($0, rows: 4, then: next, into: target) }
        }
        #expect(fused == next(first(x)).values)
    }

    @Test("in int8 gives the bias for rows of zeros, and does not trap on what is no number")
    func wholeNumbersOfNothing() {
        let packed = PackedWeights(.f32(scattered(3, 4)), bias: [1, 2, 3], precision: .int8)
        #expect(packed(Tensor(zeros: 1, 4)).values == [1, 2, 3])
        #expect(packed(Tensor(shape: [1, 4], values: [.nan, 1, .infinity, 0])).values.count == 3)
        #expect(PackedWeights(.f32(Tensor(zeros: 2, 4)), precision: .int8)(scattered(1, 4)).values == [0, 0])
    }

    @Test("serves one set of weights for every number of rows in turn")
    func manyRows() {
        let weights = scattered(19, 23)
        let packed = PackedWeights(.f32(weights), precision: .f32)
        for rows in 1...120 {
            let x = scattered(rows, 23, seed: UInt32(rows))
            let difference = packed(x).largestDifference(from: referenceProduct(x, weights: weights)).difference
            #expect(difference < 2e-5 * 23)
        }
    }

    @Test("keeps brain floats of a checkpoint as they are")
    func storedBrainFloats() {
        let weights = roundedToBFloat16(scattered(17, 40))
        let stored = StoredWeights.bf16(
            outputs: 17, inputs: 40, bits: weights.values.map { BFloat16($0).bitPattern })
        let x = scattered(5, 40, seed: 8)
        let fromBits = PackedWeights(stored, precision: .f32)(x)
        let fromFloats = PackedWeights(.f32(weights), precision: .f32)(x)
        #expect(fromBits == fromFloats)
        #expect(stored.tensor == weights)
    }

    @Test("stacks matrices of the same inputs")
    func stacking() {
        let (first, second) = (scattered(3, 8, seed: 1), scattered(5, 8, seed: 2))
        let x = scattered(4, 8, seed: 3)
        let stacked = PackedWeights(.stacking([.f32(first), .f32(second)]), precision: .f32)(x)
        #expect(stacked.shape == [4, 8])
        #expect(stacked.columns(0..<3).largestDifference(from: referenceProduct(x, weights: first)).difference < 1e-5)
        #expect(stacked.columns(3..<8).largestDifference(from: referenceProduct(x, weights: second)).difference < 1e-5)
    }

    @Test("gives no rows for no rows")
    func empty() {
        #expect(PackedWeights(.f32(scattered(3, 4)))(Tensor(zeros: 0, 4)).shape == [0, 3])
    }

    @Test("may run in several threads at once")
    func concurrent() async {
        let weights = scattered(31, 29)
        let packed = PackedWeights(.f32(weights), precision: .f32)
        await withTaskGroup(of: Float.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let x = scattered(1 + task % 3, 29, seed: UInt32(task))
                    return packed(x).largestDifference(from: referenceProduct(x, weights: weights)).difference
                }
            }
            for await difference in group { #expect(difference < 5e-4) }
        }
    }

    @Test("of two activations honours strides and transposition")
    func generalProducts() {
        let (a, b) = (scattered(5, 9, seed: 1), scattered(4, 9, seed: 2))
        var c = [Float](repeating: 7, count: 5 * 6)
        // The first six of nine columns of each; rows of the result are six apart.
        generalProduct(
            rows: 5, inner: 6, columns: 4, scale: 0.5, a.values, stride: 9, b.values, stride: 9, transposingB: true,
            into: &c, stride: 6)
        let reference = referenceProduct(a.columns(0..<6), weights: b.columns(0..<6))
        for row in 0..<5 {
            for column in 0..<4 {
                #expect(abs(c[row * 6 + column] - 0.5 * reference.values[row * 4 + column]) < 1e-5)
            }
            #expect(c[row * 6 + 4] == 7 && c[row * 6 + 5] == 7)
        }
    }
}

// Floats as whole numbers of 8 bits with a scale, and back.

internal import CVectorLoops

/// A matrix `[outputs, inputs]` of whole numbers, a scale for each output.
struct QuantizedMatrix {
    let numbers: [Int8]
    let scales: [Float]

    /// Rounds each row to 127 steps on either side of zero.
    init(_ weights: StoredWeights) {
        let (outputs, inputs) = (weights.outputs, weights.inputs)
        var scales = [Float](repeating: 0, count: outputs)
        numbers = [Int8](unsafeUninitializedCapacity: outputs * inputs) { numbers, count in
            var row: [Float] = []
            row.reserveCapacity(inputs)
            for output in 0..<outputs where inputs > 0 {
                row.removeAll(keepingCapacity: true)
                weights.appendRow(output, to: &row)
                scales[output] = quantize(row, count: inputs, into: numbers.baseAddress! + output * inputs)
            }
            count = outputs * inputs
        }
        self.scales = scales
    }
}

/// Rounds a row to whole numbers of -127...127 times a scale, which is returned; 0 for a row of zeros.
func quantize(_ row: UnsafePointer<Float>, count: Int, into numbers: UnsafeMutablePointer<Int8>) -> Float {
    sonoform_quantize(row, count, numbers)
}

/// act(sums · scale · scales + bias) in place, the sums being products of whole numbers: `[outputs]`.
func rescale(
    _ sums: UnsafeMutablePointer<Float>, by scale: Float, times scales: [Float], bias: [Float]?, activation: Activation
) {
    scales.withUnsafeBufferPointer { scales in
        if let bias {
            bias.withUnsafeBufferPointer {
                sonoform_rescale(sums, scales.count, scale, scales.baseAddress!, $0.baseAddress!, activation.loop)
            }
        } else {
            sonoform_rescale(sums, scales.count, scale, scales.baseAddress!, nil, activation.loop)
        }
    }
}

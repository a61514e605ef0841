// A weight matrix as a checkpoint stores it, before it is packed.

/// A matrix `[outputs, inputs]` in a checkpoint's own number format.
public enum StoredWeights: Sendable {
    /// 32-bit floats.
    case f32(Tensor)
    /// Brain floats in row-major order.
    case bf16(outputs: Int, inputs: Int, bits: [UInt16])

    /// The number of rows: one an output.
    public var outputs: Int {
        switch self {
        case .f32(let tensor): tensor.rows
        case .bf16(let outputs, _, _): outputs
        }
    }

    /// The length of a row: one an input.
    public var inputs: Int {
        switch self {
        case .f32(let tensor): tensor.columns
        case .bf16(_, let inputs, _): inputs
        }
    }

    func withPlainBytes<Result>(_ body: (UnsafeRawPointer, Precision) -> Result) -> Result {
        switch self {
        case .f32(let tensor): tensor.values.withUnsafeBytes { body($0.baseAddress!, .f32) }
        case .bf16(_, _, let bits): bits.withUnsafeBytes { body($0.baseAddress!, .bf16) }
        }
    }

    /// Several matrices of the same inputs one below the other, so that one product serves them all.
    public static func stacking(_ parts: [StoredWeights]) -> StoredWeights {
        let inputs = parts[0].inputs
        precondition(parts.allSatisfy { $0.inputs == inputs })
        let outputs = parts.reduce(0) { $0 + $1.outputs }
        var bits: [UInt16] = []
        for part in parts {
            guard case .bf16(_, _, let more) = part else {
                return .f32(.concatenatingRows(parts.map(\.tensor)))
            }
            bits.append(contentsOf: more)
        }
        return .bf16(outputs: outputs, inputs: inputs, bits: bits)
    }

    /// The matrix `[outputs, inputs]` turned to `[inputs, outputs]`.
    public func transposed() -> StoredWeights {
        switch self {
        case .f32(let tensor): return .f32(tensor.transposed())
        case .bf16(let outputs, let inputs, let bits):
            let turned = [UInt16](unsafeUninitializedCapacity: bits.count) { buffer, count in
                for row in 0..<outputs {
                    for column in 0..<inputs { buffer[column * outputs + row] = bits[row * inputs + column] }
                }
                count = bits.count
            }
            return .bf16(outputs: inputs, inputs: outputs, bits: turned)
        }
    }

    /// The matrix in the numbers that bf16 has.
    func roundedToBFloat16() -> StoredWeights {
        guard case .f32(let tensor) = self else { return self }
        return .bf16(
            outputs: outputs, inputs: inputs, bits: tensor.values.map { BFloat16($0).bitPattern })
    }

    /// The matrix as 32-bit floats.
    public var tensor: Tensor {
        switch self {
        case .f32(let tensor): tensor
        case .bf16(let outputs, let inputs, let bits):
            Tensor(shape: [outputs, inputs], values: bits.map { BFloat16(bitPattern: $0).float })
        }
    }
}

extension StoredWeights {
    /// Appends row `index` as floats to an array: an embedding's lookup.
    public func appendRow(_ index: Int, to values: inout [Float]) {
        switch self {
        case .f32(let tensor): values += tensor.row(index)
        case .bf16(_, let inputs, let bits):
            for bit in bits[index * inputs..<(index + 1) * inputs] { values.append(BFloat16(bitPattern: bit).float) }
        }
    }
}

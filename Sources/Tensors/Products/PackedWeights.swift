// A weight matrix packed once for oneDNN, multiplied with any number of rows.

import Synchronization

/// The weights `[outputs, inputs]` and the bias of an affine map, packed into oneDNN's layout.
///
/// On a processor without bf16, bf16 is computed in f32 of numbers that were rounded to bf16: what oneDNN does in bf16,
/// but no faster than f32.
///
/// In int8 a weight is a whole number of -127...127 times its output's scale, and an input one times its row's: the largest
/// magnitude of either is 127 scales (dynamic quantisation, symmetric, per channel).
///
/// Products are prepared on first use for each number of rows and kept. Should oneDNN want another layout of the
/// weights for another number of rows, a second packing is made and kept beside the first.
public final class PackedWeights: Sendable {
    /// The length of an input row.
    public let inputs: Int
    /// The length of an output row.
    public let outputs: Int
    /// The number format of the product.
    public let precision: Precision
    /// The number format in which oneDNN computes it.
    private let computed: Precision
    private let activation: Activation
    private let bias: [Float]?
    /// What an output's whole numbers are multiplied with; nil for floats.
    private let scales: [Float]?

    private struct Prepared {
        /// How many rows the product takes.
        var rows: Int
        var product: MatrixProduct
        var weights: AlignedBytes
    }

    private let prepared: Mutex<[Key: Prepared]>
    private struct Key: Hashable {
        var rows: Int
        var destination: Precision
    }

    /// Packs weights `[outputs, inputs]`; `bias` has `outputs` elements.
    public init(
        _ weights: StoredWeights, bias: [Float]? = nil, activation: Activation = .none,
        precision: Precision = .native
    ) {
        let outputs = weights.outputs
        let inputs = weights.inputs
        precondition(bias == nil || bias?.count == outputs)
        (self.inputs, self.outputs, self.precision) = (inputs, outputs, precision)
        computed = precision == .bf16 && !MatrixProduct.hasBFloat16 ? .f32 : precision
        self.bias = bias
        self.activation = activation
        // The layout depends on the number of rows hardly or not at all; 16 stands for all until one differs.
        let key = Key(rows: 16, destination: .f32)
        let product = MatrixProduct(
            rows: key.rows, inputs: inputs, outputs: outputs, precision: computed, destination: .f32,
            hasBias: bias != nil && precision != .int8, activation: precision == .int8 ? .none : activation)
        let packed: AlignedBytes
        if precision == .int8 {
            let quantized = QuantizedMatrix(weights)
            packed = quantized.numbers.withUnsafeBytes { product.pack($0.baseAddress!, of: .int8) }
            scales = quantized.scales
        } else {
            let weights = precision == computed ? weights : weights.roundedToBFloat16()
            packed = weights.withPlainBytes { bytes, type in product.pack(bytes, of: type) }
            scales = nil
        }
        prepared = Mutex([key: Prepared(rows: key.rows, product: product, weights: packed)])
    }

    private func prepare(_ key: Key) -> Prepared {
        prepared.withLock { known in
            if let found = known[key] { return found }
            let product = MatrixProduct(
                rows: key.rows, inputs: inputs, outputs: outputs, precision: computed,
                destination: key.destination, hasBias: bias != nil && precision != .int8,
                activation: precision == .int8 ? .none : activation)
            let made: Prepared
            if let alike = known.values.first(where: { $0.product.sharesLayout(with: product) }) {
                made = Prepared(rows: key.rows, product: product, weights: alike.weights)
            } else {
                let first = known[Key(rows: 16, destination: .f32)]!
                // Whole numbers are packed with sums that oneDNN does not repack; they are multiplied by 16 rows at a time.
                // Only matrices of few outputs come to this.
                made =
                    precision == .int8
                    ? first
                    : Prepared(
                        rows: key.rows, product: product, weights: product.repack(first.weights, of: first.product))
            }
            // Recordings of every length would each leave a product behind: keep the newest few, and the short ones,
            // which every reply needs.
            if key.rows > 16, known.count(where: { $0.key.rows > 16 }) >= Self.longProducts {
                known = known.filter { $0.key.rows <= 16 }
            }
            known[key] = made
            return made
        }
    }

    /// act(`input` · Wᵀ + bias): `[rows, inputs] -> [rows, outputs]`, written to `output`.
    public func multiply(
        _ input: UnsafeBufferPointer<Float>, rows: Int, into output: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(input.count == rows * inputs && output.count == rows * outputs)
        // In blocks, so that the rounded input stays in the cache and long inputs share one prepared product.
        for start in stride(from: 0, to: rows, by: Self.blockRows) {
            let end = min(rows, start + Self.blockRows)
            let prepared = prepare(Key(rows: end - start, destination: .f32))
            let block = UnsafeBufferPointer(rebasing: input[start * inputs..<end * inputs])
            let target = output.baseAddress! + start * outputs
            if let scales {
                multiplyQuantized(prepared, block, rows: end - start, scales: scales, into: target)
            } else {
                withSource(block) { execute(prepared, $0, into: UnsafeMutableRawPointer(target)) }
            }
        }
    }

    /// A block of rows in whole numbers, and what they stand for.
    private func multiplyQuantized(
        _ prepared: Prepared, _ input: UnsafeBufferPointer<Float>, rows: Int, scales: [Float],
        into output: UnsafeMutablePointer<Float>
    ) {
        // Rows up to a whole number of products; those that are missing are zeros, whose results nobody reads.
        let padded = (rows + prepared.rows - 1) / prepared.rows * prepared.rows
        withUnsafeTemporaryAllocation(byteCount: padded * inputs, alignment: 64) { scratch in
            let numbers = scratch.bindMemory(to: Int8.self).baseAddress!
            (numbers + rows * inputs).initialize(repeating: 0, count: (padded - rows) * inputs)
            let rowScales = (0..<rows).map { row in
                quantize(input.baseAddress! + row * inputs, count: inputs, into: numbers + row * inputs)
            }
            withUnsafeTemporaryAllocation(of: Float.self, capacity: padded == rows ? 0 : padded * outputs) { spare in
                let sums = padded == rows ? output : spare.baseAddress!
                for start in stride(from: 0, to: padded, by: prepared.rows) {
                    prepared.product.execute(
                        UnsafeRawPointer(numbers + start * inputs), weights: prepared.weights.pointer,
                        into: UnsafeMutableRawPointer(sums + start * outputs))
                }
                if padded != rows { output.update(from: sums, count: rows * outputs) }
            }
            for (row, scale) in rowScales.enumerated() {
                rescale(output + row * outputs, by: scale, times: scales, bias: bias, activation: activation)
            }
        }
    }

    private static let blockRows = 512

    /// How many products of more than 16 rows are kept.
    private static let longProducts = 8

    /// This product and then another on its result, which stays in the number format of the products and in the cache:
    /// `[rows, inputs] -> [rows, next.outputs]`, written to `output`.
    public func multiply(
        _ input: UnsafeBufferPointer<Float>, rows: Int, then next: PackedWeights,
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(next.inputs == outputs && next.precision == precision)
        precondition(input.count == rows * inputs && output.count == rows * next.outputs)
        let blockRows = min(rows, Self.blockRows)
        guard precision != .int8 else {
            return withUnsafeTemporaryAllocation(of: Float.self, capacity: blockRows * outputs) { hidden in
                for start in stride(from: 0, to: rows, by: Self.blockRows) {
                    let end = min(rows, start + Self.blockRows)
                    let middle = UnsafeMutableBufferPointer(rebasing: hidden[..<((end - start) * outputs)])
                    multiply(
                        UnsafeBufferPointer(rebasing: input[start * inputs..<end * inputs]), rows: end - start,
                        into: middle)
                    next.multiply(
                        UnsafeBufferPointer(middle), rows: end - start,
                        into: UnsafeMutableBufferPointer(
                            rebasing: output[start * next.outputs..<end * next.outputs]))
                }
            }
        }
        withUnsafeTemporaryAllocation(byteCount: blockRows * outputs * computed.bytes, alignment: 64) { hidden in
            for start in stride(from: 0, to: rows, by: Self.blockRows) {
                let end = min(rows, start + Self.blockRows)
                let first = prepare(Key(rows: end - start, destination: computed))
                let second = next.prepare(Key(rows: end - start, destination: .f32))
                withSource(UnsafeBufferPointer(rebasing: input[start * inputs..<end * inputs])) { source in
                    execute(first, source, into: hidden.baseAddress!)
                }
                let destination = UnsafeMutableRawPointer(output.baseAddress! + start * next.outputs)
                guard computed != precision else {
                    next.execute(second, UnsafeRawPointer(hidden.baseAddress!), into: destination)
                    continue
                }
                let values = hidden.bindMemory(to: Float.self).prefix((end - start) * outputs)
                next.withSource(UnsafeBufferPointer(rebasing: values)) { next.execute(second, $0, into: destination) }
            }
        }
    }

    private func execute(
        _ prepared: Prepared, _ source: UnsafeRawPointer, into output: UnsafeMutableRawPointer
    ) {
        if let bias {
            bias.withUnsafeBufferPointer {
                prepared.product.execute(
                    source, weights: prepared.weights.pointer, bias: $0.baseAddress, into: output)
            }
        } else {
            prepared.product.execute(source, weights: prepared.weights.pointer, into: output)
        }
    }

    private func withSource(_ input: UnsafeBufferPointer<Float>, _ body: (UnsafeRawPointer) -> Void) {
        switch precision {
        case .int8: preconditionFailure("whole numbers have scales")
        case .f32: body(UnsafeRawPointer(input.baseAddress!))
        case .bf16:
            withUnsafeTemporaryAllocation(byteCount: input.count * 2, alignment: 64) { scratch in
                let rounded = scratch.bindMemory(to: UInt16.self)
                roundToBFloat16(input.baseAddress!, count: input.count, into: rounded.baseAddress!)
                guard computed == .f32 else { return body(UnsafeRawPointer(rounded.baseAddress!)) }
                withUnsafeTemporaryAllocation(of: Float.self, capacity: input.count) { widened in
                    for index in input.indices { widened[index] = Float(bitPattern: UInt32(rounded[index]) << 16) }
                    body(UnsafeRawPointer(widened.baseAddress!))
                }
            }
        }
    }

    /// act(`input` · Wᵀ + bias): `[rows, inputs] -> [rows, outputs]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        let rows = input.values.count / inputs
        let values = [Float](unsafeUninitializedCapacity: rows * outputs) { buffer, count in
            input.values.withUnsafeBufferPointer { source in
                multiply(source, rows: rows, into: UnsafeMutableBufferPointer(rebasing: buffer[..<(rows * outputs)]))
            }
            count = rows * outputs
        }
        return Tensor(shape: [rows, outputs], values: values)
    }
}

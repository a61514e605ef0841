// Products of two activations in bf16, as attention over long sequences needs them.

internal import CVectorLoops
internal import Synchronization

/// A prepared product of brain floats, `[rows, inner] · [inner, columns] -> [rows, columns]` in f32, computed in the calling
/// thread; may run in several threads at once.
public struct BFloat16Product: Sendable {
    /// Whether the processor multiplies brain floats; where it does not, this product would be slower than one in f32.
    public static var isNative: Bool { MatrixProduct.hasBFloat16 }

    private struct Shape: Hashable {
        let rows, inner, columns: Int
        let transposingB: Bool
    }

    /// Products of one shape are asked for again and again, by every head of every block; preparing one takes oneDNN
    /// about a millisecond.
    private static let prepared = Mutex<[Shape: MatrixProduct]>([:])
    private static let mostPrepared = 16

    private let product: MatrixProduct

    /// Prepares a product of A `[rows, inner]` and B `[inner, columns]` or, with `transposingB`, `[columns, inner]`.
    public init(rows: Int, inner: Int, columns: Int, transposingB: Bool) {
        let shape = Shape(rows: rows, inner: inner, columns: columns, transposingB: transposingB)
        product = Self.prepared.withLock { known in
            if let found = known[shape] { return found }
            if known.count >= Self.mostPrepared { known = [:] }
            let made = withComputeThreads(1) {
                MatrixProduct(
                    rows: rows, inputs: inner, outputs: columns, precision: .bf16,
                    layout: transposingB ? .transposedRows : .rows, destination: .f32)
            }
            known[shape] = made
            return made
        }
    }

    /// C = A · B, all of them row after row.
    public func callAsFunction(
        _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>, into c: UnsafeMutablePointer<Float>
    ) {
        withComputeThreads(1) { product.execute(a, weights: b, into: c) }
    }
}

/// Rounds floats to brain floats, ties to even, each multiplied by `factor` first.
public func roundToBFloat16(
    _ source: UnsafePointer<Float>, times factor: Float, count: Int, into destination: UnsafeMutablePointer<UInt16>
) {
    sonoform_scale_to_bfloat16(source, count, factor, destination)
}

/// eˣ⁻ᵐᵃˣ of the first `visible` of `count` numbers as brain floats, and zeros for the rest; returns their sum, which is
/// what makes a softmax of them.
public func exponentials(
    of values: UnsafePointer<Float>, visible: Int, count: Int, into destination: UnsafeMutablePointer<UInt16>
) -> Float {
    sonoform_exponentials_to_bfloat16(values, visible, count, destination)
}

// The loops over activations between two products, in the widest vectors that the processor has: `CVectorLoops`, under
// names of the field.

internal import CVectorLoops

/// Softmax over `count` numbers in place: eˣ⁻ᵐᵃˣ divided by their sum.
public func softmax(_ values: UnsafeMutablePointer<Float>, count: Int) { sonoform_softmax(values, count) }

/// Σ a·b
public func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
    sonoform_dot(a, b, count)
}

/// sums += factor · terms
public func add(
    _ terms: UnsafePointer<Float>, times factor: Float, count: Int, to sums: UnsafeMutablePointer<Float>
) {
    sonoform_add_scaled(terms, factor, count, sums)
}

/// result = factor · values
public func scale(
    _ values: UnsafePointer<Float>, by factor: Float, count: Int, into result: UnsafeMutablePointer<Float>
) {
    sonoform_scale(values, factor, count, result)
}

/// sums += terms
public func add(_ terms: UnsafeBufferPointer<Float>, to sums: UnsafeMutableBufferPointer<Float>) {
    precondition(terms.count == sums.count)
    guard let source = terms.baseAddress, let target = sums.baseAddress else { return }
    sonoform_add(source, terms.count, target)
}

/// (x − mean) / √(variance + ε) of a row, times `weight` and plus `bias` where they are given: `[W] -> [W]`.
///
/// `result` may be the row itself.
public func normalize(
    _ row: UnsafePointer<Float>, count: Int, epsilon: Float, weight: UnsafePointer<Float>? = nil,
    bias: UnsafePointer<Float>? = nil, into result: UnsafeMutablePointer<Float>
) {
    sonoform_normalize(row, count, epsilon, weight, bias, result)
}

/// x / √(mean of squares + ε) · weight of a row: `[W] -> [W]`; `result` may be the row itself.
public func normalizeByRootMeanSquare(
    _ row: UnsafePointer<Float>, count: Int, epsilon: Float, weight: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>
) {
    sonoform_normalize_by_root_mean_square(row, count, epsilon, weight, result)
}

/// weight · max(0, a + b), written to `result` or added to what is there.
public func weightedReLU(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, weight: Float, count: Int, adding: Bool,
    to result: UnsafeMutablePointer<Float>
) {
    sonoform_weighted_relu(a, b, weight, count, adding ? 0 : 1, result)
}

/// Rounds floats to brain floats, ties to even, without the branch for NaN (a NaN of the usual pattern stays one), since it
/// runs over every activation before a bf16 product.
func roundToBFloat16(_ source: UnsafePointer<Float>, count: Int, into destination: UnsafeMutablePointer<UInt16>) {
    sonoform_round_to_bfloat16(source, count, destination)
}

// The plain matrix product that checks the fast one.

/// act(`input` · `weights`ᵀ + `bias`) by three loops: `[T, inputs] · [outputs, inputs]ᵀ -> [T, outputs]`.
///
/// It sums in `Double`, so that the fast product is measured against something better than itself.
public func referenceProduct(
    _ input: Tensor, weights: Tensor, bias: [Float]? = nil, activation: Activation = .none
) -> Tensor {
    precondition(input.columns == weights.columns)
    var output = Tensor(zeros: input.rows, weights.rows)
    for row in 0..<input.rows {
        for column in 0..<weights.rows {
            var sum = Double(bias?[column] ?? 0)
            for (x, w) in zip(input.row(row), weights.row(column)) { sum += Double(x) * Double(w) }
            output.values[row * weights.rows + column] = activation(Float(sum))
        }
    }
    return output
}

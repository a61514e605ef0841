// Elementwise arithmetic between layers.

extension Tensor {
    /// Adds another tensor of the same shape.
    public static func += (left: inout Tensor, right: Tensor) {
        precondition(left.shape == right.shape, "\(left.shape) += \(right.shape)")
        left.values.withUnsafeMutableBufferPointer { sums in
            right.values.withUnsafeBufferPointer { terms in add(terms, to: sums) }
        }
    }

    /// The sum of two tensors of the same shape.
    public static func + (left: Tensor, right: Tensor) -> Tensor {
        var sum = left
        sum += right
        return sum
    }

    /// Multiplies every element by a number.
    public static func *= (left: inout Tensor, factor: Float) {
        left.values.withUnsafeMutableBufferPointer { for index in $0.indices { $0[index] *= factor } }
    }

    /// Multiplies element by element with a tensor of the same shape.
    public static func *= (left: inout Tensor, right: Tensor) {
        precondition(left.shape == right.shape, "\(left.shape) *= \(right.shape)")
        left.values.withUnsafeMutableBufferPointer { products in
            right.values.withUnsafeBufferPointer { factors in
                for index in products.indices { products[index] *= factors[index] }
            }
        }
    }
}

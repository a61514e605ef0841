// Tensors of made-up numbers.

public import Tensors

/// Numbers in -1...1 from a small generator, the same on every run.
public func scattered(_ shape: Int..., seed: UInt32 = 1) -> Tensor {
    var state = seed &* 2_654_435_761 | 1
    return Tensor(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 8) / Float(1 << 23) - 1
        })
}

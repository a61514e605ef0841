// The feed-forward layer of a decoder's block, gated or plain.

import Layers
import Tensors

/// What a block does after attention: `[S, W] -> [S, W]`.
enum BlockFeedForward: Sendable {
    /// down(act(gate(x))·up(x)); both maps of the input are one product, the gate's outputs first.
    case gated(gateAndUp: Linear, down: Linear, width: Int, activation: Activation)
    /// down(act(up(x))).
    case plain(FeedForward)

    /// The rows that are in work at once: what lies between the maps is several times as wide as the hidden states, and
    /// never held whole.
    private static let blockRows = 512

    func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .plain(let layer): return layer(x)
        case .gated(let gateAndUp, let down, let inner, let activation):
            let (rows, width) = (x.rows, x.columns)
            let block = min(rows, Self.blockRows)
            let values = [Float](unsafeUninitializedCapacity: rows * width) { output, count in
                x.values.withUnsafeBufferPointer { input in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, block * 3 * inner)) { scratch in
                        for start in stride(from: 0, to: rows, by: Self.blockRows) {
                            let part = min(block, rows - start)
                            let both = UnsafeMutableBufferPointer(rebasing: scratch[..<(part * 2 * inner)])
                            let gated = UnsafeMutableBufferPointer(
                                rebasing: scratch[(block * 2 * inner)..<(block * 2 * inner + part * inner)])
                            gateAndUp(
                                UnsafeBufferPointer(rebasing: input[(start * width)..<((start + part) * width)]),
                                rows: part, into: both)
                            for row in 0..<part {
                                let gate = both.baseAddress! + row * 2 * inner
                                activate(
                                    activation, gate, times: gate + inner, count: inner,
                                    into: gated.baseAddress! + row * inner)
                            }
                            down(
                                UnsafeBufferPointer(gated), rows: part,
                                into: UnsafeMutableBufferPointer(
                                    rebasing: output[(start * width)..<((start + part) * width)]))
                        }
                    }
                }
                count = rows * width
            }
            return Tensor(shape: [rows, width], values: values)
        }
    }
}

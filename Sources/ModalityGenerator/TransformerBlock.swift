// The transformer block of the flow and of the field's trunk.

internal import Layers
internal import Tensors

/// x += attention(normalise(x)), then x += mlp(normalise(x)); the normalisations have no parameters, the MLP is ReLU's.
struct TransformerBlock: Sendable {
    private let projection: Linear  // attention.query, key, value
    private let output: Linear  // attention.output
    private let feedForward: FeedForward  // mlp.up, mlp.down
    private let normalize = LayerNorm()
    private let width: Int
    private let heads: Int

    init(_ scope: WeightScope, width: Int, heads: Int, hidden: Int) throws(TensorFileError) {
        let attention = scope["attention"]
        projection = try Linear(
            stacking: [attention["query"], attention["key"], attention["value"]], inputs: width,
            outputs: [width, width, width], biases: [true, true, true])
        output = try Linear(attention["output"], inputs: width, outputs: width)
        feedForward = try FeedForward(
            up: scope["mlp", "up"], down: scope["mlp", "down"], inputs: width, hidden: hidden, outputs: width,
            activation: .relu)
        (self.width, self.heads) = (width, heads)
    }

    /// `[batch · S, W] -> [batch · S, W]`: the sequences of a batch lie one below the other and do not see each other.
    func callAsFunction(_ x: Tensor, batch: Int = 1) -> Tensor {
        let projected = projection(normalize(x))
        let length = x.rows / batch
        var mixed: [Tensor] = []
        for sequence in 0..<batch {
            let rows = projected.rows(sequence * length..<(sequence + 1) * length)
            mixed.append(
                attention(
                    queries: rows.columns(0..<width), keys: rows.columns(width..<2 * width),
                    values: rows.columns(2 * width..<3 * width), heads: heads))
        }
        var sum = x + output(.concatenatingRows(mixed))
        sum += feedForward(normalize(sum))
        return sum
    }
}

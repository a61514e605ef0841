// The transformer blocks of shapes: of the generator's flow and field, of the point encoder and the resampler.

public import Tensors

/// x += attention(normalise(x)), then x += mlp(normalise(x)); the normalisations have no parameters, the MLP is ReLU's.
public struct TransformerBlock: Sendable {
    private let projection: Linear  // attention.query, key, value
    private let ending: BlockEnding
    private let normalize = LayerNorm()
    private let width: Int
    private let heads: Int

    /// Loads "attention" and "mlp" of the given sizes.
    public init(_ scope: WeightScope, width: Int, heads: Int, hidden: Int) throws(TensorFileError) {
        let attention = scope["attention"]
        projection = try Linear(
            stacking: [attention["query"], attention["key"], attention["value"]], inputs: width,
            outputs: [width, width, width], biases: [true, true, true])
        ending = try BlockEnding(scope, width: width, hidden: hidden)
        (self.width, self.heads) = (width, heads)
    }

    /// `[batch · S, W] -> [batch · S, W]`: the sequences of a batch lie one below the other and do not see each other.
    public func callAsFunction(_ x: Tensor, batch: Int = 1) -> Tensor {
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
        return ending(x, mixed: .concatenatingRows(mixed))
    }
}

/// x += attention(normalise(x) to normalise(context)), then x += mlp(normalise(x)); otherwise a ``TransformerBlock``.
public struct CrossTransformerBlock: Sendable {
    private let query: Linear  // attention.query
    private let keyValue: Linear  // attention.key, value
    private let ending: BlockEnding
    private let normalize = LayerNorm()
    private let width: Int
    private let heads: Int

    /// Loads "attention" and "mlp" of the given sizes.
    public init(_ scope: WeightScope, width: Int, heads: Int, hidden: Int) throws(TensorFileError) {
        let attention = scope["attention"]
        query = try Linear(attention["query"], inputs: width, outputs: width)
        keyValue = try Linear(
            stacking: [attention["key"], attention["value"]], inputs: width, outputs: [width, width],
            biases: [true, true])
        ending = try BlockEnding(scope, width: width, hidden: hidden)
        (self.width, self.heads) = (width, heads)
    }

    /// `[S, W]`, `[T, W] -> [S, W]`
    public func callAsFunction(_ x: Tensor, context: Tensor) -> Tensor {
        let projected = keyValue(normalize(context))
        let mixed = attention(
            queries: query(normalize(x)), keys: projected.columns(0..<width),
            values: projected.columns(width..<2 * width), heads: heads)
        return ending(x, mixed: mixed)
    }
}

/// What ends both kinds of block: x + output(mixed), then x += mlp(normalise(x)).
private struct BlockEnding: Sendable {
    private let output: Linear  // attention.output
    private let feedForward: FeedForward  // mlp.up, mlp.down
    private let normalize = LayerNorm()

    init(_ scope: WeightScope, width: Int, hidden: Int) throws(TensorFileError) {
        output = try Linear(scope["attention", "output"], inputs: width, outputs: width)
        feedForward = try FeedForward(
            up: scope["mlp", "up"], down: scope["mlp", "down"], inputs: width, hidden: hidden, outputs: width,
            activation: .relu)
    }

    /// `[S, W]`, `[S, W] -> [S, W]`
    func callAsFunction(_ x: Tensor, mixed: Tensor) -> Tensor {
        var sum = x + output(mixed)
        sum += feedForward(normalize(sum))
        return sum
    }
}

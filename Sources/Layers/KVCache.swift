// The keys and values of the tokens that a decoder has read.

public import Tensors

/// The keys and values of one sequence, a layer each; a value, so that a beam's hypotheses share what they have in
/// common until they part.
public struct KVCache: Sendable {
    /// One layer's `[T, G·D]` keys and values, row after row; those that no later token will see are forgotten.
    public struct Layer: Sendable {
        /// The keys, rotated to their positions, from row `forgotten` of the sequence.
        public private(set) var keys: [Float] = []
        /// The values, from the same row.
        public private(set) var values: [Float] = []
        /// How many tokens were read, the forgotten among them.
        public private(set) var count = 0
        /// How many of the first are no longer kept.
        public private(set) var forgotten = 0
        /// How many tokens each token sees, itself the last; nil for all before it.
        public let window: Int?

        /// An empty layer.
        public init(window: Int? = nil) { self.window = window }

        /// Adds the rows of new tokens: `[S, G·D]` each.
        public mutating func append(keys newKeys: Tensor, values newValues: Tensor) {
            forget(width: newKeys.columns)
            keys += newKeys.values
            values += newValues.values
            count += newKeys.rows
        }

        /// Drops what lies before the window of the next token, once that is as much as the window itself: so a token
        /// costs no more than moving another one, and a layer never holds more than twice its window and a prompt.
        private mutating func forget(width: Int) {
            guard let window else { return }
            let kept = count - forgotten
            guard kept >= 2 * window else { return }
            let superfluous = kept - (window - 1)
            keys.removeFirst(superfluous * width)
            values.removeFirst(superfluous * width)
            forgotten += superfluous
        }

        /// The first row of the sequence that the token at `index` sees.
        public func firstVisible(at index: Int) -> Int { max(0, window.map { index - $0 + 1 } ?? 0) }
    }

    /// The layers from the first.
    public var layers: [Layer]

    /// An empty cache.
    public init(layers: Int) { self.layers = Array(repeating: Layer(), count: layers) }

    /// An empty cache of layers that see so many tokens each, or all.
    public init(windows: [Int?]) { layers = windows.map { Layer(window: $0) } }
}

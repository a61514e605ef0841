// The keys and values of the tokens that a decoder has read.

public import Tensors

/// The keys and values of one sequence, a layer each; a value, so that a beam's hypotheses share what they have in
/// common until they part.
public struct KVCache: Sendable {
    /// One layer's `[T, G·D]` keys and values, row after row.
    public struct Layer: Sendable {
        /// The keys, rotated to their positions.
        public var keys: [Float] = []
        /// The values.
        public var values: [Float] = []

        /// Adds the rows of new tokens: `[S, G·D]` each.
        public mutating func append(keys newKeys: Tensor, values newValues: Tensor) {
            keys += newKeys.values
            values += newValues.values
        }
    }

    /// The layers from the first.
    public var layers: [Layer]

    /// An empty cache.
    public init(layers: Int) { self.layers = Array(repeating: Layer(), count: layers) }
}

// The decoder that all causal architectures load: it reads vectors as well as tokens.

public import Layers
public import Tensors

/// A decoder-only transformer with a KV cache.
///
/// An architecture is what `Architectures/` puts together of these parts; see ``DecoderBlock``.
public struct DecoderModel: CausalModel {
    /// What an architecture loads.
    struct Parts: Sendable {
        /// The width W of the hidden states.
        let width: Int
        let embedding: TokenEmbedding
        /// Vectors that are added by position; nil where positions are rotations alone.
        var learnedPositions: LearnedPositions?
        /// The rotations that blocks choose from.
        var rotaries: [RotaryEmbedding] = []
        let blocks: [DecoderBlock]
        /// The norm after the last block.
        let normalization: Normalization?
        let output: OutputLayer
    }

    private let parts: Parts

    init(_ parts: Parts) { self.parts = parts }

    /// The width W of embeddings and hidden states.
    public var width: Int { parts.width }

    /// The number V of tokens.
    public var vocabularySize: Int { parts.embedding.count }

    /// How many positions the model knows; nil where it has a rotation for any.
    public var positionCount: Int? { parts.learnedPositions?.count }

    /// The length of a sequence from which on all of it must be read anew; nil where none is.
    public var rereadLength: Int? { parts.rotaries.compactMap(\.rereadLength).min() }

    /// A cache for a new sequence.
    public func makeCache() -> KVCache { KVCache(windows: parts.blocks.map(\.window)) }

    /// The tokens' embeddings: `[S] -> [S, W]`.
    public func embed(_ tokens: [Int]) -> Tensor { parts.embedding(tokens) }

    /// New input vectors of one sequence to hidden states after the last norm: `[S, W] -> [S, W]`.
    ///
    /// Row s stands at position `positions[s]` and sees the first `visible[s]` tokens of the sequence, those of the
    /// cache included, as far as a layer's window reaches; the cache grows by S.
    public func prefill(
        _ embeddings: Tensor, positions: [Int], visible: [Int], cache: inout KVCache
    ) -> Tensor {
        var hidden = parts.learnedPositions?.added(to: embeddings, positions) ?? embeddings
        let rotations = parts.rotaries.map { $0.rotations(positions) }
        for (index, block) in parts.blocks.enumerated() {
            hidden = block(hidden, rotations, visible: visible, cache: &cache.layers[index])
        }
        return parts.normalization?(hidden) ?? hidden
    }

    /// One new token for each of several sequences, of which each has its cache: `[B] -> [B, W]`.
    public func step(_ tokens: [Int], position: Int, caches: inout [KVCache]) -> Tensor {
        let positions = [Int](repeating: position, count: tokens.count)
        let embeddings = embed(tokens)
        var hidden = parts.learnedPositions?.added(to: embeddings, positions) ?? embeddings
        let rotations = parts.rotaries.map { $0.rotations(positions) }
        for (index, block) in parts.blocks.enumerated() {
            hidden = block.step(hidden, rotations, layer: index, caches: &caches)
        }
        return parts.normalization?(hidden) ?? hidden
    }

    /// Hidden states to scores of every token: `[S, W] -> [S, V]`.
    public func logits(_ hidden: Tensor) -> Tensor { parts.output(hidden) }
}

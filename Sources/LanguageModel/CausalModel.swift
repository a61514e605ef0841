// The language model, as the rest of a pipeline sees it, and the table of its variants.

public import Layers
public import Tensors

/// A causal language model that reads vectors as well as tokens, and remembers what it read in a KV cache.
public protocol CausalModel: Sendable {
    /// The width W of embeddings and hidden states.
    var width: Int { get }
    /// The number V of tokens.
    var vocabularySize: Int { get }

    /// A cache for a new sequence.
    func makeCache() -> KVCache

    /// The tokens' embeddings: `[S] -> [S, W]`.
    func embed(_ tokens: [Int]) -> Tensor

    /// Reads new input vectors of one sequence: `[S, W]` to hidden states after the last norm `[S, W]`.
    ///
    /// Row s stands at position `positions[s]` and sees the first `visible[s]` tokens of the sequence, those of the
    /// cache included; the cache grows by S.
    func prefill(_ embeddings: Tensor, positions: [Int], visible: [Int], cache: inout KVCache) -> Tensor

    /// Reads one new token for each of several sequences, of which each has its cache: `[B]` to hidden states `[B, W]`.
    func step(_ tokens: [Int], position: Int, caches: inout [KVCache]) -> Tensor

    /// Hidden states to scores of every token: `[S, W] -> [S, V]`.
    func logits(_ hidden: Tensor) -> Tensor
}

extension VariantTable<any CausalModel> {
    /// The language models that this package knows.
    public static var languageModels: VariantTable {
        VariantTable(
            role: "language model",
            [
                "llama": LlamaModel.init(_:precision:),
                "mistral": LlamaModel.init(_:precision:),
                "qwen2": LlamaModel.qwen2(_:precision:),
                "qwen3": LlamaModel.qwen3(_:precision:),
            ])
    }
}

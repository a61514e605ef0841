// The language model, as the rest of a pipeline sees it, and the table of its variants.

public import Layers
public import Tensors

/// A causal language model that reads vectors as well as tokens, and remembers what it read in a KV cache.
public protocol CausalModel: Sendable {
    /// The width W of embeddings and hidden states.
    var width: Int { get }
    /// The number V of tokens.
    var vocabularySize: Int { get }
    /// How many positions the model knows; nil where there is no end to them. At others its hidden states are NaN.
    var positionCount: Int? { get }
    /// The length of a sequence from which on all of it must be read anew (LongRoPE); nil where none is.
    var rereadLength: Int? { get }

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

extension CausalModel {
    /// No end.
    public var positionCount: Int? { nil }
    /// None.
    public var rereadLength: Int? { nil }
}

extension VariantTable<any CausalModel> {
    /// The language models that this package knows.
    public static var languageModels: VariantTable {
        VariantTable(
            role: "language model",
            [
                "llama": DecoderModel.llama(_:precision:),
                "mistral": DecoderModel.mistral(_:precision:),
                "qwen2": DecoderModel.qwen2(_:precision:),
                "qwen3": DecoderModel.qwen3(_:precision:),
                "gemma": DecoderModel.gemma(_:precision:),
                "gemma2": DecoderModel.gemma2(_:precision:),
                "gemma3_text": DecoderModel.gemma3(_:precision:),
                "phi3": DecoderModel.phi3(_:precision:),
                "gpt2": DecoderModel.gpt2(_:precision:),
                "opt": DecoderModel.opt(_:precision:),
            ])
    }
}

// A language model in two halves: one reads, the other writes.

public import Layers
public import Tensors

/// An encoder that reads a whole sequence in both directions, and a decoder that writes, looking at what it made of it.
public protocol SequenceToSequenceModel: Sendable {
    /// The width W of embeddings and hidden states.
    var width: Int { get }
    /// The number V of tokens.
    var vocabularySize: Int { get }
    /// The token that the decoder begins with.
    var startToken: Int { get }

    /// The tokens' embeddings: `[S] -> [S, W]`.
    func embed(_ tokens: [Int]) -> Tensor

    /// The encoder's hidden states of input vectors, which are tokens' embeddings or others: `[S, W] -> [S, W]`.
    func encode(_ embeddings: Tensor) -> Tensor

    /// A decoder's memory before its first token, looking at encoded vectors `[S, W]`.
    func makeMemory(of encoded: Tensor) -> DecoderMemory

    /// Reads the decoder's next token: to the hidden state `[1, W]` after the last norm.
    func step(_ token: Int, memory: inout DecoderMemory) -> Tensor

    /// Hidden states of the decoder to scores of every token: `[S, W] -> [S, V]`.
    func logits(_ hidden: Tensor) -> Tensor
}

/// What a decoder remembers: its own tokens' keys and values, and those of what it looks at.
public struct DecoderMemory: Sendable {
    /// The decoder's tokens.
    public var tokens: KVCache
    /// What the encoder made, a layer each; computed once.
    public let encoded: KVCache

    /// A memory of those.
    public init(tokens: KVCache, encoded: KVCache) { (self.tokens, self.encoded) = (tokens, encoded) }
}

extension VariantTable<any SequenceToSequenceModel> {
    /// The models of two halves that this package knows.
    public static var sequenceToSequenceModels: VariantTable {
        VariantTable(role: "encoder-decoder", ["t5": T5Model.init(_:precision:)])
    }
}

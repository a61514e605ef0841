// The language models "llama", "mistral", "qwen2" and "qwen3": one decoder, which reads vectors as well as tokens.

public import Layers
public import Tensors

/// A Llama-architecture decoder (Touvron et al. 2023; `LlamaForCausalLM` in transformers) with a KV cache.
public struct LlamaModel: CausalModel {
    /// The configuration that was loaded.
    public let configuration: LlamaConfiguration
    private let embedding: StoredWeights  // model.embed_tokens
    private let blocks: [LlamaBlock]  // model.layers
    private let normalization: RMSNorm  // model.norm
    private let output: Linear  // lm_head

    /// Loads the folder's config.json and model.safetensors; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        try self.init(folder, LlamaBlock.Variant(), precision: precision)
    }

    /// Qwen2: biases on queries, keys and values, unless config.json says otherwise, but none on the output.
    static func qwen2(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> LlamaModel {
        try LlamaModel(folder, LlamaBlock.Variant(hasInputBias: true, hasOutputBias: false), precision: precision)
    }

    /// Qwen3: each head's queries and keys are normalised.
    static func qwen3(_ folder: ComponentFolder, precision: Precision) throws(TensorFileError) -> LlamaModel {
        try LlamaModel(folder, LlamaBlock.Variant(normalizesHeads: true), precision: precision)
    }

    private init(
        _ folder: ComponentFolder, _ variant: LlamaBlock.Variant, precision: Precision
    ) throws(TensorFileError) {
        let configuration = try folder.configuration(LlamaConfiguration.self)
        try configuration.validate(in: folder)
        let weights = try folder.weights(precision: precision)
        let (width, vocabulary) = (configuration.width, configuration.vocabularySize)
        let rotary = RotaryEmbedding(headSize: configuration.headSize, theta: configuration.ropeTheta)
        self.configuration = configuration
        embedding = try weights["model", "embed_tokens"].weights("weight", outputs: vocabulary, inputs: width)
        var blocks: [LlamaBlock] = []
        for index in 0..<configuration.layers {
            blocks.append(try LlamaBlock(weights["model", "layers", index], configuration, variant, rotary: rotary))
        }
        self.blocks = blocks
        normalization = try RMSNorm(weights["model", "norm"], width: width, epsilon: configuration.normEpsilon)
        if configuration.tiesEmbeddings {
            output = Linear(embedding, bias: nil, precision: precision)
            weights.ignore("lm_head.weight")
        } else {
            output = try Linear(weights["lm_head"], inputs: width, outputs: vocabulary, bias: false)
        }
        try weights.requireAllUsed()
    }

    /// The width W of embeddings and hidden states.
    public var width: Int { configuration.width }

    /// The number V of tokens.
    public var vocabularySize: Int { configuration.vocabularySize }

    /// A cache for a new sequence.
    public func makeCache() -> KVCache { KVCache(layers: blocks.count) }

    /// The tokens' embeddings: `[S] -> [S, W]`.
    public func embed(_ tokens: [Int]) -> Tensor {
        var values: [Float] = []
        values.reserveCapacity(tokens.count * configuration.width)
        for token in tokens { embedding.appendRow(token, to: &values) }
        return Tensor(shape: [tokens.count, configuration.width], values: values)
    }

    /// New input vectors of one sequence to hidden states after the last norm: `[S, W] -> [S, W]`.
    ///
    /// Row s stands at rotary position `positions[s]` and sees the first `visible[s]` tokens of the sequence, those of
    /// the cache included; the cache grows by S.
    public func prefill(
        _ embeddings: Tensor, positions: [Int], visible: [Int], cache: inout KVCache
    ) -> Tensor {
        var hidden = embeddings
        for (index, block) in blocks.enumerated() {
            hidden = block(hidden, positions: positions, visible: visible, cache: &cache.layers[index])
        }
        return normalization(hidden)
    }

    /// One new token for each of several sequences, of which each has its cache: `[B] -> [B, W]`.
    public func step(_ tokens: [Int], position: Int, caches: inout [KVCache]) -> Tensor {
        var hidden = embed(tokens)
        let positions = [Int](repeating: position, count: tokens.count)
        for (index, block) in blocks.enumerated() {
            hidden = block.step(hidden, positions: positions, layer: index, caches: &caches)
        }
        return normalization(hidden)
    }

    /// Hidden states to scores of every token: `[S, W] -> [S, V]`.
    public func logits(_ hidden: Tensor) -> Tensor { output(hidden) }
}

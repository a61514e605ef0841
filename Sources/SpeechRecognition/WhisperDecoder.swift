// Whisper's decoder: from a window of sound and the tokens so far to scores of the next token.

public import Layers
public import Tensors

/// Whisper's text decoder (Radford et al. 2022; `WhisperDecoder` in transformers) with its output layer.
///
/// Keys and values of the sound are computed once a window (``remember(_:)``), those of tokens once a token.
public struct WhisperDecoder: Sendable {
    /// The configuration that was loaded.
    public let configuration: WhisperDecoderConfiguration
    private let embedding: StoredWeights  // model.decoder.embed_tokens
    private let positions: Tensor  // model.decoder.embed_positions
    private let blocks: [WhisperDecoderBlock]  // model.decoder.layers
    private let normalization: LayerNorm  // model.decoder.layer_norm
    private let output: OutputLayer  // proj_out, which most checkpoints leave to embed_tokens

    /// Loads config.json and the weights of a `WhisperForConditionalGeneration` of transformers, of which the encoder is
    /// left to whoever encodes; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration = try folder.configuration(WhisperDecoderConfiguration.self)
        try configuration.validate(in: folder)
        let checkpoint = try folder.weights(precision: precision)
        let weights = checkpoint["model", "decoder"]
        let (width, vocabulary) = (configuration.width, configuration.vocabularySize)
        self.configuration = configuration
        embedding = try weights["embed_tokens"].weights("weight", outputs: vocabulary, inputs: width)
        positions = try weights["embed_positions"].tensor("weight", shape: [configuration.maximumPositions, width])
        var blocks: [WhisperDecoderBlock] = []
        for index in 0..<configuration.layers {
            blocks.append(try WhisperDecoderBlock(weights["layers", index], configuration))
        }
        self.blocks = blocks
        normalization = try LayerNorm(weights["layer_norm"], width: width)
        if configuration.tiesEmbeddings == false {
            output = OutputLayer(
                try checkpoint["proj_out"].weights("weight", outputs: vocabulary, inputs: width), precision: precision)
        } else {
            output = OutputLayer(embedding, precision: precision)
            checkpoint.ignore("proj_out.weight")
        }
        checkpoint["model", "encoder"].ignoreAll()
        try checkpoint.requireAllUsed()
    }

    /// What every token looks at: the encoder's hidden states `[T, W]` as keys and values of every layer.
    public func remember(_ encoded: Tensor) -> SoundMemory {
        precondition(encoded.columns == configuration.width && encoded.rows > 0)
        return SoundMemory(layers: blocks.map { $0.remember(encoded) }, rows: Array(0..<encoded.rows))
    }

    /// Reads the first tokens of a transcript: `[S] -> [S, W]`, the hidden states after the last norm.
    public func read(_ tokens: [Int], hearing memory: SoundMemory) -> (hidden: Tensor, state: DecoderState) {
        precondition((1...configuration.maximumPositions).contains(tokens.count))
        var state = DecoderState(memory: memory, width: configuration.width)
        let rows = state.extend(0, by: tokens.count)
        var hidden = embed(tokens, at: Array(tokens.indices))
        for (index, block) in blocks.enumerated() {
            hidden = block.read(hidden, rows: rows, layer: index, state: &state)
        }
        return (normalization(hidden), state)
    }

    /// One more token of every hypothesis: `[B] -> [B, W]`.
    public func step(_ tokens: [Int], _ state: inout DecoderState) -> Tensor {
        precondition(tokens.count == state.count)
        let places = state.paths.map(\.count)
        let rows = tokens.indices.map { state.extend($0, by: 1)[0] }
        var hidden = embed(tokens, at: places)
        for (index, block) in blocks.enumerated() {
            hidden = block.step(hidden, rows: rows, layer: index, state: &state)
        }
        return normalization(hidden)
    }

    /// Hidden states to scores of every token: `[S, W] -> [S, V]`.
    public func logits(_ hidden: Tensor) -> Tensor { output(hidden) }

    private func embed(_ tokens: [Int], at places: [Int]) -> Tensor {
        let width = configuration.width
        var values: [Float] = []
        values.reserveCapacity(tokens.count * width)
        for token in tokens { embedding.appendRow(token, to: &values) }
        for (index, place) in places.enumerated() {
            let start = place * width
            for column in 0..<width { values[index * width + column] += positions.values[start + column] }
        }
        return Tensor(shape: [tokens.count, width], values: values)
    }
}

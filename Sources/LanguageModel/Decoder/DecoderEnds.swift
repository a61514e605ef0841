// What stands before the blocks of a decoder and after them.

import Layers
import Tensors

/// The vectors of tokens: `[S] -> [S, W]`.
struct TokenEmbedding: Sendable {
    let weights: StoredWeights
    /// What the vectors are multiplied with (Gemma's √W).
    var scale: Float = 1
    /// A map from a smaller width to W (OPT 350M).
    var projection: Linear?

    /// The number V of tokens.
    var count: Int { weights.outputs }

    func callAsFunction(_ tokens: [Int]) -> Tensor {
        var values: [Float] = []
        values.reserveCapacity(tokens.count * weights.inputs)
        for token in tokens { weights.appendRow(token, to: &values) }
        var embeddings = Tensor(shape: [tokens.count, weights.inputs], values: values)
        if scale != 1 { embeddings *= scale }
        return projection?(embeddings) ?? embeddings
    }
}

/// A vector for each position, which is added to the token's.
struct LearnedPositions: Sendable {
    let weights: StoredWeights
    /// The row of position 0 (2 in OPT).
    let offset: Int

    /// How many positions there are.
    var count: Int { weights.outputs - offset }

    /// The embeddings with those of their positions added: `[S, W] -> [S, W]`.
    ///
    /// A position beyond the last has no vector: its row becomes NaN, which decoders report, as it would be wrong to
    /// take another position's.
    func added(to embeddings: Tensor, _ positions: [Int]) -> Tensor {
        var values: [Float] = []
        values.reserveCapacity(embeddings.values.count)
        for position in positions {
            if (0..<count).contains(position) {
                weights.appendRow(position + offset, to: &values)
            } else {
                values.append(contentsOf: repeatElement(.nan, count: weights.inputs))
            }
        }
        var sum = Tensor(shape: embeddings.shape, values: values)
        sum += embeddings
        return sum
    }
}

/// Hidden states to scores of every token: `[S, W] -> [S, V]`.
struct OutputLayer: Sendable {
    /// A map to a smaller width, where the embeddings have one.
    var projection: Linear?
    let scores: Linear
    /// What scores are pressed below.
    var softCap: Float?

    func callAsFunction(_ hidden: Tensor) -> Tensor {
        var logits = scores(projection?(hidden) ?? hidden)
        if let softCap {
            logits.values.withUnsafeMutableBufferPointer { values in
                guard let start = values.baseAddress else { return }
                press(start, count: values.count, below: softCap)
            }
        }
        return logits
    }
}

extension OutputLayer {
    /// The scores by "lm_head.weight", or by the embedding where both are one: `[V, inputs]`.
    static func scores(
        _ weights: WeightScope, tiedTo embedding: StoredWeights?, inputs: Int, outputs: Int
    ) throws(TensorFileError) -> Linear {
        guard let embedding else {
            return try Linear(weights["lm_head"], inputs: inputs, outputs: outputs, bias: false)
        }
        weights.ignore("lm_head.weight")
        return Linear(embedding, bias: nil, precision: weights.precision)
    }
}

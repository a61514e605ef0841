// One block of BEATs: self-attention that knows distances, and a feed-forward layer, each added.

import Layers
import Tensors

/// A transformer block with gated relative positions: `[T, W] -> [T, W]`.
///
/// Reference: `TransformerSentenceEncoderLayer` and `MultiheadAttention` (microsoft/unilm, beats/backbone.py).
struct BEATsBlock: Sendable {
    private let heads: Int
    private let isPreNorm: Bool
    private let residualWeight: Float
    private let queriesKeysValues: Linear  // self_attn.q_proj, k_proj, v_proj
    private let attentionOutput: Linear  // self_attn.out_proj
    private let gates: RelativePositionGates?  // self_attn.grep_linear, grep_a
    private let attentionNorm: LayerNorm  // self_attn_layer_norm
    private let feedForward: FeedForward  // fc1, fc2
    private let finalNorm: LayerNorm  // final_layer_norm

    init(_ weights: WeightScope, _ configuration: BEATsConfiguration) throws(TensorFileError) {
        let width = configuration.width
        let attention = weights["self_attn"]
        (heads, isPreNorm, residualWeight) = (
            configuration.heads, configuration.isPreNorm, configuration.residualWeight
        )
        queriesKeysValues = try Linear(
            stacking: [attention["q_proj"], attention["k_proj"], attention["v_proj"]],
            inputs: width, outputs: [width, width, width], biases: [true, true, true])
        attentionOutput = try Linear(attention["out_proj"], inputs: width, outputs: width)
        gates =
            configuration.gatesRelativePositions
            ? try RelativePositionGates(attention, heads: heads, headSize: width / heads) : nil
        attentionNorm = try LayerNorm(weights["self_attn_layer_norm"], width: width)
        feedForward = try FeedForward(
            up: weights["fc1"], down: weights["fc2"], inputs: width, hidden: configuration.feedForwardWidth,
            outputs: width, activation: .gelu)
        finalNorm = try LayerNorm(weights["final_layer_norm"], width: width)
    }

    /// `distances` are the biases of all distances between patches, nil where attention knows none.
    func callAsFunction(_ x: Tensor, distances: RelativePositions.Biases?) -> Tensor {
        if isPreNorm {
            let attended = x + attend(attentionNorm(x), distances)
            return attended + feedForward(finalNorm(attended))
        }
        let attended = attentionNorm(weighted(x) + attend(x, distances))
        return finalNorm(weighted(attended) + feedForward(attended))
    }

    private func weighted(_ x: Tensor) -> Tensor {
        guard residualWeight != 1 else { return x }
        var x = x
        x *= residualWeight
        return x
    }

    private func attend(_ x: Tensor, _ distances: RelativePositions.Biases?) -> Tensor {
        let projected = queriesKeysValues(x)
        guard let distances else { return attentionOutput(selfAttention(projected, heads: heads)) }
        let gates = gates?(projected)
        let heads = heads
        return attentionOutput(
            attention(stacked: projected, heads: heads) { head, query, scores in
                distances.add(to: scores, head: head, query: query, times: gates?.values[query * heads + head] ?? 1)
            })
    }
}

/// How much a query makes of distances, head by head: gated like a GRU's reset (Chi et al. 2022, XLM-E; WavLM).
private struct RelativePositionGates: Sendable {
    private let weight: Tensor  // grep_linear.weight [8, D], of which four rows each are added up: [2, D]
    private let bias: [Float]  // grep_linear.bias, added up as well
    private let scale: [Float]  // grep_a [1, H, 1, 1]
    private let heads: Int

    init(_ attention: WeightScope, heads: Int, headSize: Int) throws(TensorFileError) {
        let rows = try attention["grep_linear"].tensor("weight", shape: [8, headSize])
        let biases = try attention["grep_linear"].vector("bias", count: 8)
        var sums = Tensor(zeros: 2, headSize)
        for row in 0..<8 {
            for (column, value) in rows.row(row).enumerated() { sums.values[row / 4 * headSize + column] += value }
        }
        weight = sums
        bias = [biases[..<4].reduce(0, +), biases[4...].reduce(0, +)]
        scale = try attention.tensor("grep_a", shape: [1, heads, 1, 1]).values
        self.heads = heads
    }

    /// Queries, in the first W of the columns, to their gates: `[T, 3·W] -> [T, H]`.
    func callAsFunction(_ projected: Tensor) -> Tensor {
        let headSize = weight.columns
        var gates = Tensor(zeros: projected.rows, heads)
        projected.values.withUnsafeBufferPointer { source in
            for row in 0..<projected.rows {
                for head in 0..<heads {
                    let query = source.baseAddress! + row * projected.columns + head * headSize
                    var (a, b) = (bias[0], bias[1])
                    for index in 0..<headSize {
                        a += query[index] * weight.values[index]
                        b += query[index] * weight.values[headSize + index]
                    }
                    gates.values[row * heads + head] = sigmoid(a) * (sigmoid(b) * scale[head] - 1) + 2
                }
            }
        }
        return gates
    }

    private func sigmoid(_ x: Float) -> Float { 1 / (1 + exponential(SIMD8(repeating: -x))[0]) }
}

// The head's cross-attention, folded into two maps for a context that all queries share.

internal import Layers
internal import Tensors

/// The weights of the cross-attention from a query position to a shape's tokens.
struct FieldAttention: Sendable {
    private let query: Tensor  // query.weight [H, H]
    private let queryBias: Tensor  // query.bias [H, 1]
    private let key: Linear  // key
    private let value: Linear  // value
    private let output: Tensor  // output.weight [H, H]
    private let outputBias: [Float]  // output.bias
    private let width: Int
    private let heads: Int

    init(_ scope: WeightScope, width: Int, contextWidth: Int, heads: Int) throws(TensorFileError) {
        query = try scope["query"].tensor("weight", shape: [width, width])
        queryBias = try scope["query"].tensor("bias", shape: [width])
        key = try Linear(scope["key"], inputs: contextWidth, outputs: width)
        value = try Linear(scope["value"], inputs: contextWidth, outputs: width)
        output = try scope["output"].tensor("weight", shape: [width, width])
        outputBias = try scope["output"].vector("bias", count: width)
        (self.width, self.heads) = (width, heads)
    }

    /// The attention to a shape's tokens `[L, W]`.
    ///
    /// The scores of head h are (x·Wqᵀ + b)·kₕᵀ/√D = x·(kₕ·Wq/√D)ᵀ + kₕ·b/√D, linear in x; the output, likewise, is
    /// linear in the attention weights. With L tokens and `heads` heads that is two maps of H × heads·L.
    func folded(over context: Tensor, precision: Precision) -> FoldedAttention {
        let (keys, values) = (key(context), value(context))
        let (tokens, size) = (context.rows, width / heads)
        let scale = 1 / Float(size).squareRoot()
        var scores = Tensor(zeros: heads * tokens, width)
        var bias = [Float](repeating: 0, count: heads * tokens)
        var mixing = Tensor(zeros: width, heads * tokens)
        for head in 0..<heads {
            let first = head * size
            keys.values.withUnsafeBufferPointer { keys in
                query.values.withUnsafeBufferPointer { query in
                    scores.values.withUnsafeMutableBufferPointer { scores in
                        generalProduct(
                            rows: tokens, inner: size, columns: width, scale: scale,
                            keys.baseAddress! + first, stride: width,
                            query.baseAddress! + first * width, stride: width, transposingB: false,
                            into: scores.baseAddress! + head * tokens * width, stride: width)
                    }
                }
                for token in 0..<tokens {
                    var sum: Float = 0
                    for index in first..<first + size { sum += keys[token * width + index] * queryBias.values[index] }
                    bias[head * tokens + token] = sum * scale
                }
            }
            output.values.withUnsafeBufferPointer { output in
                values.values.withUnsafeBufferPointer { values in
                    mixing.values.withUnsafeMutableBufferPointer { mixing in
                        generalProduct(
                            rows: width, inner: size, columns: tokens, output.baseAddress! + first, stride: width,
                            values.baseAddress! + first, stride: width, transposingB: true,
                            into: mixing.baseAddress! + head * tokens, stride: heads * tokens)
                    }
                }
            }
        }
        return FoldedAttention(
            scores: PackedWeights(.f32(scores), bias: bias, precision: precision),
            mixing: PackedWeights(.f32(mixing), bias: outputBias, precision: precision),
            heads: heads, tokens: tokens)
    }
}

/// Cross-attention to fixed tokens: a map to the scores, softmax a head, a map to the output.
struct FoldedAttention: Sendable {
    /// `[Q, H] -> [Q, heads·L]`
    let scores: PackedWeights
    /// `[Q, heads·L] -> [Q, H]`
    let mixing: PackedWeights
    let heads: Int
    let tokens: Int
}

// How a shape's quantised latents stand as tokens.

import Layers
public import Tensors

/// The alphabets of a shape's codes; "codes" in the code writer's config.json.
///
/// A shape is L latents of an anchor xyz and F features, five tokens per latent: x, y, z in `positions` steps of a box,
/// then two of F/2 features each, whose levels are base-`levels` digits, the first feature the most significant. Id 0
/// begins a shape; positions follow from 1, feature tokens after them. Reference:
/// `sonoform_training.language_model.codes`.
public struct CodeLayout: Codable, Sendable, Equatable {
    /// The number of latents L.
    public let latents: Int
    /// The number of features F of a latent.
    public let features: Int
    /// The levels of a feature, evenly from -1 to 1.
    public let levels: Int
    /// The steps of an anchor's axis.
    public let positions: Int
    /// The corner of the anchors' box where all positions are the first.
    public let lower: [Float]
    /// The corner where all are the last.
    public let upper: [Float]

    static let begin = 0
    private static let axes = 3
    private static let tokensALatent = 5

    /// [L, 3 + F], the shape of an object's latents.
    public var latentShape: [Int] { [latents, Self.axes + features] }

    /// The tokens of a shape.
    public var length: Int { latents * Self.tokensALatent }

    /// The ids that a shape's token at `place` in 0 ..< `length` can be.
    func alphabet(at place: Int) -> Range<Int> {
        place % Self.tokensALatent < Self.axes
            ? 1..<1 + positions : 1 + positions..<1 + positions + (featureTokens ?? 0)
    }

    /// levels^(F/2), the feature tokens; nil where that overflows.
    private var featureTokens: Int? {
        var count = 1
        for _ in 0..<features / 2 {
            let (product, overflow) = count.multipliedReportingOverflow(by: levels)
            if overflow { return nil }
            count = product
        }
        return count
    }

    /// Whether ids are a shape's: as many as it has, each of its place's alphabet.
    public func accepts(_ ids: [Int]) -> Bool {
        ids.count == length && ids.indices.allSatisfy { alphabet(at: $0).contains(ids[$0]) }
    }

    /// A shape's ids as latents: `[5·L] -> [L, 3 + F]`.
    public func latents(of ids: [Int]) -> Tensor {
        precondition(accepts(ids))
        var values: [Float] = []
        values.reserveCapacity(latents * (Self.axes + features))
        for latent in stride(from: 0, to: length, by: Self.tokensALatent) {
            for axis in 0..<Self.axes {
                let share = Float(ids[latent + axis] - 1) / Float(positions - 1)
                values.append(lower[axis] + share * (upper[axis] - lower[axis]))
            }
            for token in ids[latent + Self.axes..<latent + Self.tokensALatent] {
                values += digits(of: token - 1 - positions).map { Float($0) * 2 / Float(levels - 1) - 1 }
            }
        }
        return Tensor(shape: [latents, Self.axes + features], values: values)
    }

    /// The levels of half of a latent's features.
    private func digits(of number: Int) -> [Int] {
        var (digits, rest) = ([Int](repeating: 0, count: features / 2), number)
        for index in digits.indices.reversed() {
            digits[index] = rest % levels
            rest /= levels
        }
        return digits
    }

    /// Throws `TensorFileError` unless every size lies where it can.
    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.require("codes.latents", latents, in: 1...4_096)
        try folder.require("codes.features", features, in: 2...1_024)
        try folder.require(features % 2 == 0, "an even codes.features", got: "\(features)")
        try folder.require("codes.levels", levels, in: 2...65_536)
        try folder.require("codes.positions", positions, in: 2...65_536)
        for (name, corner) in [("lower", lower), ("upper", upper)] {
            try folder.require(
                corner.count == Self.axes && corner.allSatisfy { abs($0) <= 100 },
                "codes.\(name) to be three numbers from -100 to 100", got: "\(corner)")
        }
        try folder.require(
            zip(lower, upper).allSatisfy { $0 < $1 }, "codes.lower below codes.upper", got: "\(lower) and \(upper)")
        try folder.require(
            featureTokens.map { $0 < 1 << 24 } ?? false, "codes.levels^(codes.features / 2) below 2^24",
            got: "\(levels)^\(features / 2)")
    }

    /// Throws `TensorFileError` unless the alphabets fill a valid layout's vocabulary.
    func require(vocabularySize: Int, in folder: ComponentFolder) throws(TensorFileError) {
        let tokens = 1 + positions + (featureTokens ?? 0)
        try folder.require(
            vocabularySize == tokens,
            "vocab_size 1 + codes.positions + codes.levels^(codes.features / 2) = \(tokens)", got: "\(vocabularySize)")
    }
}

// From config.json's rotary parameters to frequencies: every scaling that transformers has for these architectures.

import Layers
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// What a scaling needs to know of the model.
struct RopeContext {
    let headSize: Int
    let defaultTheta: Double
    /// "max_position_embeddings", where there is one.
    let positions: Int?
    /// The length of sequences in training, where the model says it beside the scaling.
    var trainedPositions: Int?
    /// Names under which the architecture's files call "longrope".
    var longNames = ["longrope"]
}

/// One kind of layers' rotary parameters (transformers' `modeling_rope_utils`).
struct RopeScaling {
    private let parameters: RopeConfiguration.Parameters?
    private let context: RopeContext
    private let folder: ComponentFolder
    private let theta: Double
    private let dimensions: Int

    /// Throws `TensorFileError` where frequencies cannot be computed.
    init(
        _ parameters: RopeConfiguration.Parameters?, theta: Double?, partialFactor: Double?, _ context: RopeContext,
        in folder: ComponentFolder
    ) throws(TensorFileError) {
        (self.parameters, self.context, self.folder) = (parameters, context, folder)
        if let key = parameters?.unknown.first {
            throw TensorFileError(
                path: folder.configurationPath, expected: "rope parameters that are known", got: "\"\(key)\"")
        }
        let theta = parameters?.theta ?? theta ?? context.defaultTheta
        try folder.require(theta > 1 && theta < 1e12, "rope_theta above 1", got: "\(theta)")
        let share = parameters?.partialFactor ?? partialFactor ?? 1
        try folder.require(share > 0 && share <= 1, "partial_rotary_factor above 0, to 1", got: "\(share)")
        let dimensions = Int(Double(context.headSize) * share)
        try folder.require(
            dimensions >= 2 && dimensions % 2 == 0, "an even number of rotated elements of a head",
            got: "\(dimensions) of head_dim \(context.headSize)")
        (self.theta, self.dimensions) = (theta, dimensions)
    }

    /// The rotations; throws `TensorFileError` for a scaling that is not known or lacks a number.
    func embedding() throws(TensorFileError) -> RotaryEmbedding {
        let type = parameters?.type ?? "default"
        if context.longNames.contains(type) { return try long() }
        switch type {
        case "default": return embedding(.fixed(rotaryFrequencies(theta: theta, dimensions: dimensions)))
        case "linear": return try linear()
        case "dynamic": return try dynamic()
        case "llama3": return try llama3()
        case "yarn": return try yarn()
        default:
            throw TensorFileError(
                path: folder.configurationPath,
                expected: "rope_type default, linear, dynamic, yarn, longrope or llama3", got: "\"\(type)\"")
        }
    }

    private func embedding(_ frequencies: RotaryFrequencies, magnitude: Double = 1) -> RotaryEmbedding {
        RotaryEmbedding(headSize: context.headSize, frequencies: frequencies, magnitude: magnitude)
    }

    private func positive(_ name: String, _ value: Double?) throws(TensorFileError) -> Double {
        try folder.require(
            value.map { $0 > 0 && $0 < 1e12 } ?? false, "\(name) of rope above 0", got: value.map { "\($0)" } ?? "none")
        return value ?? 1
    }

    private var positions: Double? { context.positions.map(Double.init) }

    /// The length of sequences in training.
    private func trainedLength() throws(TensorFileError) -> Double {
        let length = context.trainedPositions.map(Double.init) ?? parameters?.trainedPositions ?? positions
        try folder.require(
            length.map { $0 > 1 && $0 < 1e12 } ?? false, "original_max_position_embeddings above 1",
            got: length.map { "\($0)" } ?? "none")
        return length ?? 1
    }

    private func linear() throws(TensorFileError) -> RotaryEmbedding {
        let factor = try positive("factor", parameters?.factor)
        return embedding(.fixed(rotaryFrequencies(theta: theta, dimensions: dimensions).map { $0 / factor }))
    }

    private func dynamic() throws(TensorFileError) -> RotaryEmbedding {
        let factor = try positive("factor", parameters?.factor)
        try folder.require(factor >= 1, "factor of rope at least 1", got: "\(factor)")
        try folder.require(dimensions >= 4, "at least 4 rotated elements of a head", got: "\(dimensions)")
        let limit = Int(try positive("max_position_embeddings", positions))
        return embedding(.dynamic(theta: theta, factor: factor, limit: limit, dimensions: dimensions))
    }

    private func llama3() throws(TensorFileError) -> RotaryEmbedding {
        let low = try positive("low_freq_factor", parameters?.lowFactor)
        let high = try positive("high_freq_factor", parameters?.highFactor)
        try folder.require(low < high, "low_freq_factor below high_freq_factor", got: "\(low) and \(high)")
        return embedding(
            .llama3(
                theta: theta, dimensions: dimensions, factor: try positive("factor", parameters?.factor), low: low,
                high: high, length: try trainedLength()))
    }

    private func long() throws(TensorFileError) -> RotaryEmbedding {
        let length = try trainedLength()
        func factors(_ name: String, _ list: [Double]?) throws(TensorFileError) -> [Double] {
            let isGood = list.map { $0.count == dimensions / 2 && $0.allSatisfy { $0 > 0 && $0 < 1e12 } } ?? false
            try folder.require(
                isGood, "\(name) of \(dimensions / 2) numbers above 0", got: list.map { "\($0.count)" } ?? "none")
            return rotaryFrequencies(theta: theta, dimensions: dimensions, dividedBy: list)
        }
        let (short, long) = (
            try factors("short_factor", parameters?.shortFactors), try factors("long_factor", parameters?.longFactors)
        )
        let magnitude: Double
        if let given = parameters?.attentionFactor {
            magnitude = try positive("attention_factor", given)
        } else {
            let factor = try stretch(length)
            magnitude = factor <= 1 ? 1 : (1 + log(factor) / log(length)).squareRoot()
        }
        return embedding(.long(short: short, long: long, limit: Int(length)), magnitude: magnitude)
    }

    private func yarn() throws(TensorFileError) -> RotaryEmbedding {
        let length = try trainedLength()
        let factor = try stretch(length)
        func scale(_ weight: Double) -> Double { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
        let magnitude: Double
        if let given = parameters?.attentionFactor {
            magnitude = try positive("attention_factor", given)
        } else if let own = parameters?.mscale, let all = parameters?.mscaleAllDimensions, own != 0, all != 0 {
            magnitude = scale(own) / scale(all)
        } else {
            magnitude = scale(1)
        }
        // Zero stands for the default, as none does.
        func turns(_ name: String, _ value: Double?, _ usual: Double) throws(TensorFileError) -> Double {
            try positive(name, value == 0 ? usual : value ?? usual)
        }
        return embedding(
            .yarn(
                theta: theta, dimensions: dimensions, factor: factor,
                fast: try turns("beta_fast", parameters?.betaFast, 32),
                slow: try turns("beta_slow", parameters?.betaSlow, 1), length: length,
                truncates: parameters?.truncates ?? true),
            magnitude: magnitude)
    }

    /// How much longer sequences may be than those in training.
    private func stretch(_ length: Double) throws(TensorFileError) -> Double {
        if let factor = parameters?.factor { return try positive("factor", factor) }
        return try positive("max_position_embeddings", positions) / length
    }
}

extension RopeConfiguration {
    /// The rotations where all layers have the same; throws `TensorFileError`.
    func embedding(_ context: RopeContext, in folder: ComponentFolder) throws(TensorFileError) -> RotaryEmbedding {
        try folder.require(full == nil && sliding == nil, "one set of rope parameters", got: "one for kinds of layers")
        try folder.refuse("rope_local_base_freq", localTheta != nil)
        return try RopeScaling(common, theta: theta, partialFactor: partialFactor, context, in: folder).embedding()
    }
}

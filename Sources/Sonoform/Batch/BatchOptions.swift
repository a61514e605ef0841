// What the bytes of a batch's output depend on besides the recordings and the pipeline.

import AudioFeatures
import PointClouds
import Tensors

/// How a batch converts its recordings; kept in the report, so that a later run knows what was made how.
public struct BatchOptions: Codable, Sendable, Equatable {
    /// How many points a cloud has.
    public var points = 4_096
    /// What the shapes' freedom is drawn from.
    public var seed: UInt64 = 0
    /// The steps of the flow; nil for the model's own.
    public var steps: Int?
    /// The flow's guidance; nil for the model's own.
    public var guidance: Float?
    /// What the shapes are made of.
    public var signals = ModalitySignals.continuous
    /// The number format of the matrix products, "f32" or "bf16".
    public var precision = Precision.native.rawValue
    /// The files' format, a `CloudFormat`'s name.
    public var format = CloudFormat.ply.rawValue
    /// Whether a picture of every cloud is drawn.
    public var picture = false
    /// The silence that ends an utterance.
    public var pauseSeconds = UtteranceSplitting().pauseSeconds
    /// Whether a recording's utterances become one scene.
    public var join = false

    enum CodingKeys: String, CodingKey {
        case points, seed, steps, guidance, signals, precision, format, picture, join
        case pauseSeconds = "pause_seconds"
    }

    /// The defaults of `convert`.
    public init() {}

    /// Reads a report's options; one from before there was a choice of signals has none.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        points = try values.decode(Int.self, forKey: .points)
        seed = try values.decode(UInt64.self, forKey: .seed)
        steps = try values.decodeIfPresent(Int.self, forKey: .steps)
        guidance = try values.decodeIfPresent(Float.self, forKey: .guidance)
        signals = try values.decodeIfPresent(ModalitySignals.self, forKey: .signals) ?? .continuous
        precision = try values.decode(String.self, forKey: .precision)
        format = try values.decode(String.self, forKey: .format)
        picture = try values.decode(Bool.self, forKey: .picture)
        pauseSeconds = try values.decode(Double.self, forKey: .pauseSeconds)
        join = try values.decode(Bool.self, forKey: .join)
    }

    var conversion: ConversionOptions {
        ConversionOptions(points: points, seed: seed, steps: steps, guidance: guidance, signals: signals)
    }

    var splitting: UtteranceSplitting { UtteranceSplitting(pauseSeconds: pauseSeconds) }
}

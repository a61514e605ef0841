// What a conversion is asked for.

import AtomicFiles
import Surfaces
import Tensors

/// How a point cloud is to be made.
public struct ConversionOptions: Codable, Sendable, Equatable {
    /// How many points the cloud has, all objects together.
    public var points: Int
    /// What the shape's freedom is drawn from: the same seed gives the same cloud.
    public var seed: UInt64
    /// The steps of the generator's flow; nil for the model's own number.
    public var steps: Int?
    /// How strongly the description guides the flow: 1 is plain, nil the model's own strength.
    public var guidance: Float?
    /// What the objects' shapes are made of; discrete signals need a pipeline that can write them, and have neither
    /// steps nor guidance.
    public var signals: ModalitySignals
    /// Whether every normal is made sure of to point out of its shape; nil for as the generator gives them, which is
    /// right but for single points.
    public var outwardNormals: Bool?
    /// How closed surfaces are made, whose points the cloud then has; nil for a cloud alone.
    public var surface: SurfaceOptions?
    /// Below this probability of being right, 0 to 1, what was heard or read is refused; nil for the pipeline's own.
    public var leastConfidence: Float?
    /// Whether an object that is only a kind of one that the pipeline makes is refused; nil for no.
    public var strict: Bool?

    enum CodingKeys: String, CodingKey {
        case points, seed, steps, guidance, signals
        case surface, strict
        case leastConfidence = "least_confidence"
        case outwardNormals = "outward_normals"
    }

    /// The defaults: 4,096 points, seed 0, steps and guidance as the model was made for, continuous signals.
    public init(
        points: Int = 4_096, seed: UInt64 = 0, steps: Int? = nil, guidance: Float? = nil,
        signals: ModalitySignals = .continuous, leastConfidence: Float? = nil, outwardNormals: Bool? = nil,
        surface: SurfaceOptions? = nil, strict: Bool? = nil
    ) {
        (self.points, self.seed, self.steps, self.guidance) = (points, seed, steps, guidance)
        (self.signals, self.leastConfidence) = (signals, leastConfidence)
        (self.outwardNormals, self.surface) = (outwardNormals, surface)
        self.strict = strict
    }

    /// What of it concerns understanding.
    public var understanding: UnderstandingOptions {
        UnderstandingOptions(leastConfidence: leastConfidence, isStrict: strict == true)
    }
}

/// How the model tells the generator what an object's shape is.
public enum ModalitySignals: String, Codable, Sendable, CaseIterable {
    /// The projected hidden states at the signal tokens condition the flow, which makes the latents from noise.
    case continuous
    /// A small language model reads the same conditions and writes the latents as quantised codes: nothing is drawn
    /// but where the points lie.
    case discrete
}

extension Pipeline {
    /// Throws for options that this pipeline does not have, before anything is converted.
    ///
    /// - Parameters:
    ///   - options: what a conversion would be asked for.
    ///   - source: what the error calls the input; nil for the pipeline's folder.
    public func check(_ options: ConversionOptions, source: String? = nil) throws(SonoformError) {
        let source = source ?? directory.printable
        let require = Requirement { SonoformError(.unsupportedOption, source: source, expected: $0, got: $1) }
        try require((1...100_000_000).contains(options.points), "1 to 100000000 points", got: "\(options.points)")
        try require((1...1_000).contains(options.steps ?? 1), "1 to 1000 steps", got: "\(options.steps ?? 1)")
        try require(
            (0...100).contains(options.guidance ?? 1), "a guidance of 0 to 100", got: "\(options.guidance ?? 1)")
        let least = options.leastConfidence ?? 0
        try require((0...1).contains(least), "a least confidence of 0 to 1", got: "\(least)")
        try require(
            least == 0 || manifest.confidence != nil, "a pipeline that tells its confidence", got: "one that does not")
        if let surface = options.surface {
            let range = SurfaceExtraction.triangleRange
            try require(
                range.contains(surface.triangles), "\(range.lowerBound) to \(range.upperBound) triangles",
                got: "\(surface.triangles)")
            let size = surface.millimetres ?? 1
            try require((0.01...1e7).contains(size), "a size of 0.01 mm to 10 km", got: "\(size) mm")
        }
        guard options.signals == .discrete else { return }
        try require(
            codeWriter != nil, "a pipeline with a code_writer, for discrete signals", got: "one without")
        let flows = [options.steps.map { "steps \($0)" }, options.guidance.map { "guidance \($0)" }]
        try require(
            flows.allSatisfy { $0 == nil }, "no steps and no guidance, the flow's, for discrete signals",
            got: flows.compactMap(\.self).joined(separator: " and "))
    }
}

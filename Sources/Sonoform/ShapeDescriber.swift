// The way back: from a point cloud to its description.

import InputProjector
import LanguageModel
import Layers
import ModalityEncoder
import PointClouds
import Tensors

/// Says what a point cloud shows: its points go through the point encoder and its projector to the language model.
struct ShapeDescriber: Sendable {
    /// What one object of a cloud was said to be.
    struct DescribedObject: Sendable {
        /// The block of the language model's reply.
        let block: Reply.Object
        /// The mean log-probability of a written word; 0 is certainty.
        let confidence: Float
        /// Whether the cloud has colours.
        let coloursAreKnown: Bool
    }

    private let encoder: any PointEncoder
    private let projector: any PointProjector
    private let decoder: ReplyDecoder
    /// The least confidence with which a description is believed.
    private let minimumConfidence: Float

    /// Loads what a pipeline needs for it; throws `TensorFileError`, also for a pipeline that cannot describe clouds.
    init(_ pipeline: Pipeline, precision: Precision = .native) throws(TensorFileError) {
        guard pipeline.manifest.components.contains(.pointEncoder) else {
            throw TensorFileError(
                path: pipeline.directory, expected: "a pipeline with a point_encoder and a point_projector",
                got: "one without")
        }
        let projectorFolder = Component.pointProjector.folder(in: pipeline.directory)
        encoder = try pipeline.variants.pointEncoders.load(
            Component.pointEncoder.folder(in: pipeline.directory), precision: precision)
        projector = try pipeline.variants.pointProjectors.load(projectorFolder, precision: precision)
        decoder = pipeline.decoder
        minimumConfidence = pipeline.manifest.decoding.minimumSeenLogProbability
        let width = decoder.model.width
        try projectorFolder.require(
            projector.inputWidth == encoder.latentWidth,
            "latents of width \(encoder.latentWidth), as the point encoder's", got: "\(projector.inputWidth)")
        try projectorFolder.require(
            projector.outputWidth == width, "vectors of width \(width), as the language model reads",
            got: "\(projector.outputWidth)")
    }

    /// Describes every object of a cloud, in the order of their numbers, wherever it is and whatever its unit.
    ///
    /// Points far from all others and a floor do not count; the assumptions name what was taken for granted.
    ///
    /// - Parameters:
    ///   - source: what errors call the cloud, its path for instance.
    ///   - unit: how many of the cloud's units are as long as a medium object; nil to find it by the objects' sizes.
    /// - Throws: ``SonoformError`` for a cloud with too few points or in a unit that nobody can tell, and where no object
    ///   is recognised with confidence.
    func callAsFunction(
        _ cloud: PointCloud, source: String, unit: Double?
    ) throws(SonoformError) -> (found: [DescribedObject], assumptions: [String]) {
        guard cloud.count > 0 else {
            throw SonoformError(.noPoints, source: source, expected: "points", got: "none")
        }
        var found: [DescribedObject] = []
        let (views, assumptions) = ObjectView.views(of: cloud, unit: unit)
        for view in views {
            if let fault = view.fault {
                let (expected, got) = fault.expectation
                throw SonoformError(.notADescription, source: source, expected: expected, got: got)
            }
            let (latents, longestSide) = encoder(view.cloud.rows)
            let reply: Reply
            do {
                reply = try decoder.reply(seen: projector(latents, longestSide: longestSide))
            } catch {
                throw .damagedPipeline(decoder.tokenizer.path, got: "scores of NaN", source: source)
            }
            let confidence = reply.logProbability / Float(reply.transcript.count + 1)
            guard let block = reply.objects.first, confidence >= minimumConfidence else {
                throw SonoformError(
                    .notADescription, source: source, expected: "an object of the description language",
                    got: "an unknown shape")
            }
            found.append(
                DescribedObject(block: block, confidence: confidence, coloursAreKnown: cloud.colours != nil))
        }
        return (found, assumptions.map(\.description))
    }
}

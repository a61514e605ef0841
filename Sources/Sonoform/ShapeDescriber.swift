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
    struct Finding: Sendable {
        /// The block of the language model's reply.
        let block: Reply.Object
        /// The mean log-probability of a written word; 0 is certainty.
        let confidence: Float
    }

    private let encoder: any PointEncoder
    private let projector: any PointProjector
    private let decoder: ReplyDecoder

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
        let width = decoder.model.width
        try projectorFolder.require(
            projector.inputWidth == encoder.latentWidth,
            "latents of width \(encoder.latentWidth), as the point encoder's", got: "\(projector.inputWidth)")
        try projectorFolder.require(
            projector.outputWidth == width, "vectors of width \(width), as the language model reads",
            got: "\(projector.outputWidth)")
    }

    /// Describes every object of a cloud, in the order of their numbers.
    ///
    /// - Parameter source: what errors call the cloud, its path for instance.
    /// - Throws: ``SonoformError`` for a cloud without points, and where no object of the language is recognised.
    func callAsFunction(_ cloud: PointCloud, source: String) throws(SonoformError) -> [Finding] {
        guard cloud.count > 0 else {
            throw SonoformError(.noPoints, source: source, expected: "points", got: "none")
        }
        var found: [Finding] = []
        for part in cloud.objectsApart {
            let (latents, longestSide) = encoder(part)
            let reply: Reply
            do {
                reply = try decoder.reply(seen: projector(latents, longestSide: longestSide))
            } catch {
                throw .damagedPipeline(decoder.tokenizer.path, got: "scores of NaN", source: source)
            }
            guard let block = reply.objects.first else {
                throw SonoformError(
                    .notADescription, source: source, expected: "an object of the description language",
                    got: "an unknown shape")
            }
            found.append(
                Finding(block: block, confidence: reply.logProbability / Float(reply.transcript.count + 1)))
        }
        return found
    }
}

extension PointCloud {
    /// The rows `[P, 9]` of every object by itself: position, normal (zeros where there is none), colour in 0…1 (gray
    /// where there is none).
    fileprivate var objectsApart: [Tensor] {
        var rows: [UInt8: [Float]] = [:]
        for index in positions.indices {
            let (position, normal) = (positions[index], normals?[index] ?? .zero)
            let colour = colours.map { SIMD3<Float>($0[index]) / 255 } ?? SIMD3(repeating: 0.5)
            rows[self.objects[index], default: []] += [
                position.x, position.y, position.z, normal.x, normal.y, normal.z, colour.x, colour.y, colour.z,
            ]
        }
        return rows.sorted { $0.key < $1.key }.map { Tensor(shape: [$0.value.count / 9, 9], values: $0.value) }
    }
}

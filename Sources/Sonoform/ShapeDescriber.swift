// The way back: from a point cloud to its description.

import InputProjector
import LanguageModel
import Layers
import ModalityEncoder
public import PointClouds
public import Tensors

/// Says what a point cloud shows: its points go through the point encoder and its projector to the language model.
public struct ShapeDescriber: Sendable {
    /// What a cloud was said to show.
    public struct Finding: Codable, Sendable, Equatable {
        /// The objects' descriptions in the order of their numbers.
        public let objects: [String]
        /// The mean log-probability of a written word; 0 is certainty.
        public let confidence: Float
    }

    private let encoder: any PointEncoder
    private let projector: any PointProjector
    private let decoder: ReplyDecoder

    /// Loads what a pipeline needs for it; throws `TensorFileError`, also for a pipeline that cannot describe clouds.
    public init(_ pipeline: Pipeline, precision: Precision = .native) throws(TensorFileError) {
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

    /// Describes every object of a cloud.
    ///
    /// - Parameter source: what errors call the cloud, its path for instance.
    /// - Throws: `ConversionError` for a cloud without points, and where no object of the language is recognised.
    public func callAsFunction(_ cloud: PointCloud, source: String) throws(ConversionError) -> Finding {
        guard cloud.count > 0 else { throw ConversionError(source: source, expected: "points", got: "none") }
        var objects: [String] = []
        var confidence: Float = 0
        for part in cloud.objectsApart {
            let (latents, longestSide) = encoder(part)
            let reply: Reply
            do {
                reply = try decoder.reply(seen: projector(latents, longestSide: longestSide))
            } catch {
                throw ConversionError(source: source, expected: "a sound pipeline", got: "scores of NaN")
            }
            guard let object = reply.objects.first else {
                throw ConversionError(
                    source: source, expected: "an object of the description language", got: "an unknown shape")
            }
            objects.append(decoder.tokenizer.decode(object.description))
            confidence = min(confidence, reply.logProbability / Float(reply.transcript.count + 1))
        }
        return Finding(objects: objects, confidence: confidence)
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

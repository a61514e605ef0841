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
        /// What was taken for granted: a unit, a floor, points that do not count.
        public let assumptions: [String]
    }

    /// The least confidence with which a description is believed.
    public static let leastConfidence: Float = -0.6

    private let encoder: PointEncoder
    private let projector: PerceiverResampler
    private let decoder: ReplyDecoder

    /// Loads what a pipeline needs for it; throws `TensorFileError`, also for a pipeline that cannot describe clouds.
    public init(_ pipeline: Pipeline, precision: Precision = .native) throws(TensorFileError) {
        let components = pipeline.manifest.components
        guard components.pointEncoder != nil, components.pointProjector != nil else {
            throw TensorFileError(
                path: pipeline.directory, expected: "a pipeline with a point_encoder and a point_projector",
                got: "one without")
        }
        let encoderFolder = ComponentFolder(pipeline.directory + "/point_encoder")
        let projectorFolder = ComponentFolder(pipeline.directory + "/point_projector")
        encoder = try PointEncoder(encoderFolder, precision: precision)
        projector = try PerceiverResampler(projectorFolder, precision: precision)
        decoder = pipeline.decoder
        let (features, width) = (encoder.configuration.features, decoder.model.configuration.width)
        try projectorFolder.require(
            projector.configuration.features == features, "features \(features), as the point encoder has",
            got: "\(projector.configuration.features)")
        try projectorFolder.require(
            projector.configuration.outputSize == width, "output_size \(width), the language model's width",
            got: "\(projector.configuration.outputSize)")
    }

    /// Describes every object of a cloud, wherever it is and whatever its unit.
    ///
    /// Points far from all others and a floor do not count. Of a cloud without colours none is said, and no size where
    /// the unit cannot be told; the findings' assumptions name both.
    ///
    /// - Parameters:
    ///   - source: what errors call the cloud, its path for instance.
    ///   - unit: how many of the cloud's units are as long as a medium object; nil to find it by the objects' sizes.
    /// - Throws: `ConversionError` for a cloud with too few points, and where no object is recognised with confidence.
    public func callAsFunction(
        _ cloud: PointCloud, source: String, unit: Double? = nil
    ) throws(ConversionError) -> Finding {
        guard cloud.count > 0 else { throw ConversionError(source: source, expected: "points", got: "none") }
        var objects: [String] = []
        var confidence: Float = 0
        let (views, assumptions) = ObjectView.views(of: cloud, unit: unit)
        for view in views {
            if let fault = view.fault {
                let (expected, got) = fault.expectation
                throw ConversionError(source: source, expected: expected, got: got)
            }
            let (latents, longestSide) = encoder(view.cloud.rows)
            let reply: Reply
            do {
                reply = try decoder.reply(seen: projector(latents, longestSide: longestSide))
            } catch {
                throw ConversionError(source: source, expected: "a sound pipeline", got: "scores of NaN")
            }
            let own = reply.logProbability / Float(reply.transcript.count + 1)
            guard let object = reply.objects.first, own >= Self.leastConfidence else {
                throw ConversionError(
                    source: source, expected: "an object of the description language", got: "an unknown shape")
            }
            let words = decoder.tokenizer.decode(object.description)
            objects.append(known(words, size: view.sizeIsKnown, colours: cloud.colours != nil))
            confidence = min(confidence, own)
        }
        return Finding(objects: objects, confidence: confidence, assumptions: assumptions.map(\.description))
    }
}

/// A description without the words for what the cloud does not show.
private func known(_ description: String, size: Bool, colours: Bool) -> String {
    let sizes: Set = ["tiny", "small", "big", "large", "huge"]
    let hues: Set = [
        "red", "orange", "yellow", "green", "blue", "cyan", "purple", "pink", "brown", "black", "white", "gray",
    ]
    return description.split(separator: " ").map(String.init)
        .filter { (size || !sizes.contains($0)) && (colours || !hues.contains($0)) }.joined(separator: " ")
}

extension PointCloud {
    /// The rows `[P, 9]`: position, normal (zeros where there is none), colour in 0…1 (gray where there is none).
    fileprivate var rows: Tensor {
        var rows: [Float] = []
        rows.reserveCapacity(9 * count)
        for index in positions.indices {
            let (position, normal) = (positions[index], normals?[index] ?? .zero)
            let colour = colours.map { SIMD3<Float>($0[index]) / 255 } ?? SIMD3(repeating: 0.5)
            rows += [
                position.x, position.y, position.z, normal.x, normal.y, normal.z, colour.x, colour.y, colour.z,
            ]
        }
        return Tensor(shape: [count, 9], values: rows)
    }
}

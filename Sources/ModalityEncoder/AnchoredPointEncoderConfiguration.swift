// What the point encoder's config.json says.

import Layers
import Tensors

/// The sizes of a ``AnchoredPointEncoder``.
public struct AnchoredPointEncoderConfiguration: Codable, Sendable, Equatable {
    /// The number of points P that it reads.
    public let points: Int
    /// The number of anchors L.
    public let anchors: Int
    /// The number of features F of an anchor.
    public let features: Int
    /// The width W of its transformer.
    public let width: Int
    /// The number of attention heads.
    public let heads: Int
    /// The width inside a block's MLP.
    public let hidden: Int
    /// The number of self-attention blocks after the cross-attention to the whole.
    public let blocks: Int
    /// The points around an anchor that it pools.
    public let pooledPoints: Int
    /// The first of the points, to which every anchor attends.
    public let globalPoints: Int
    /// The nearest points, whose mean normal and colour are the anchor's own.
    public let ownPoints: Int
    /// The widths of the MLP that pools.
    public let poolHidden: Int
    /// The width of its output.
    public let poolSize: Int
    /// What offsets from anchors are multiplied by before their Fourier features.
    public let offsetScale: Float
    /// The octaves of the Fourier features.
    public let octaves: Int
    /// Where anchors are measured from.
    public let centre: [Float]

    enum CodingKeys: String, CodingKey {
        case points, anchors, features, width, heads, hidden, blocks, octaves, centre
        case pooledPoints = "pooled_points"
        case globalPoints = "global_points"
        case ownPoints = "own_points"
        case poolHidden = "pool_hidden"
        case poolSize = "pool_size"
        case offsetScale = "offset_scale"
    }

    /// Throws `TensorFileError` unless every size lies where it can.
    func validate(in folder: ComponentFolder) throws(TensorFileError) {
        try folder.requireFourierFeatures(octaves: octaves, centre: centre)
        try folder.require("points", points, in: 1...65_536)
        try folder.require("anchors", anchors, in: 1...4_096)
        try folder.require("features", features, in: 1...1_024)
        try folder.require("width", width, in: 1...16_384)
        try folder.require("heads", heads, in: 1...width)
        try folder.require(width % heads == 0, "heads that divide \(width)", got: "\(heads)")
        try folder.require("hidden", hidden, in: 1...65_536)
        try folder.require("blocks", blocks, in: 0...256)
        try folder.require("pooled_points", pooledPoints, in: 1...points)
        try folder.require("global_points", globalPoints, in: 1...points)
        try folder.require("own_points", ownPoints, in: 1...pooledPoints)
        try folder.require("pool_hidden", poolHidden, in: 1...65_536)
        try folder.require("pool_size", poolSize, in: 1...65_536)
        try folder.require(1e-6...1e6 ~= offsetScale, "offset_scale from 1e-6 to 1e6", got: "\(offsetScale)")
    }
}

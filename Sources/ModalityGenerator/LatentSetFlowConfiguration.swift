// What the config.json of a "latent_set_flow" says.

internal import Layers
internal import Tensors

/// The sizes and defaults of a ``LatentSetFlow``.
public struct LatentSetFlowConfiguration: Codable, Sendable, Equatable {
    /// The sizes of the flow.
    public let flow: Flow
    /// The sizes of the field.
    public let field: Field
    /// How points are read from the field.
    public let readout: ReadOut
    /// The defaults of the sampler.
    public let sampling: Sampling

    /// The sizes of the flow's transformer.
    public struct Flow: Codable, Sendable, Equatable {
        /// The number of latents L.
        public let latents: Int
        /// The numbers of a latent: three coordinates and the features.
        public let channels: Int
        /// The number of condition tokens K.
        public let conditions: Int
        /// The width C of a condition token.
        public let conditionWidth: Int
        /// The width of the transformer.
        public let width: Int
        /// The number of attention heads.
        public let heads: Int
        /// The number of blocks.
        public let blocks: Int
        /// The width inside a block's MLP.
        public let hidden: Int
        /// The octaves of the time's Fourier features.
        public let octaves: Int

        enum CodingKeys: String, CodingKey {
            case latents, channels, conditions, width, heads, blocks, hidden, octaves
            case conditionWidth = "condition_width"
        }
    }

    /// The sizes of the closest-point field.
    public struct Field: Codable, Sendable, Equatable {
        /// The number of features F of a latent.
        public let features: Int
        /// The width of the trunk.
        public let width: Int
        /// The number of attention heads of the trunk.
        public let heads: Int
        /// The number of blocks of the trunk.
        public let blocks: Int
        /// The width inside a trunk block's MLP.
        public let hidden: Int
        /// The width H of the head.
        public let headWidth: Int
        /// The number of attention heads of the head.
        public let headHeads: Int
        /// The width inside the head's MLP.
        public let headHidden: Int
        /// What offsets from anchors are multiplied by before their Fourier features.
        public let offsetScale: Float
        /// What the network's distances are multiplied by.
        public let distanceScale: Float
        /// The octaves of the Fourier features.
        public let octaves: Int
        /// Where anchors are measured from.
        public let centre: [Float]
        /// How many of the nearest anchors a query listens to; the head is built for `NearestAnchors.count`.
        public let neighbours: Int
        /// What every one of the nearest anchors counts at least.
        public let leastWeight: Float

        enum CodingKeys: String, CodingKey {
            case features, width, heads, blocks, hidden, octaves, centre, neighbours
            case headWidth = "head_width"
            case headHeads = "head_heads"
            case headHidden = "head_hidden"
            case offsetScale = "offset_scale"
            case distanceScale = "distance_scale"
            case leastWeight = "least_weight"
        }
    }

    /// How points are read from the field.
    public struct ReadOut: Codable, Sendable, Equatable {
        /// How many candidates are drawn for each point that is wanted.
        public let candidatesPerPoint: Double
        /// How far candidates start from their anchor, in distances between anchors.
        public let candidateSpread: Float
        /// How many of the nearest other anchors an anchor's reach is measured to.
        public let reachNeighbours: Int
        /// How often candidates go to the closest surface point before they are thinned.
        public let approaches: Int
        /// The distance left after the last approach at which a candidate's reliability has fallen to 1/e.
        public let reliableResidual: Double
        /// The least reliability.
        public let leastReliability: Double
        /// The least cosine between the normals of neighbours: the two sides of a thin part are none.
        public let sameSideCosine: Float
        /// How far neighbours are apart at most where the area is measured, of `crowdingCandidates` candidates.
        public let crowdingRadius: Double
        /// The number of candidates for which `crowdingRadius` is right.
        public let crowdingCandidates: Double
        /// The pressure of a candidate without neighbours.
        public let leastPressure: Double

        enum CodingKeys: String, CodingKey {
            case candidatesPerPoint = "candidates_per_point"
            case candidateSpread = "candidate_spread"
            case reachNeighbours = "reach_neighbours"
            case approaches
            case reliableResidual = "reliable_residual"
            case leastReliability = "least_reliability"
            case sameSideCosine = "same_side_cosine"
            case crowdingRadius = "crowding_radius"
            case crowdingCandidates = "crowding_candidates"
            case leastPressure = "least_pressure"
        }

        /// M, the number of candidates for `points` points.
        func candidates(for points: Int) -> Int { Int((candidatesPerPoint * Double(points)).rounded(.up)) }
    }

    /// The defaults of the sampler.
    public struct Sampling: Codable, Sendable, Equatable {
        /// The number of Euler steps.
        public let steps: Int
        /// The strength of classifier-free guidance; 1 is none.
        public let guidance: Float
    }

    /// Throws `TensorFileError` unless every size lies where it can.
    func check(_ folder: ComponentFolder) throws(TensorFileError) {
        try folder.requireFourierFeatures(octaves: flow.octaves)
        try folder.requireFourierFeatures(octaves: field.octaves, centre: field.centre)
        // The head reads the nearest anchors and one more.
        try folder.require("flow.latents", flow.latents, in: NearestAnchors.count + 1...4_096)
        try folder.require("field.neighbours", field.neighbours, in: NearestAnchors.count...NearestAnchors.count)
        try folder.require("readout.reach_neighbours", readout.reachNeighbours, in: 1...4_096)
        try folder.require("flow.conditions", flow.conditions, in: 1...1_024)
        try folder.require("flow.condition_width", flow.conditionWidth, in: 1...65_536)
        try folder.require("flow.blocks", flow.blocks, in: 0...256)
        try folder.require("flow.hidden", flow.hidden, in: 1...65_536)
        try folder.require("field.features", field.features, in: 1...1_024)
        try folder.require("field.blocks", field.blocks, in: 0...256)
        try folder.require("field.hidden", field.hidden, in: 1...65_536)
        try folder.require("field.head_hidden", field.headHidden, in: 1...65_536)
        try folder.require(
            flow.channels == field.features + 3, "flow.channels to be field.features + 3 = \(field.features + 3)",
            got: "\(flow.channels)")
        for (name, width, heads) in [
            ("flow.", flow.width, flow.heads), ("field.", field.width, field.heads),
            ("field.head_", field.headWidth, field.headHeads),
        ] {
            try folder.require(name + "width", width, in: 1...16_384)
            try folder.require(name + "heads", heads, in: 1...width)
            try folder.require(width % heads == 0, "\(name)heads that divide \(width)", got: "\(heads)")
        }
        let (ratio, spread) = (readout.candidatesPerPoint, readout.candidateSpread)
        try folder.require(1...16 ~= ratio, "readout.candidates_per_point from 1 to 16", got: "\(ratio)")
        try folder.require(0...10 ~= spread, "readout.candidate_spread from 0 to 10", got: "\(spread)")
        for (name, value) in [
            ("readout.reliable_residual", readout.reliableResidual),
            ("readout.least_reliability", readout.leastReliability),
            ("readout.crowding_radius", readout.crowdingRadius),
            ("readout.crowding_candidates", readout.crowdingCandidates),
            ("readout.least_pressure", readout.leastPressure),
            ("field.offset_scale", Double(field.offsetScale)), ("field.distance_scale", Double(field.distanceScale)),
            ("field.least_weight", Double(field.leastWeight)),
        ] {
            try folder.require(1e-12...1e6 ~= value, "\(name) from 1e-12 to 1e6", got: "\(value)")
        }
        let cosine = readout.sameSideCosine
        try folder.require(-1...1 ~= cosine, "readout.same_side_cosine from -1 to 1", got: "\(cosine)")
        try folder.require("readout.approaches", readout.approaches, in: 1...16)
        try folder.require("sampling.steps", sampling.steps, in: 1...1_000)
        try folder.require(
            -100...100 ~= sampling.guidance, "sampling.guidance from -100 to 100", got: "\(sampling.guidance)")
    }
}

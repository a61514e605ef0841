// pipeline.json: what a pipeline folder is made of and how its parts meet.

import LanguageModel
import Layers
import SystemPackage
import Tensors

/// A pipeline folder's "pipeline.json", format version 2.
struct PipelineManifest: Codable, Sendable, Equatable {
    static let fileName = "pipeline.json"
    static let formatName = "sonoform-pipeline"
    static let formatVersion = 2

    let format: String
    let version: Int
    let name: String
    /// The components, each in the folder of its name; what variant each is, its own config.json says.
    let components: [Component]
    let tokens: SpecialTokens
    let prompt: Prompt
    let decoding: DecodingOptions
    /// How blocks become a scene; without it every object goes where its place says.
    let scene: SceneRules?
    /// Words that a text may have in the place of the vocabulary's: "3" for "three".
    let spellings: [String: String]?
    /// How objects beyond the language are named, with vocabulary.json; nil for a pipeline that names none.
    let naming: NamingOptions?
    /// How sure answers are; nil for a pipeline that is not calibrated.
    let confidence: ConfidenceRules?

    /// Reads and checks the file in a pipeline's folder.
    init(directory: FilePath) throws(TensorFileError) {
        let path = directory.appending(Self.fileName)
        self = try decodeJSON(Self.self, at: path)
        let require = Requirement { TensorFileError(path: path, expected: $0, got: $1) }
        try require(format == Self.formatName, "format \"\(Self.formatName)\"", got: "\"\(format)\"")
        try require(version == Self.formatVersion, "version \(Self.formatVersion)", got: "\(version)")
        for component in Component.required {
            try require(components.contains(component), "a component \"\(component.rawValue)\"", got: "none")
        }
        try require(
            components.contains(.pointEncoder) == components.contains(.pointProjector),
            "a point_encoder and a point_projector, or neither", got: "one of them")
        try require((1...64).contains(tokens.signals.count), "1 to 64 signals", got: "\(tokens.signals.count)")
        try require((1...64).contains(decoding.beam), "a beam of 1 to 64", got: "\(decoding.beam)")
        if let candidates = decoding.ctcCandidates {
            try require((1...1_024).contains(candidates), "ctc_candidates of 1 to 1024", got: "\(candidates)")
        }
        for (name, share) in [("ctc_floor", decoding.ctcFloor), ("ctc_negligible", decoding.ctcNegligible)] {
            try require((1e-30...0.1).contains(share), "\(name) of 1e-30 to 0.1", got: "\(share)")
        }
        try require(
            (1...1_024).contains(decoding.maximumTranscript), "max_transcript_tokens of 1 to 1024",
            got: "\(decoding.maximumTranscript)")
        try require(
            (1...1_024).contains(decoding.maximumDescription), "max_description_tokens of 1 to 1024",
            got: "\(decoding.maximumDescription)")
        try require(
            (1...255).contains(decoding.maximumObjects), "max_objects of 1 to 255", got: "\(decoding.maximumObjects)")
        for fault in [naming?.fault, confidence?.fault] {
            if let fault { try require(false, fault.expected, got: fault.got) }
        }
        for (name, stretch) in scene?.proportions ?? [:] {
            try require(
                (0...2).contains(stretch.axis) && (0.01...100).contains(stretch.factor),
                "the proportion \"\(name)\" to have an axis of 0 to 2 and a factor of 0.01 to 100",
                got: "axis \(stretch.axis), factor \(stretch.factor)")
        }
        for (name, rule) in scene?.relations ?? [:] {
            try require(
                (0...2).contains(rule.axis) && abs(rule.direction) == 1 && rule.gap.isFinite,
                "an axis of 0 to 2, a direction of 1 or -1 and a gap for \"\(name)\"",
                got: "\(rule.axis), \(rule.direction), \(rule.gap)")
        }
        if let scene {
            try require(
                scene.relations.keys.contains(scene.unsaidRelation), "unsaid_relation to be one of the relations",
                got: "\"\(scene.unsaidRelation)\"")
            try require(
                (3...1_000_000_000).contains(scene.pointsPerStray), "points_per_stray of 3 to 1000000000",
                got: "\(scene.pointsPerStray)")
            try require(
                (-100...100).contains(scene.groupsGap), "groups_gap of -100 to 100", got: "\(scene.groupsGap)")
        }
        for (word, count) in scene?.counts ?? [:] {
            try require((1...64).contains(count), "counts of 1 to 64", got: "\(count) for \"\(word)\"")
        }
        try require(
            (1...1_024).contains(prompt.positionStride), "a position_stride of 1 to 1024",
            got: "\(prompt.positionStride)")
    }
}

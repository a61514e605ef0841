// How the prefix and the reply meet in one sequence.

/// The attention and the positions of prefix and reply; "prompt" in pipeline.json.
///
/// The sequence is a marker and N vectors (the prefix), then `<begin>` and the reply's tokens.
public struct Prompt: Codable, Sendable, Equatable {
    /// What a row of the prefix may see of the prefix.
    public enum PrefixAttention: String, Codable, Sendable {
        /// All of it.
        case bidirectional
        /// What stands before it, as public checkpoints were trained.
        case causal
    }

    /// Where the rows stand.
    public enum PrefixPositions: String, Codable, Sendable {
        /// Prefix and reply both count from 0, so that the n-th heard word and the n-th written one stand at one place.
        case aligned
        /// One count through the whole sequence, as public checkpoints were trained.
        case sequential
    }

    /// What a row of the prefix may see.
    public let prefixAttention: PrefixAttention
    /// Where the rows stand.
    public let prefixPositions: PrefixPositions
    /// The distance of two neighbours when positions are aligned.
    public let positionStride: Int

    enum CodingKeys: String, CodingKey {
        case prefixAttention = "prefix_attention"
        case prefixPositions = "prefix_positions"
        case positionStride = "position_stride"
    }

    /// Rotary positions of the prefix's rows, the marker's first.
    public func prefixPositions(_ rows: Int) -> [Int] {
        (0..<rows).map { prefixPositions == .aligned ? positionStride * $0 : $0 }
    }

    /// How many tokens from the sequence's first each row of the prefix may see.
    public func prefixVisible(_ rows: Int) -> [Int] {
        (0..<rows).map { prefixAttention == .bidirectional ? rows : $0 + 1 }
    }

    /// The rotary position of the reply's token number `index`, `<begin>` being 0, after a prefix of `prefix` rows.
    public func replyPosition(_ index: Int, prefix: Int) -> Int {
        prefixPositions == .aligned ? positionStride * index : prefix + index
    }
}

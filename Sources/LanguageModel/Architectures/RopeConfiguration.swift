// What config.json says of rotary positions, in transformers' old and new form.

import Layers
import Tensors

/// "rope_theta" with "rope_scaling", or "rope_parameters", which may have an entry for each kind of layer.
struct RopeConfiguration: Decodable, Sendable {
    /// One entry.
    struct Parameters: Decodable, Sendable {
        var type: String?
        let theta: Double?
        let partialFactor: Double?
        let factor: Double?
        let trainedPositions: Double?
        let attentionFactor: Double?
        let betaFast: Double?
        let betaSlow: Double?
        let mscale: Double?
        let mscaleAllDimensions: Double?
        let truncates: Bool?
        let shortFactors: [Double]?
        let longFactors: [Double]?
        let lowFactor: Double?
        let highFactor: Double?
        /// Keys that no scaling here has.
        let unknown: [String]

        enum CodingKeys: String, CodingKey, CaseIterable {
            case type = "rope_type"
            case oldType = "type"
            case theta = "rope_theta"
            case partialFactor = "partial_rotary_factor"
            case factor
            case trainedPositions = "original_max_position_embeddings"
            case attentionFactor = "attention_factor"
            case betaFast = "beta_fast"
            case betaSlow = "beta_slow"
            case mscale
            case mscaleAllDimensions = "mscale_all_dim"
            case truncates = "truncate"
            case shortFactors = "short_factor"
            case longFactors = "long_factor"
            case lowFactor = "low_freq_factor"
            case highFactor = "high_freq_factor"
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            func optional<Value: Decodable>(_ key: CodingKeys) throws -> Value? {
                try values.decodeIfPresent(Value.self, forKey: key)
            }
            let oldType: String? = try optional(.oldType)
            type = try optional(.type) ?? oldType
            theta = try optional(.theta)
            partialFactor = try optional(.partialFactor)
            factor = try optional(.factor)
            trainedPositions = try optional(.trainedPositions)
            attentionFactor = try optional(.attentionFactor)
            betaFast = try optional(.betaFast)
            betaSlow = try optional(.betaSlow)
            mscale = try optional(.mscale)
            mscaleAllDimensions = try optional(.mscaleAllDimensions)
            truncates = try optional(.truncates)
            shortFactors = try optional(.shortFactors)
            longFactors = try optional(.longFactors)
            lowFactor = try optional(.lowFactor)
            highFactor = try optional(.highFactor)
            unknown = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
                .filter { CodingKeys(rawValue: $0) == nil }.sorted()
        }
    }

    /// Of all layers; empty where there is none.
    let common: Parameters?
    /// Of layers that see everything, and of those with a window.
    let full: Parameters?
    let sliding: Parameters?
    /// Whether it stands in "rope_scaling", the old key.
    let isOldForm: Bool
    /// The keys beside it.
    let theta: Double?
    let localTheta: Double?
    let partialFactor: Double?

    private enum CodingKeys: String, CodingKey {
        case scaling = "rope_scaling"
        case parameters = "rope_parameters"
        case theta = "rope_theta"
        case localTheta = "rope_local_base_freq"
        case partialFactor = "partial_rotary_factor"
    }

    private enum KindKeys: String, CodingKey {
        case full = "full_attention"
        case sliding = "sliding_attention"
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        theta = try values.decodeIfPresent(Double.self, forKey: .theta)
        localTheta = try values.decodeIfPresent(Double.self, forKey: .localTheta)
        partialFactor = try values.decodeIfPresent(Double.self, forKey: .partialFactor)
        let key = [CodingKeys.scaling, .parameters].first { key in
            values.contains(key) && (try? values.decodeNil(forKey: key)) == false
        }
        isOldForm = key == .scaling
        guard let key else {
            (common, full, sliding) = (nil, nil, nil)
            return
        }
        let kinds = try values.nestedContainer(keyedBy: KindKeys.self, forKey: key)
        if kinds.contains(.full) || kinds.contains(.sliding) {
            common = nil
            full = try kinds.decodeIfPresent(Parameters.self, forKey: .full)
            sliding = try kinds.decodeIfPresent(Parameters.self, forKey: .sliding)
        } else {
            common = try values.decode(Parameters.self, forKey: key)
            (full, sliding) = (nil, nil)
        }
    }
}

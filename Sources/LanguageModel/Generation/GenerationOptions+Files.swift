// A model's own choices, as generation_config.json says them.

import FoundationEssentials
public import Layers
import SystemPackage
public import Tensors

extension GenerationOptions {
    /// What the folder's generation_config.json says, or where there is none config.json: the stop tokens, and how its
    /// makers draw. Throws `TensorFileError` for choices that are not known here, as beams.
    public init(_ folder: ComponentFolder) throws(TensorFileError) {
        guard let path = folder.sharedFile("generation_config.json"), folder.isThere(path) else {
            let tokens = try folder.configuration(StopTokens.self)
            self.init()
            stopTokens = tokens.values
            return
        }
        let file = try decodeJSON(GenerationFile.self, at: path)
        var tokens = file.stopTokens
        if tokens == nil { tokens = try folder.configuration(StopTokens.self) }
        self.init()
        stopTokens = tokens?.values ?? []
        if let stopTexts = file.stopTexts { self.stopTexts = stopTexts.values }
        if let tokens = file.maximumTokens { maximumTokens = tokens }
        if let tokens = file.minimumTokens { minimumTokens = tokens }
        samples = file.samples ?? samples
        temperature = file.temperature ?? temperature
        // Zero stands for all.
        if let topK = file.topK { self.topK = topK == 0 ? nil : topK }
        topP = file.topP ?? topP
        minP = file.minP
        repetitionPenalty = file.repetitionPenalty ?? repetitionPenalty
        if let key = file.unknownChoice {
            throw TensorFileError(path: path, expected: "choices of generation that are known", got: "\"\(key)\"")
        }
        // It means nothing then, and some files have it to say so.
        if !samples, temperature == 0 { temperature = 1 }
        if let failure = failure(vocabularySize: .max) {
            throw TensorFileError(path: path, expected: failure.expected, got: failure.got)
        }
    }
}

/// "eos_token_id": a number, a list of them, or null.
private struct StopTokens: Decodable {
    let values: Set<Int>

    enum CodingKeys: String, CodingKey {
        case tokens = "eos_token_id"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        values = Set(try container.decodeIfPresent(OneOrMore<Int>.self, forKey: .tokens)?.values ?? [])
    }
}

/// A value, or a list of such values.
private struct OneOrMore<Value: Decodable>: Decodable {
    let values: [Value]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Value.self) {
            values = [value]
        } else {
            values = try container.decode([Value].self)
        }
    }
}

/// What generation_config.json says.
private struct GenerationFile: Decodable {
    let stopTokens: StopTokens?
    let stopTexts: OneOrMore<String>?
    let maximumTokens: Int?
    let minimumTokens: Int?
    let samples: Bool?
    let temperature: Float?
    let topK: Int?
    let topP: Float?
    let minP: Float?
    let repetitionPenalty: Float?
    /// A key that would change what is written, and is not known here.
    let unknownChoice: String?

    enum CodingKeys: String, CodingKey {
        case stopTexts = "stop_strings"
        case maximumTokens = "max_new_tokens"
        case minimumTokens = "min_new_tokens"
        case samples = "do_sample"
        case temperature
        case topK = "top_k"
        case topP = "top_p"
        case minP = "min_p"
        case repetitionPenalty = "repetition_penalty"
    }

    /// Choices that are not known, with the number at which each changes nothing; others change nothing when null.
    private static let neutral: [String: Double] = [
        "num_beams": 1, "num_beam_groups": 1, "no_repeat_ngram_size": 0, "encoder_no_repeat_ngram_size": 0,
        "typical_p": 1, "epsilon_cutoff": 0, "eta_cutoff": 0, "encoder_repetition_penalty": 1, "guidance_scale": 1,
        "diversity_penalty": 0, "penalty_alpha": 0, "min_length": 0,
    ]
    private static let others = [
        "top_h", "bad_words_ids", "force_words_ids", "forced_bos_token_id", "forced_eos_token_id", "suppress_tokens",
        "begin_suppress_tokens", "sequence_bias", "watermarking_config", "exponential_decay_length_penalty",
        "constraints", "dola_layers",
    ]

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let all = try decoder.container(keyedBy: AnyKey.self)
        stopTokens = all.contains(AnyKey(stringValue: "eos_token_id")) ? try StopTokens(from: decoder) : nil
        stopTexts = try values.decodeIfPresent(OneOrMore<String>.self, forKey: .stopTexts)
        maximumTokens = try values.decodeIfPresent(Int.self, forKey: .maximumTokens)
        minimumTokens = try values.decodeIfPresent(Int.self, forKey: .minimumTokens)
        samples = try values.decodeIfPresent(Bool.self, forKey: .samples)
        temperature = try values.decodeIfPresent(Float.self, forKey: .temperature)
        topK = try values.decodeIfPresent(Int.self, forKey: .topK)
        topP = try values.decodeIfPresent(Float.self, forKey: .topP)
        minP = try values.decodeIfPresent(Float.self, forKey: .minP)
        repetitionPenalty = try values.decodeIfPresent(Float.self, forKey: .repetitionPenalty)
        func isSet(_ name: String) throws -> Bool {
            let key = AnyKey(stringValue: name)
            return try all.contains(key) && !all.decodeNil(forKey: key)
        }
        unknownChoice =
            try Self.others.first(where: isSet)
            ?? Self.neutral.keys.sorted().first { name in
                try isSet(name)
                    && (try? all.decode(Double.self, forKey: AnyKey(stringValue: name))) != Self.neutral[name]
            }
    }
}

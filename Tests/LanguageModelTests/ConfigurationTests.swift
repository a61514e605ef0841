// What config.json may say: every value counts, or is refused by one line.

import Foundation
import GoldenFiles
import Layers
import Testing

@testable import LanguageModel
@testable import Tensors

struct ConfigurationTests {
    /// A golden's folder with other values in its config.json.
    private static func load(_ name: String, _ changes: [String: Any]) throws -> any CausalModel {
        let scratch = try Scratch()
        let folder = GoldenFiles.path("public_models/\(name)")
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            try scratch.copy("\(folder)/\(file)")
        }
        let data = try Data(contentsOf: URL(filePath: folder + "/config.json"))
        var values = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        values.merge(changes) { $1 }
        try scratch.write("config.json", try JSONSerialization.data(withJSONObject: values))
        return try VariantTable.languageModels.load(ComponentFolder(scratch.path), precision: .f32)
    }

    /// Architecture, key, value, what is expected and what was got.
    static let refused: [(String, [String: any Sendable], String, String)] = [
        ("llama_linear", ["hidden_act": "mish"], "hidden_act of", "\"mish\""),
        ("llama_linear", ["num_key_value_heads": 3], "a multiple", "4 and 3"),
        ("llama_linear", ["num_attention_heads": 0], "num_attention_heads from 1", "0"),
        ("llama_linear", ["hidden_size": -24], "hidden_size from 1", "-24"),
        ("llama_linear", ["vocab_size": 1 << 40], "vocab_size from 1", "\(1 << 40)"),
        ("llama_linear", ["head_dim": 9], "an even number of rotated elements", "9"),
        ("llama_linear", ["rms_norm_eps": -1.0], "rms_norm_eps", "-1"),
        ("llama_linear", ["query_pre_attn_scalar": 4], "no query_pre_attn_scalar", "one"),
        ("llama_linear", ["quantization_config": ["bits": 4]], "plain numbers", "quantization_config"),
        ("llama_linear", ["rope_parameters": ["rope_type": "mystery"]], "rope_type default", "\"mystery\""),
        ("llama_linear", ["rope_parameters": ["rope_type": "linear"]], "factor of rope above 0", "none"),
        (
            "llama_linear", ["rope_parameters": ["rope_type": "linear", "factor": 0] as [String: any Sendable]],
            "factor of rope above 0", "0"
        ),
        ("llama_linear", ["rope_parameters": ["rope_theta": 0.5]], "rope_theta above 1", "0.5"),
        ("llama_linear", ["rope_parameters": ["mrope_section": [1]]], "parameters that are known", "mrope_section"),
        (
            "llama3", ["rope_scaling": ["rope_type": "llama3", "factor": 8.0] as [String: any Sendable]],
            "low_freq_factor of rope", "none"
        ),
        ("mistral", ["sliding_window": 0], "sliding_window from 1", "0"),
        ("mistral", ["attention_bias": true], "no attention_bias", "one"),
        ("qwen2_window", ["layer_types": ["full_attention"]], "3 layer_types", "1"),
        ("qwen2_window", ["layer_types": ["full_attention", "x", "x"]], "layer_types full_attention", "\"x\""),
        ("gemma", ["use_bidirectional_attention": true], "use_bidirectional_attention false", "true"),
        ("gemma2", ["attn_logit_softcapping": -3.0], "attn_logit_softcapping above 0", "-3"),
        ("gemma3", ["attn_logit_softcapping": 3.0], "no attn_logit_softcapping", "one"),
        ("phi3_partial", ["rope_parameters": ["rope_type": "llama3"]], "rope_scaling of longrope", "\"llama3\""),
        ("gpt2", ["add_cross_attention": true], "no add_cross_attention", "one"),
        ("gpt2", ["n_head": 5], "a multiple of n_head", "24 and 5"),
        ("gpt2", ["n_positions": 41], "shape [41, 24]", "shape [40, 24]"),
        ("opt", ["activation_function": "tanh"], "activation_function of", "\"tanh\""),
        ("opt", ["enable_bias": false], "only tensors of the configured architecture", ""),
    ]

    @Test(arguments: refused.indices)
    func `a value that is not honoured is refused`(index: Int) throws {
        let (name, changes, expected, got) = Self.refused[index]
        let error = #expect(throws: TensorFileError.self) { try Self.load(name, changes) }
        #expect(error?.expected.contains(expected) == true, "\(error?.description ?? "")")
        #expect(got.isEmpty || error?.got.contains(got) == true, "\(error?.description ?? "")")
    }

    @Test func `a window of null is none, and one left out the architecture's own`() throws {
        #expect(try Self.load("mistral", [:]).makeCache().layers[0].window == 5)
        #expect(try Self.load("mistral", ["sliding_window": NSNull()]).makeCache().layers[0].window == nil)
        #expect(try Self.load("mistral_full", ["sliding_window": 9]).makeCache().layers[2].window == 9)
        #expect(try Self.load("qwen2_window", [:]).makeCache().layers.map(\.window) == [nil, 4, 4])
        #expect(
            try Self.load("qwen2_window", ["use_sliding_window": false, "layer_types": NSNull()])
                .makeCache().layers.allSatisfy { $0.window == nil })
    }

    @Test func `the length from which all is read anew is LongRoPE's`() throws {
        #expect(try Self.load("phi3_long", [:]).rereadLength == 13)
        #expect(try Self.load("phi3", [:]).rereadLength == nil)
    }
}

// The shipped pipeline with a code writer of random weights, or with none.

import Foundation
import Tensors

/// Copies a pipeline without its code writer, if it has one.
public func copyWithoutCodeWriter(of pipeline: String, to folder: String) throws {
    try FileManager.default.copyItem(atPath: pipeline, toPath: folder)
    try? FileManager.default.removeItem(atPath: folder + "/code_writer")
    try changeComponents(of: folder) { $0.removeAll { $0 == "code_writer" } }
}

/// Changes the list of components in a pipeline's manifest.
private func changeComponents(of folder: String, _ change: (inout [String]) -> Void) throws {
    let manifest = URL(filePath: folder + "/pipeline.json")
    guard var values = try JSONSerialization.jsonObject(with: Data(contentsOf: manifest)) as? [String: Any],
        var components = values["components"] as? [String]
    else { throw CocoaError(.fileReadCorruptFile) }
    change(&components)
    values["components"] = components
    try JSONSerialization.data(withJSONObject: values).write(to: manifest)
}

/// Copies the shipped pipeline and gives the copy a code writer of made-up weights that fits it.
public func copyWithRandomCodeWriter(of pipeline: String, to folder: String) throws {
    try copyWithoutCodeWriter(of: pipeline, to: folder)
    try changeComponents(of: folder) { $0.append("code_writer") }
    try FileManager.default.createDirectory(atPath: folder + "/code_writer", withIntermediateDirectories: true)
    try writeRandomCodeWriter(to: folder + "/code_writer")
}

/// A writer of the shipped generator's sizes: 32 latents of 8 features, conditions of width 192.
public func writeRandomCodeWriter(to folder: String, layers: Int = 1) throws {
    let (width, inner, keyWidth, vocabulary) = (192, 576, 96, 690)
    let configuration = """
        {"model_type": "llama", "vocab_size": \(vocabulary), "hidden_size": \(width), "intermediate_size": \(inner),
         "num_hidden_layers": \(layers), "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 48,
         "hidden_act": "silu", "rms_norm_eps": 1e-5, "tie_word_embeddings": false, "rope_theta": 10000.0,
         "codes": {"latents": 32, "features": 8, "levels": 5, "positions": 64,
                   "lower": [-0.9, -0.9, -0.1], "upper": [0.9, 0.9, 1.7]}}
        """
    try Data(configuration.utf8).write(to: URL(filePath: folder + "/config.json"))
    var shapes = ["model.embed_tokens.weight": [vocabulary, width], "lm_head.weight": [vocabulary, width]]
    shapes["model.norm.weight"] = [width]
    for layer in 0..<layers {
        let name = "model.layers.\(layer)."
        shapes[name + "input_layernorm.weight"] = [width]
        shapes[name + "post_attention_layernorm.weight"] = [width]
        shapes[name + "self_attn.q_proj.weight"] = [width, width]
        shapes[name + "self_attn.k_proj.weight"] = [keyWidth, width]
        shapes[name + "self_attn.v_proj.weight"] = [keyWidth, width]
        shapes[name + "self_attn.o_proj.weight"] = [width, width]
        shapes[name + "mlp.gate_proj.weight"] = [inner, width]
        shapes[name + "mlp.up_proj.weight"] = [inner, width]
        shapes[name + "mlp.down_proj.weight"] = [width, inner]
    }
    var tensors: [String: Tensor] = [:]
    for (seed, (name, shape)) in shapes.sorted(by: { $0.key < $1.key }).enumerated() {
        let values = scattered(shape.reduce(1, *), seed: UInt32(seed) + 1).values
        // Norms weigh about one.
        let mean: Float = shape.count == 1 ? 1 : 0
        tensors[name] = Tensor(shape: shape, values: values.map { mean + 0.1 * $0 })
    }
    try SafeTensorsFile.write(tensors, to: folder + "/model.safetensors")
}

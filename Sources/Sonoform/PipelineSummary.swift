// What a pipeline folder or one component's folder holds, for people and for programs.

import InputProjector
import LanguageModel
import Layers
import ModalityEncoder
import ModalityGenerator
import OutputProjector
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// One component: its variant, and what its weights are.
public struct ComponentSummary: Sendable, Equatable, Encodable {
    /// The room it belongs to: "modality_encoder", "language_model", …
    public let name: String
    /// The variant: "whisper", "llama", "mlp", …
    public let variant: String
    /// The number of weights.
    public let parameters: Int
    /// The number of tensors.
    public let tensors: Int
    /// The size of model.safetensors.
    public let bytes: Int
    /// How many weights are stored in which type: "BF16", "F32", …
    public let types: [String: Int]

    /// Loads the component in a folder by what its config.json says it is; throws when it does not load.
    public init(directory: String) throws(TensorFileError) {
        let folder = ComponentFolder(directory)
        let kind = try decodeJSON(Kind.self, at: folder.configurationPath)
        let variant = kind.type ?? kind.modelType ?? "none"
        let name: String
        switch variant {
        case "whisper":
            name = "modality_encoder"
            _ = try AudioEncoder(folder)
        case "ctc_compressor", "frame_stacking":
            name = "input_projector"
            _ = try InputProjector(folder)
        case "llama", "qwen2", "qwen3", "mistral":
            // A code writer is a Llama with a layout of its codes.
            name = kind.hasCodes ? "code_writer" : "language_model"
            if kind.hasCodes { _ = try CodeWriter(folder) } else { _ = try LanguageModel(folder) }
        case "mlp":
            name = "output_projector"
            _ = try OutputProjector(folder)
        case "latent_set_flow":
            name = "modality_generator"
            _ = try ModalityGenerator(folder)
        case "anchored_points":
            name = "point_encoder"
            _ = try PointEncoder(folder)
        case "perceiver_resampler":
            name = "point_projector"
            _ = try PerceiverResampler(folder)
        default:
            throw TensorFileError(
                path: folder.configurationPath, expected: "the \"type\" or \"model_type\" of a known component",
                got: variant == "none" ? "neither" : "\"\(variant)\"")
        }
        try self.init(weightsIn: directory, name: name, variant: variant)
    }

    init(weightsIn directory: String, name: String, variant: String) throws(TensorFileError) {
        let file = try SafeTensorsFile(path: directory + "/model.safetensors")
        var types: [String: Int] = [:]
        for tensor in file.names {
            types[file.type(of: tensor) ?? "", default: 0] += file.shape(of: tensor)?.reduce(1, *) ?? 0
        }
        var status = stat()
        bytes = stat(file.path, &status) == 0 ? Int(status.st_size) : 0
        (self.name, self.variant, self.types) = (name, variant, types)
        (parameters, tensors) = (file.parameters, file.names.count)
    }

    private struct Kind: Decodable {
        let type: String?
        let modelType: String?
        let hasCodes: Bool

        enum CodingKeys: String, CodingKey {
            case type, codes
            case modelType = "model_type"
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            type = try values.decodeIfPresent(String.self, forKey: .type)
            modelType = try values.decodeIfPresent(String.self, forKey: .modelType)
            hasCodes = values.contains(.codes)
        }
    }
}

/// The components of a pipeline folder with their variants and sizes, and what was checked.
public struct PipelineSummary: Sendable, Encodable {
    /// The pipeline's name.
    public let name: String
    /// The components in the order in which they run.
    public let components: [ComponentSummary]
    /// What holds, a line each; where something does not, there is an error instead of a summary.
    public let checks: [String]

    /// All weights.
    public var parameters: Int { components.reduce(0) { $0 + $1.parameters } }
    /// The size of all weights' files.
    public var bytes: Int { components.reduce(0) { $0 + $1.bytes } }

    /// Opens every component's weights and loads the whole pipeline, so that a summary means that all is sound.
    public init(directory: String) throws(TensorFileError) {
        let manifest = try PipelineManifest(directory: directory)
        let pipeline = try Pipeline(directory: directory)
        name = manifest.name
        let variants: [(String, String?)] = [
            ("modality_encoder", manifest.components.modalityEncoder),
            ("input_projector", manifest.components.inputProjector),
            ("language_model", manifest.components.languageModel),
            ("output_projector", manifest.components.outputProjector),
            ("code_writer", manifest.components.codeWriter),
            ("modality_generator", manifest.components.modalityGenerator),
            ("point_encoder", manifest.components.pointEncoder),
            ("point_projector", manifest.components.pointProjector),
        ]
        var components: [ComponentSummary] = []
        for case (let folder, let variant?) in variants {
            components.append(
                try ComponentSummary(weightsIn: "\(directory)/\(folder)", name: folder, variant: variant))
        }
        self.components = components
        // Loading refuses all else.
        var checks = [
            "every weight has its place and its shape, and none is left over",
            "the features have the encoder's \(pipeline.encoder.configuration.melBins) mel bands",
            "both projectors fit the language model and the generator",
            "the tokenizer has all \(manifest.tokens.signals.count) signals and the other special tokens",
        ]
        if let phones = pipeline.encoder.configuration.ctc?.phones.count {
            checks.append("the lexicon spells with the encoder's \(phones) phones")
        }
        if let writer = pipeline.codeWriter {
            checks.append("the code writer writes the generator's \(writer.layout.latents) latents")
        }
        if manifest.components.pointEncoder != nil {
            _ = try ShapeDescriber(pipeline)
            checks.append("the point encoder and its projector fit the language model")
        }
        self.checks = checks
    }
}

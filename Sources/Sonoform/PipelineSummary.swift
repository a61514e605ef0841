// What a pipeline folder or one component's folder holds, for people and for programs.

import LanguageModel
import Layers
import ModalityEncoder
public import SystemPackage
public import Tensors

/// One component: its variant, and what its weights are.
public struct ComponentSummary: Sendable, Equatable, Encodable {
    /// Which component it is: "modality_encoder", "language_model", …
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
    public init(
        directory: FilePath, variants: ComponentVariants = ComponentVariants()
    ) throws(TensorFileError) {
        let folder = ComponentFolder(directory)
        let component = try variants.component(in: folder)
        try variants.check(component, in: folder)
        try self.init(component, in: folder, variants)
    }

    /// As ``init(directory:variants:)-(FilePath,_)``, for a path that is text.
    public init(
        directory: String, variants: ComponentVariants = ComponentVariants()
    ) throws(TensorFileError) {
        try self.init(directory: FilePath(directory), variants: variants)
    }

    /// Looks into the weights of a component; nothing is loaded.
    init(_ component: Component, in folder: ComponentFolder, _ variants: ComponentVariants) throws(TensorFileError) {
        name = component.rawValue
        variant = try variants.variant(of: component, in: folder)
        let file = try folder.tensors()
        var types: [String: Int] = [:]
        for tensor in file.names {
            types[file.type(of: tensor) ?? "", default: 0] += file.shape(of: tensor)?.reduce(1, *) ?? 0
        }
        let files = (file as? ShardedSafeTensors)?.files ?? [file.path]
        bytes = files.reduce(0) { $0 + ((try? Stat($1)).map { Int($0.size) } ?? 0) }
        self.types = types
        (parameters, tensors) = (types.values.reduce(0, +), file.names.count)
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
    public init(
        directory: FilePath, variants: ComponentVariants = ComponentVariants()
    ) throws(SonoformError) {
        let pipeline = try Pipeline(directory: directory, variants: variants)
        do {
            try self.init(pipeline)
        } catch {
            throw SonoformError(error)
        }
    }

    /// As ``init(directory:variants:)-(FilePath,_)``, for a path that is text.
    public init(
        directory: String, variants: ComponentVariants = ComponentVariants()
    ) throws(SonoformError) {
        try self.init(directory: FilePath(directory), variants: variants)
    }

    private init(_ pipeline: Pipeline) throws(TensorFileError) {
        let (directory, variants) = (pipeline.directory, pipeline.variants)
        let manifest = pipeline.manifest
        name = manifest.name
        var components: [ComponentSummary] = []
        for component in Component.allCases where manifest.components.contains(component) {
            components.append(try ComponentSummary(component, in: component.folder(in: directory), variants))
        }
        self.components = components
        // Loading refuses all else.
        var checks = [
            "every weight has its place and its shape, and none is left over",
            "the encoder hears \(pipeline.encoder.sampleRateHz) samples per second",
            "both projectors fit the encoder, the language model and the generator",
            "the tokenizer has all \(manifest.tokens.signals.count) signals and the other special tokens",
        ]
        if let phones = pipeline.encoder.phoneHead?.phones.count {
            checks.append("the lexicon spells with the encoder's \(phones) phones")
        }
        if let writer = pipeline.codeWriter {
            checks.append("the code writer writes the generator's \(writer.layout.latents) latents")
        }
        if manifest.components.contains(.pointEncoder) {
            _ = try ShapeDescriber(pipeline)
            checks.append("the point encoder and its projector fit the language model")
        }
        self.checks = checks
    }
}

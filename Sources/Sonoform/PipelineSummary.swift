// What a pipeline folder holds, for people.

public import Tensors

/// The components of a pipeline folder with their variants and sizes.
public struct PipelineSummary: Sendable {
    /// One component.
    public struct Component: Sendable, Equatable {
        /// The component's folder.
        public let name: String
        /// The variant that pipeline.json names.
        public let variant: String
        /// The number of weights.
        public let parameters: Int
    }

    /// The pipeline's name.
    public let name: String
    /// The components in the order in which they run.
    public let components: [Component]

    /// Opens every component's weights and loads the whole pipeline, so that a summary means that all is sound.
    public init(directory: String) throws(TensorFileError) {
        let manifest = try PipelineManifest(directory: directory)
        _ = try Pipeline(directory: directory)
        name = manifest.name
        let variants = [
            ("modality_encoder", manifest.components.modalityEncoder),
            ("input_projector", manifest.components.inputProjector),
            ("language_model", manifest.components.languageModel),
            ("output_projector", manifest.components.outputProjector),
            ("modality_generator", manifest.components.modalityGenerator),
        ]
        var components: [Component] = []
        for (folder, variant) in variants {
            let file = try SafeTensorsFile(path: "\(directory)/\(folder)/model.safetensors")
            components.append(Component(name: folder, variant: variant, parameters: file.parameters))
        }
        self.components = components
    }

    /// A line for the pipeline and one a component.
    public var lines: String {
        let total = components.reduce(0) { $0 + $1.parameters }
        let rows = components.map { component in
            let padding = String(repeating: " ", count: max(1, 20 - component.name.count))
            return "  \(component.name)\(padding)\(component.variant), \(component.parameters) weights"
        }
        return (["\(name): a sound pipeline of \(total) weights"] + rows).joined(separator: "\n")
    }
}

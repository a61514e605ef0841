// The components that a pipeline can have.

import Layers
import SystemPackage
import Tensors

/// A component of a pipeline, under the name of its folder.
enum Component: String, Codable, Sendable, CaseIterable {
    case modalityEncoder = "modality_encoder"
    case inputProjector = "input_projector"
    case languageModel = "language_model"
    case outputProjector = "output_projector"
    case codeWriter = "code_writer"
    case modalityGenerator = "modality_generator"
    case pointEncoder = "point_encoder"
    case pointProjector = "point_projector"

    /// Those that a pipeline cannot do without.
    static let required: [Component] = [
        .modalityEncoder, .inputProjector, .languageModel, .outputProjector, .modalityGenerator,
    ]

    /// The component's folder in a pipeline's.
    func folder(in directory: FilePath) -> ComponentFolder { ComponentFolder(rawValue, inPipeline: directory) }
}

// The tables of all components' variants, as one value.

public import InputProjector
public import LanguageModel
public import Layers
public import ModalityEncoder
public import ModalityGenerator
public import OutputProjector
import SystemPackage
import Tensors

/// Which variants a pipeline's components can be: a table per component, to which more can be added.
///
/// ```swift
/// var variants = ComponentVariants()
/// variants.speechEncoders = variants.speechEncoders.adding("own") { folder, precision throws(TensorFileError) in
///     try OwnEncoder(folder, precision: precision)
/// }
/// let pipeline = try Pipeline(directory: directory, variants: variants)
/// ```
public struct ComponentVariants: Sendable {
    /// What hears.
    public var speechEncoders = VariantTable.speechEncoders
    /// What looks at clouds.
    public var pointEncoders = VariantTable.pointEncoders
    /// What turns what was heard into the language model's vectors.
    public var speechProjectors = VariantTable.speechProjectors
    /// What turns a cloud's latents into them.
    public var pointProjectors = VariantTable.pointProjectors
    /// What writes replies, and codes.
    public var languageModels = VariantTable.languageModels
    /// What turns signals into the generator's conditions.
    public var signalProjectors = VariantTable.signalProjectors
    /// What makes clouds.
    public var shapeGenerators = VariantTable.shapeGenerators
    /// What may hear before a pipeline, which is no part of one.
    public var listeners = VariantTable.listeners

    /// The variants that this package knows.
    public init() {}

    /// The variant's name in a component's folder; throws `TensorFileError` for an unknown one.
    func variant(of component: Component, in folder: ComponentFolder) throws(TensorFileError) -> String {
        switch component {
        case .modalityEncoder: try speechEncoders.variant(in: folder)
        case .inputProjector: try speechProjectors.variant(in: folder)
        case .languageModel, .codeWriter: try languageModels.variant(in: folder)
        case .outputProjector: try signalProjectors.variant(in: folder)
        case .modalityGenerator: try shapeGenerators.variant(in: folder)
        case .pointEncoder: try pointEncoders.variant(in: folder)
        case .pointProjector: try pointProjectors.variant(in: folder)
        }
    }

    /// Loads a component to see whether it is sound; throws `TensorFileError` where it is not.
    func check(_ component: Component, in folder: ComponentFolder) throws(TensorFileError) {
        switch component {
        case .modalityEncoder: _ = try speechEncoders.load(folder)
        case .inputProjector: _ = try speechProjectors.load(folder)
        case .languageModel: _ = try languageModels.load(folder)
        case .codeWriter: _ = try CodeWriter(folder, models: languageModels)
        case .outputProjector: _ = try signalProjectors.load(folder)
        case .modalityGenerator: _ = try shapeGenerators.load(folder)
        case .pointEncoder: _ = try pointEncoders.load(folder)
        case .pointProjector: _ = try pointProjectors.load(folder)
        }
    }

    /// Which component a folder by itself is: the one in whose table its variant stands. Of several, the one that the
    /// folder is named after, or else the first in the order in which they run; a code writer is a language model with
    /// "codes" in its config.json. Throws `TensorFileError` for an unknown variant.
    func component(in folder: ComponentFolder) throws(TensorFileError) -> Component {
        let hasCodes = try folder.configuration(CodesKey.self).isPresent
        let candidates = Component.allCases.filter { component in
            let isPossible =
                switch component {
                case .codeWriter: hasCodes
                case .languageModel: !hasCodes
                default: true
                }
            return isPossible && (try? variant(of: component, in: folder)) != nil
        }
        let name = folder.path.lastComponent?.string
        if let component = candidates.first(where: { $0.rawValue == name }) ?? candidates.first { return component }
        throw TensorFileError(
            path: folder.configurationPath,
            expected: "the \"type\", \"model_type\" or \"architectures\" of a known component",
            got: try folder.variantNames.map { "\"\($0)\"" }.joined(separator: ", ").ifEmpty("none of them"))
    }
}

/// Whether a config.json has the key that makes a language model a code writer.
private struct CodesKey: Decodable {
    let isPresent: Bool

    enum CodingKeys: String, CodingKey {
        case codes
    }

    init(from decoder: any Decoder) throws {
        isPresent = try decoder.container(keyedBy: CodingKeys.self).contains(.codes)
    }
}

extension String {
    fileprivate func ifEmpty(_ other: String) -> String { isEmpty ? other : self }
}

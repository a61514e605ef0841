// One component alone on a tensor: for measuring, and for comparing with other programs.

import InputProjector
import LanguageModel
public import Layers
import ModalityEncoder
import ModalityGenerator
import OutputProjector
import PointClouds
public import SystemPackage
public import Tensors

/// A component that runs by itself, tensor in, tensor out.
public enum Stage: String, Sendable, CaseIterable {
    /// Features `[mels, T]`, as `sonoform features` writes them, to hidden states `[T/2, W]`.
    case encoder
    /// Features `[mels, T]` to phone posteriors `[T/2, P]`.
    case phones
    /// Phone posteriors `[T, P]` or hidden states `[T, W]` to the language model's vectors `[N, W']`.
    case inputProjector = "input-projector"
    /// Input vectors `[S, W]` in causal order to hidden states `[S, W]`.
    case languageModel = "language-model"
    /// Hidden states of the signals `[K, W]` to the generator's conditions `[K, C]`.
    case outputProjector = "output-projector"
    /// The generator's conditions `[K, C]` to latents `[L, 3 + F]`, by discrete signals.
    case codeWriter = "code-writer"
    /// Conditions `[K, C]` or latents `[L, 3 + F]` to points `[N, 9]`: position, normal, colour in 0…1.
    case generator

    private var component: Component {
        switch self {
        case .encoder, .phones: .modalityEncoder
        case .inputProjector: .inputProjector
        case .languageModel: .languageModel
        case .outputProjector: .outputProjector
        case .codeWriter: .codeWriter
        case .generator: .modalityGenerator
        }
    }

    /// The component's folder: a directory itself, or the folder in it where it is a pipeline's.
    public func folder(in directory: FilePath) -> ComponentFolder {
        let isPipeline = (try? PipelineManifest(directory: directory)) != nil
        return isPipeline ? component.folder(in: directory) : ComponentFolder(directory)
    }

    /// Loads the component from its own folder or from a pipeline's; the result runs it on a tensor.
    ///
    /// Throws `TensorFileError` for a folder that cannot be loaded; what is returned throws `StageError` for a tensor
    /// of the wrong shape.
    public func load(
        _ directory: FilePath, precision: Precision = .native, options: ConversionOptions = ConversionOptions(),
        variants: ComponentVariants = ComponentVariants()
    ) throws(TensorFileError) -> @Sendable (Tensor) throws -> Tensor {
        let folder = folder(in: directory)
        switch self {
        case .encoder:
            let encoder = try variants.speechEncoders.load(folder, precision: precision)
            return { try encoder.encode(try matrix($0).transposed()).hidden }
        case .phones:
            let encoder = try variants.speechEncoders.load(folder, precision: precision)
            return { features in
                guard let posteriors = try encoder.encode(try matrix(features).transposed()).phonePosteriors else {
                    throw StageError(expected: "an encoder with a phone head", got: "one without")
                }
                return posteriors
            }
        case .inputProjector:
            let projector = try variants.speechProjectors.load(folder, precision: precision.ofFloats)
            return { projector(try matrix($0, columns: projector.input.width)) }
        case .languageModel:
            let model = try variants.languageModels.load(folder, precision: precision)
            return { input in
                let embeddings = try matrix(input, columns: model.width)
                if let positions = model.positionCount, embeddings.rows > positions {
                    throw StageError(expected: "at most \(positions) vectors", got: "\(embeddings.rows)")
                }
                var cache = model.makeCache()
                let rows = Array(0..<embeddings.rows)
                return model.prefill(embeddings, positions: rows, visible: rows.map { $0 + 1 }, cache: &cache)
            }
        case .outputProjector:
            let projector = try variants.signalProjectors.load(folder, precision: precision.ofFloats)
            return { projector(try matrix($0, rows: projector.signals, columns: projector.inputWidth)).conditions }
        case .codeWriter:
            let writer = try CodeWriter(folder, precision: precision, models: variants.languageModels)
            return { try writer([try matrix($0, columns: writer.conditionWidth)])[0] }
        case .generator:
            let generator = try variants.shapeGenerators.load(folder, precision: precision.ofFloats)
            return { input in
                if input.shape == generator.latentShape {
                    let cloud = generator.generate(latents: input, points: options.points, seed: options.seed)
                    return cloud.rows
                }
                let conditions = try matrix(
                    input, rows: generator.conditionCount, columns: generator.conditionWidth)
                let cloud = generator.generate(
                    conditions: conditions, points: options.points, seed: options.seed, steps: options.steps,
                    guidance: options.guidance)
                return cloud.rows
            }
        }
    }
}

/// A tensor that a stage cannot take.
public struct StageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the stage takes.
    public let expected: String
    /// What it was given.
    public let got: String

    /// One line: what was expected, what was got.
    public var description: String { "expected \(expected), got \(got)" }
}

private func matrix(_ tensor: Tensor, rows: Int? = nil, columns: Int? = nil) throws(StageError) -> Tensor {
    guard tensor.shape.count == 2, tensor.rows > 0, rows == nil || tensor.rows == rows,
        columns == nil || tensor.columns == columns
    else {
        let sizes = [rows.map { "\($0) rows" }, columns.map { "\($0) columns" }].compactMap(\.self)
        throw StageError(
            expected: "a matrix" + (sizes.isEmpty ? "" : " of " + sizes.joined(separator: " and ")),
            got: "shape \(tensor.shape)")
    }
    return tensor
}

// Reading a pipeline folder.

import InputProjector
import LanguageModel
import Layers
import ModalityEncoder
import ModalityGenerator
import OutputProjector
public import SystemPackage
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

extension Pipeline {
    /// Loads a pipeline folder.
    ///
    /// - Parameters:
    ///   - directory: the folder.
    ///   - precision: the number format in which products run.
    ///   - variants: what its components can be; pass a longer table for variants of your own.
    /// - Throws: ``SonoformError`` that names the file, what was expected and what was got.
    public init(
        directory: FilePath, precision: Precision = .native, variants: ComponentVariants = ComponentVariants()
    ) throws(SonoformError) {
        do {
            try self.init(loading: directory, precision: precision, variants: variants)
        } catch {
            let manifest = directory.appending(PipelineManifest.fileName)
            let isThere = manifest.withPlatformString { access($0, F_OK) == 0 }
            throw SonoformError(error, reason: isThere ? .damagedPipeline : .missingPipeline)
        }
    }

    /// As ``init(directory:precision:variants:)-(FilePath,_,_)``, for a path that is text.
    public init(
        directory: String, precision: Precision = .native, variants: ComponentVariants = ComponentVariants()
    ) throws(SonoformError) {
        try self.init(directory: FilePath(directory), precision: precision, variants: variants)
    }

    private init(
        loading directory: FilePath, precision: Precision, variants: ComponentVariants
    ) throws(TensorFileError) {
        let manifest = try PipelineManifest(directory: directory)
        func folder(_ component: Component) -> ComponentFolder { component.folder(in: directory) }
        let tokenizer = try Tokenizer(path: directory.appending("tokenizer.json"))
        let model = try variants.languageModels.load(folder(.languageModel), precision: precision)

        self.directory = directory
        self.manifest = manifest
        language = try DescriptionLanguage(directory: directory)
        // Eight bits are for the two large components: coordinates, colours and where objects are want more.
        let floats = precision.ofFloats
        describer = LazyDescriber(precision: floats)
        self.variants = variants
        encoder = try variants.speechEncoders.load(folder(.modalityEncoder), precision: precision)
        inputProjector = try variants.speechProjectors.load(folder(.inputProjector), precision: floats)
        outputProjector = try variants.signalProjectors.load(folder(.outputProjector), precision: floats)
        generator = try variants.shapeGenerators.load(folder(.modalityGenerator), precision: floats)
        codeWriter =
            if manifest.components.contains(.codeWriter) {
                try CodeWriter(folder(.codeWriter), precision: precision, models: variants.languageModels)
            } else {
                nil
            }
        decoder = try ReplyDecoder(
            model: model, tokenizer: tokenizer, tokens: manifest.tokens, prompt: manifest.prompt,
            options: manifest.decoding)
        lexicon =
            if let phoneHead = encoder.phoneHead {
                try Lexicon(path: directory.appending("lexicon.json"), tokenizer: tokenizer, ctc: phoneHead)
            } else {
                nil
            }
        try requireFit(of: model)
    }

    /// Throws `TensorFileError` unless what one component gives is what the next one takes.
    private func requireFit(of model: any CausalModel) throws(TensorFileError) {
        func require(_ component: Component, _ what: String, of value: Int, like other: String, _ expected: Int)
            throws(TensorFileError)
        {
            try component.folder(in: directory).require(
                value == expected, "\(what) \(expected), as \(other)", got: "\(value)")
        }
        let signals = manifest.tokens.signals.count
        switch inputProjector.input {
        case .hiddenStates(let width):
            try require(.inputProjector, "hidden states of width", of: width, like: "the encoder's", encoder.width)
        case .phonePosteriors(let classes):
            try require(
                .inputProjector, "the number of phones", of: classes, like: "the encoder's phone head has",
                encoder.phoneHead?.phones.count ?? 0)
        }
        try require(
            .inputProjector, "vectors of width", of: inputProjector.outputWidth, like: "the language model reads",
            model.width)
        try require(
            .outputProjector, "hidden states of width", of: outputProjector.inputWidth,
            like: "the language model's", model.width)
        try require(
            .outputProjector, "the number of signals", of: outputProjector.signals, like: "pipeline.json has", signals)
        try require(
            .outputProjector, "the number of conditions", of: outputProjector.conditionCount,
            like: "the generator reads", generator.conditionCount)
        try require(
            .outputProjector, "conditions of width", of: outputProjector.conditionWidth,
            like: "the generator reads", generator.conditionWidth)
        guard let codeWriter else { return }
        try require(
            .codeWriter, "conditions of width", of: codeWriter.conditionWidth, like: "the generator reads",
            generator.conditionWidth)
        try Component.codeWriter.folder(in: directory).require(
            codeWriter.layout.latentShape == generator.latentShape,
            "codes of latents \(generator.latentShape.map { "\($0)" } ?? "that the generator reads"), as the generator's",
            got: "\(codeWriter.layout.latentShape)")
    }
}

extension EncodedSpeech {
    /// The frames that a projector reads: `[T, input.width]`. A pipeline is only loaded where there are some.
    func frames(for input: SpeechProjectorInput) -> Tensor {
        switch input {
        case .hiddenStates: hidden
        case .phonePosteriors(let classes): phonePosteriors ?? Tensor(zeros: 0, classes)
        }
    }
}

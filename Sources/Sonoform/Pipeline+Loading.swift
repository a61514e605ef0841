// Reading a pipeline folder.

import AudioFeatures
import InputProjector
import LanguageModel
import Layers
import ModalityEncoder
import ModalityGenerator
import OutputProjector
public import Tensors

extension Pipeline {
    /// Loads a pipeline folder; throws `TensorFileError` with the file, what was expected and what was got.
    public init(directory: String, precision: Precision = .native) throws(TensorFileError) {
        let manifest = try PipelineManifest(directory: directory)
        func folder(_ component: String) -> ComponentFolder { ComponentFolder(directory + "/" + component) }

        let settings = directory + "/preprocessor_config.json"
        let features: LogMelSpectrogram
        do {
            features = try LogMelSpectrogram(try decodeJSON(SpectrogramConfiguration.self, at: settings))
        } catch let error as SpectrogramError {
            throw TensorFileError(path: settings, expected: error.expected, got: error.got)
        } catch let error as TensorFileError {
            throw error
        } catch {
            throw TensorFileError(path: settings, expected: "settings of a spectrogram", got: "\(error)")
        }
        let tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
        let encoder = try AudioEncoder(folder("modality_encoder"), precision: precision)
        let inputProjector = try InputProjector(folder("input_projector"), precision: precision)
        let model = try LanguageModel(folder("language_model"), precision: precision)
        let outputProjector = try OutputProjector(folder("output_projector"), precision: precision)
        let generator = try ModalityGenerator(folder("modality_generator"), precision: precision)
        let codeWriter =
            if manifest.components.codeWriter != nil {
                try CodeWriter(folder("code_writer"), precision: precision)
            } else {
                nil as CodeWriter?
            }

        func require(_ part: String, _ what: String, _ value: Int, equals other: String, _ expected: Int)
            throws(TensorFileError)
        {
            guard value != expected else { return }
            throw TensorFileError(
                path: folder(part).configurationPath, expected: "\(what) \(expected), as \(other)", got: "\(value)")
        }
        try require(
            "modality_encoder", "num_mel_bins", encoder.configuration.melBins, equals: "the features have",
            features.configuration.melBands)
        try require(
            "input_projector", "output_size", inputProjector.outputWidth, equals: "the language model's width",
            model.configuration.width)
        try require(
            "output_projector", "input_size", outputProjector.configuration.inputSize,
            equals: "the language model's width", model.configuration.width)
        try require(
            "output_projector", "signals", outputProjector.configuration.signals, equals: "pipeline.json has",
            manifest.tokens.signals.count)
        try require(
            "output_projector", "output_size", outputProjector.configuration.outputSize,
            equals: "the generator's conditions", generator.conditionWidth)
        try require(
            "output_projector", "signals", outputProjector.configuration.signals, equals: "the generator's conditions",
            generator.conditionCount)
        if let codeWriter {
            try require(
                "code_writer", "hidden_size", codeWriter.conditionWidth, equals: "the generator's conditions",
                generator.conditionWidth)
            try require(
                "code_writer", "codes.latents", codeWriter.layout.latents, equals: "the generator has",
                generator.configuration.flow.latents)
            try require(
                "code_writer", "codes.features", codeWriter.layout.features, equals: "the generator has",
                generator.configuration.field.features)
        }
        if let phones = inputProjector.phones {
            try require(
                "input_projector", "phones", phones, equals: "the encoder's phone head",
                encoder.configuration.ctc?.phones.count ?? 0)
        }
        self.directory = directory
        self.manifest = manifest
        language = try DescriptionLanguage(directory: directory)
        describer = LazyDescriber(precision: precision)
        self.features = features
        self.encoder = encoder
        self.inputProjector = inputProjector
        self.outputProjector = outputProjector
        self.codeWriter = codeWriter
        self.generator = generator
        decoder = try ReplyDecoder(
            model: model, tokenizer: tokenizer, tokens: manifest.tokens, prompt: manifest.prompt,
            options: manifest.decoding)
        lexicon =
            if let ctc = encoder.configuration.ctc {
                try Lexicon(path: directory + "/lexicon.json", tokenizer: tokenizer, ctc: ctc)
            } else {
                nil
            }
    }
}

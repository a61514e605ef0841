// sonoform generate: a language model by itself, writing text after a prompt.

import ArgumentParser
import AtomicFiles
import LanguageModel
import Layers
import Sonoform
import SystemPackage
import Tensors

/// Writes what a language model goes on with.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Writes text after a prompt, by a language model alone.",
        discussion: """
            The folder is a language model's as Hugging Face's transformers has it: config.json, model.safetensors \
            (whole or in shards), tokenizer.json. What is not said is as its generation_config.json has it. The text is \
            written as it comes; with --json one object at the end.
            """)

    @Argument(help: ArgumentHelp("A language model's folder or a pipeline's.", valueName: "dir"))
    var directory: FilePath

    @Option(help: ArgumentHelp("The text before it.", valueName: "text"))
    var prompt: String?

    @Option(help: ArgumentHelp("The same as tokens; without --prompt tokens are written, too.", valueName: "n,n,…"))
    var promptTokens: String?

    @OptionGroup(title: "Choosing tokens")
    var choices: GenerationArguments

    @Option(
        help: "The number format of the matrix products: f32, bf16 or int8. (default: what the processor does best)")
    var precision: Precision?

    @Option(help: ArgumentHelp("How many threads compute. (default: all cores)", valueName: "n"))
    var threads: Int?

    @Flag(help: "Prints one JSON object.")
    var json = false

    func validate() throws {
        guard (prompt == nil) != (promptTokens == nil) else {
            throw ValidationError("Either --prompt or --prompt-tokens is needed.")
        }
        if let threads, !(1...1_024).contains(threads) { throw ValidationError("--threads takes 1 to 1024.") }
        if promptTokens != nil, try tokens().isEmpty || !choices.stop.isEmpty {
            throw ValidationError("--prompt-tokens takes numbers; --stop is for text.")
        }
    }

    private func tokens() throws -> [Int] {
        try (promptTokens ?? "").split(separator: ",", omittingEmptySubsequences: false).map { number in
            guard let token = Int(number) else { throw ValidationError("--prompt-tokens takes numbers and commas.") }
            return token
        }
    }

    private struct Summary: Encodable {
        let text: String?
        let tokens: [Int]
        let ending: String
        let seed: UInt64
        /// Reading the prompt among it.
        let seconds: Double
    }

    func run() throws {
        do {
            if let threads { setComputeThreads(threads) }
            let folder = Stage.languageModel.folder(in: directory)
            let options = try choices.options(from: GenerationOptions(folder))
            let generator = try Self.generator(folder, precision: precision ?? .native)
            let start = ContinuousClock.now
            let (text, generation) =
                prompt == nil ? (nil, try write(generator, options)) : try write(generator, folder, options)
            guard json else { return say("") }
            let seconds = (ContinuousClock.now - start).inSeconds
            let summary = Summary(
                text: text, tokens: generation.tokens, ending: generation.ending.rawValue, seed: options.seed,
                seconds: seconds)
            say(jsonLine(summary))
        } catch let error as GenerationError {
            report("sonoform: \(directory.printable): \(error)")
            throw ExitCode(1)
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }

    /// By a causal model, or by one of two halves.
    private static func generator(_ folder: ComponentFolder, precision: Precision) throws -> TokenGenerator {
        let answering = VariantTable.sequenceToSequenceModels
        if let name = try folder.variantNames.first, answering.names.contains(name) {
            return TokenGenerator(try answering.load(folder, precision: precision))
        }
        return TokenGenerator(try ComponentVariants().languageModels.load(folder, precision: precision))
    }

    /// Text after text.
    private func write(
        _ tokens: TokenGenerator, _ folder: ComponentFolder, _ options: GenerationOptions
    ) throws -> (String?, Generation) {
        let path = folder.sharedFile("tokenizer.json") ?? directory.appending("tokenizer.json")
        let generator = TextGenerator(tokens, tokenizer: try Tokenizer(path: path))
        let (text, generation) = try generator.generate(after: prompt ?? "", options: options) { piece in
            if !json { say(piece: piece) }
            return true
        }
        return (text, generation)
    }

    /// Tokens after tokens.
    private func write(_ generator: TokenGenerator, _ options: GenerationOptions) throws -> Generation {
        var isFirst = true
        return try generator.generate(after: tokens(), options: options) { token in
            if !json { say(piece: isFirst ? "\(token)" : ",\(token)") }
            isFirst = false
            return true
        }
    }
}

/// How tokens are chosen, and when to stop.
struct GenerationArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The most tokens to write. (default: the model's own, or 256)", valueName: "n"))
    var maxTokens: Int?

    @Flag(help: "Always takes the likeliest token.")
    var greedy = false

    @Flag(help: "Draws tokens; so does each of the four options that follow.")
    var sample = false

    @Option(help: ArgumentHelp("What scores are divided by before drawing.", valueName: "x"))
    var temperature: Float?

    @Option(help: ArgumentHelp("Draws from so many of the likeliest; 0 for all.", valueName: "n"))
    var topK: Int?

    @Option(help: ArgumentHelp("Draws from the likeliest that together have this probability.", valueName: "x"))
    var topP: Float?

    @Option(
        help: ArgumentHelp("Draws from those at least so likely, as a share of the likeliest.", valueName: "x"))
    var minP: Float?

    @Option(help: ArgumentHelp("Makes tokens that are there already less likely; above 1.", valueName: "x"))
    var repetitionPenalty: Float?

    @Option(help: ArgumentHelp("Ends before this text; may be given several times.", valueName: "text"))
    var stop: [String] = []

    @Option(help: ArgumentHelp("What drawing follows: the same seed gives the same text.", valueName: "n"))
    var seed: UInt64 = 0

    private var draws: Bool { sample || temperature != nil || topK != nil || topP != nil || minP != nil }

    func validate() throws {
        if greedy, draws { throw ValidationError("--greedy does not go with options of drawing.") }
        if let maxTokens, !(0...1_000_000).contains(maxTokens) {
            throw ValidationError("--max-tokens takes 0 to 1000000.")
        }
        if let temperature, !(temperature > 0 && temperature.isFinite) {
            throw ValidationError("--temperature takes a number above 0; --greedy takes the likeliest token.")
        }
        if let topK, topK < 0 { throw ValidationError("--top-k takes a number from 0.") }
        if let topP, !(0...1).contains(topP) { throw ValidationError("--top-p takes a number from 0 to 1.") }
        if let minP, !(0...1).contains(minP) { throw ValidationError("--min-p takes a number from 0 to 1.") }
        if let repetitionPenalty, !(repetitionPenalty > 0 && repetitionPenalty.isFinite) {
            throw ValidationError("--repetition-penalty takes a number above 0.")
        }
        if stop.contains("") { throw ValidationError("--stop takes a text of at least one character.") }
    }

    /// The model's own choices, with those that were given in their place.
    func options(from model: GenerationOptions) -> GenerationOptions {
        var options = model
        options.maximumTokens = maxTokens ?? model.maximumTokens
        options.samples = !greedy && (draws || model.samples)
        options.temperature = temperature ?? model.temperature
        if let topK { options.topK = topK == 0 ? nil : topK }
        options.topP = topP ?? model.topP
        options.minP = minP ?? model.minP
        options.repetitionPenalty = repetitionPenalty ?? model.repetitionPenalty
        options.stopTexts += stop
        options.seed = seed
        return options
    }
}

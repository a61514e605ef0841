// How a listener writes speech down.

public import ArgumentParser
import Sonoform
public import SpeechRecognition

extension TranscriptionOptions.Task: ExpressibleByArgument {}

/// Options of a listener's decoding, under openai-whisper's names.
struct DecodingArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("The language that is spoken: de, or german. (default: found by ear)", valueName: "name")
    )
    var language: String?

    @Option(help: "transcribe, or translate, into English.")
    var task = TranscriptionOptions.Task.transcribe

    @Option(help: ArgumentHelp("How many transcripts are followed side by side; 1 is greedy.", valueName: "n"))
    var beam = 1

    @Option(
        help: ArgumentHelp(
            "One temperature for all windows: 0 for the likeliest words, up to 1 for chance. (default: 0, then higher)",
            valueName: "x"))
    var temperature: Float?

    @Option(help: ArgumentHelp("What chance is drawn from.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("What was said before, or how names are written.", valueName: "text"))
    var prompt: String?

    @Flag(help: "Decodes without times: a segment per half minute.")
    var withoutTimestamps = false

    /// What the options are called, for errors.
    static let names = "--language, --task, --beam, --temperature, --seed, --prompt and --without-timestamps"

    /// Whether any of them was given.
    var isUsed: Bool {
        language != nil || task != .transcribe || beam != 1 || temperature != nil || seed != 0 || prompt != nil
            || withoutTimestamps
    }

    func validate() throws {
        if let language, SpokenLanguage(language) == nil {
            throw ValidationError("--language takes a code or an English name, de or german; not \(language).")
        }
        guard (1...TranscriptionOptions.widest).contains(beam) else {
            throw ValidationError("--beam takes 1 to \(TranscriptionOptions.widest).")
        }
        if let temperature, !(0...1).contains(temperature) { throw ValidationError("--temperature takes 0 to 1.") }
    }

    /// The library's own options; throws for a value that it does not take.
    func options() throws(CommandError) -> TranscriptionOptions {
        var options = TranscriptionOptions()
        options.language = language.flatMap { SpokenLanguage($0)?.code }
        (options.task, options.beam, options.seed, options.prompt) = (task, beam, seed, prompt)
        options.timestamps = !withoutTimestamps
        if let temperature { options.temperatures = [temperature] }
        if let fault = options.fault {
            throw CommandError(source: "--prompt", expected: fault.expected, got: fault.got)
        }
        return options
    }
}

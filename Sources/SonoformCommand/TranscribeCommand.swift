// sonoform transcribe: the words of recordings.

import ArgumentParser
import AtomicFiles
import AudioFeatures
import Sonoform
import SpeechRecognition
import SystemPackage
import Tensors

/// Writes down what is said in recordings.
struct TranscribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcribe",
        abstract: "Writes down what is said in recordings.",
        discussion: """
              sonoform transcribe chair.wav                              by the model's own ears, in its words
              sonoform transcribe talk.flac --listener whisper-base      by a whole Whisper, in any words
              sonoform transcribe talk.flac --listener DIR --format srt  as subtitles

            A listener is the folder of a WhisperForConditionalGeneration as transformers writes it: config.json,
            model.safetensors, tokenizer.json, and generation_config.json and preprocessor_config.json where they are
            there. It decodes as openai-whisper does; a window whose words repeat themselves or are not likely enough is
            decoded again at higher temperatures, unless --temperature gives one.
            """)

    @Argument(help: "Recordings: WAV, AIFF, CAF, FLAC or Ogg; - for the standard input.")
    var audio: [FilePath]

    @Option(
        help: ArgumentHelp(
            "A whole Whisper, a folder of transformers'. (default: the model's own ears)", valueName: "dir"))
    var listener: FilePath?

    @Option(help: "What is printed: text, json, srt or vtt.")
    var format = Format.text

    @Flag(help: "Prints when the words are said, before them.")
    var timestamps = false

    @Flag(help: "Prints one JSON object per input, as --format json does.")
    var json = false

    @OptionGroup(title: "Listener") var decoding: DecodingArguments
    @OptionGroup(title: "Reading") var reading: ReadingArguments
    @OptionGroup var pipelineOptions: PipelineOptions

    /// The forms of a transcript.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, srt, vtt
    }

    func validate() throws {
        guard audio.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("The standard input is one recording: name - once.")
        }
        guard !json || format == .text || format == .json else {
            throw ValidationError("--json is --format json, not \(format.rawValue).")
        }
        guard audio.count == 1 || (format != .srt && format != .vtt) else {
            throw ValidationError("--format \(format.rawValue) takes one recording.")
        }
        guard !timestamps || (format == .text && !json) else {
            throw ValidationError("--timestamps belongs to --format text; the others have times as they are.")
        }
        guard listener != nil || !decoding.isUsed else {
            throw ValidationError("\(DecodingArguments.names) are a listener's: name one by --listener.")
        }
        guard listener == nil || pipelineOptions.model == nil else {
            throw ValidationError("Give --listener or --model, not both.")
        }
    }

    func run() throws {
        let transcriber: any Transcribing
        do {
            transcriber = try self.transcriber()
        } catch {
            report(error)
            throw ExitCode(1)
        }
        var failures = 0
        for input in audio {
            do {
                let start = ContinuousClock.now
                var spoken = try transcriber.transcribe(input, reading: try reading.options())
                spoken.shift(by: reading.from)
                for warning in spoken.warnings { report("sonoform: \(input.printable): note: \(warning)") }
                print(spoken, of: input, seconds: (ContinuousClock.now - start).inSeconds)
            } catch {
                failures += 1
                if json || format == .json { say(jsonLine(ConversionRecord(input: input.text, error: error))) }
                report(error)
            }
        }
        if failures > 0 { throw ExitCode(1) }
    }

    private func transcriber() throws -> any Transcribing {
        guard let listener else { return PipelineTranscriber(pipeline: try pipelineOptions.load()) }
        return ListenerTranscriber(
            listener: try ComponentVariants().listeners.load(
                directory: listener, precision: pipelineOptions.precision ?? .native),
            options: try decoding.options(), threads: pipelineOptions.threads)
    }

    private func print(_ spoken: SpokenWords, of input: FilePath, seconds: Double) {
        let subtitles = Subtitles(spoken.segments.map { ($0.start..<max($0.start, $0.end), $0.text) })
        switch json ? Format.json : format {
        case .json:
            say(
                jsonLine(
                    TranscriptReport(
                        input: input.text, language: spoken.language, text: spoken.text, segments: spoken.segments,
                        warnings: spoken.warnings.isEmpty ? nil : spoken.warnings, seconds: seconds)))
        case .text:
            let name = audio.count > 1 ? "\(input.printable): " : ""
            // Models are files, too: what they write is no command to a terminal.
            say(timestamps ? (name.isEmpty ? "" : name + "\n") + subtitles.lines : name + spoken.text.printable)
        case .srt: say(subtitles.srt.trimmedLines)
        case .vtt: say(subtitles.vtt.trimmedLines)
        }
    }
}

/// One transcript; its JSON is `transcribe --json`'s line.
private struct TranscriptReport: Encodable {
    let input: String
    let language: String
    let text: String
    let segments: [SpokenWords.Segment]
    let warnings: [String]?
    let seconds: Double
}

extension String {
    /// The lines, without empty ones at the end: `say` ends the last one.
    fileprivate var trimmedLines: String {
        var lines = self[...]
        while lines.hasSuffix("\n\n") { lines.removeLast() }
        return String(lines)
    }
}

// A whole Whisper against openai-whisper, and before a pipeline.

import AudioFeatures
import Foundation
import GoldenFiles
import Layers
import SpeechRecognition
import SystemPackage
import Tensors
import Testing

@testable import Sonoform

/// A transcript that openai-whisper made, and how it was asked.
private struct ReferenceTranscript: Decodable {
    struct Options: Decodable {
        let language: String?
        let task: String?
        let beam_size: Int?
        let patience: Float?
        let length_penalty: Float?
        let condition_on_previous_text: Bool?
        let without_timestamps: Bool?
        let no_speech_threshold: Float?
        let logprob_threshold: Float?
        let initial_prompt: String?
        let seconds: Double?
        let english: Bool?
    }

    struct Segment: Decodable {
        let start: Double
        let end: Double
        let tokens: [Int]
        let avg_logprob: Float
        let no_speech_prob: Float
        let compression_ratio: Float
    }

    let options: Options
    let language: String
    let text: String
    let segments: [Segment]

    static func all() throws -> [ReferenceTranscript] {
        struct Cases: Decodable { let transcripts: [ReferenceTranscript] }
        return try GoldenFiles.decode(Cases.self, GoldenFiles.path("speech_recognition/cases.json")).transcripts
    }
}

/// The options of a reference, at temperature 0 and without the thresholds that it did without.
private func options(_ reference: ReferenceTranscript.Options) -> TranscriptionOptions {
    var options = TranscriptionOptions()
    options.language = reference.language
    options.task = reference.task == "translate" ? .translate : .transcribe
    options.temperatures = [0]
    options.beam = reference.beam_size ?? 1
    options.patience = reference.patience ?? 1
    options.lengthPenalty = reference.length_penalty
    options.timestamps = reference.without_timestamps != true
    options.prompt = reference.initial_prompt
    options.conditionsOnPrevious = reference.condition_on_previous_text ?? true
    options.compressionRatioThreshold = nil
    options.logProbabilityThreshold = reference.logprob_threshold
    options.noSpeechThreshold = reference.no_speech_threshold
    return options
}

/// Noise that is loud and quiet by turns, as the goldens' script makes it.
private func sound(seconds: Double) -> Recording {
    let loudness: [Float] = [0.5, 0.02, 0.2, 0.001, 0.05]
    let noise = scattered(Int(seconds * 16_000), seed: 7).values
    return Recording(
        samples: noise.enumerated().map { $1 * loudness[$0 / 6_000 % loudness.count] }, sampleRateHz: 16_000)
}

private let tiny = GoldenFiles.path("speech_recognition/tiny")

/// The tiny checkpoint as one that knows English alone.
private func english(in scratch: Scratch) throws -> ComponentFolder {
    for name in ["config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"] {
        try scratch.copy("\(tiny)/\(name)")
    }
    try scratch.write("generation_config.json", #"{"is_multilingual": false}"#.utf8)
    return ComponentFolder(scratch.path)
}

struct ListenerTests {
    @Test(arguments: 0..<12) func `transcripts are openai-whisper's`(index: Int) throws {
        let all = try ReferenceTranscript.all()
        try #require(all.count == 12)
        let reference = all[index]
        let scratch = try Scratch()
        let folder = try reference.options.english == true ? english(in: scratch) : ComponentFolder(tiny)
        let listener = try VariantTable.listeners.load(folder, precision: .f32)
        let transcript = try listener.transcribe(
            sound(seconds: reference.options.seconds ?? 73.3), source: "noise", options: options(reference.options))
        #expect(transcript.language == reference.language)
        #expect(transcript.text == reference.text)
        #expect(transcript.segments.map(\.tokens) == reference.segments.map(\.tokens))
        for (mine, theirs) in zip(transcript.segments, reference.segments) {
            #expect(abs(mine.start - theirs.start) < 1e-6 && abs(mine.end - theirs.end) < 1e-6)
            #expect(abs(mine.averageLogProbability - theirs.avg_logprob) < 1e-3)
            #expect(abs(mine.noSpeechProbability - theirs.no_speech_prob) < 1e-3 * theirs.no_speech_prob + 1e-7)
            // One window of this case has a language's token amid its words, which openai-whisper spells out.
            guard reference.options.length_penalty == nil else { continue }
            #expect(abs(mine.compressionRatio - theirs.compression_ratio) < 1e-5)
        }
    }

    @Test func `chance is the same for the same seed, and hot windows are no context`() throws {
        let listener = try WhisperListener(ComponentFolder(tiny), precision: .f32)
        var options = TranscriptionOptions()
        (options.language, options.temperatures, options.bestOf) = ("en", [0, 0.4, 0.8], 3)
        // Nothing is that likely: the last temperature it is.
        options.logProbabilityThreshold = 0
        let first = try listener.transcribe(sound(seconds: 40), source: "noise", options: options)
        #expect(first.segments.allSatisfy { $0.temperature == 0.8 })
        #expect(try listener.transcribe(sound(seconds: 40), source: "noise", options: options) == first)
        options.seed = 1
        #expect(try listener.transcribe(sound(seconds: 40), source: "noise", options: options) != first)
        options.logProbabilityThreshold = -100
        let likely = try listener.transcribe(sound(seconds: 40), source: "noise", options: options)
        #expect(likely.segments.contains { $0.temperature == 0 })
    }

    @Test func `options that the model does not have are refused`() throws {
        let scratch = try Scratch()
        let listener = try WhisperListener(english(in: scratch), precision: .f32)
        #expect(listener.languages == ["en"])
        func refusal(_ change: (inout TranscriptionOptions) -> Void) -> SonoformError? {
            var options = TranscriptionOptions()
            change(&options)
            return #expect(throws: SonoformError.self) {
                try listener.transcribe(sound(seconds: 1), source: "noise", options: options)
            }
        }
        for (error, expected) in [
            (refusal { $0.language = "de" }, "a language of en, of an English model"),
            (refusal { $0.task = .translate }, "a multilingual model, to translate"),
            (refusal { $0.beam = 0 }, "a beam of 1 to 64"),
            (refusal { $0.temperatures = [] }, "temperatures of 0 to 10"),
            (refusal { $0.temperatures = [.nan] }, "temperatures of 0 to 10"),
            (refusal { $0.prompt = String(repeating: "a", count: 10_001) }, "a prompt of at most 10000 bytes"),
        ] {
            #expect(error?.reason == .unsupportedOption && error?.expected == expected, "\(expected)")
        }
    }

    @Test func `neither sound too short for a frame nor another rate is heard`() throws {
        let listener = try WhisperListener(ComponentFolder(tiny), precision: .f32)
        let options = TranscriptionOptions()
        for count in [0, 1, 159] {
            let recording = Recording(samples: [Float](repeating: 0.1, count: count), sampleRateHz: 16_000)
            let error = #expect(throws: SonoformError.self) {
                try listener.transcribe(recording, source: "click", options: options)
            }
            #expect(error?.reason == .noSpeech)
        }
        let error = #expect(throws: SonoformError.self) {
            try listener.transcribe(
                Recording(samples: [0, 0], sampleRateHz: 8_000), source: "call", options: options)
        }
        #expect(error?.reason == .wrongRate)
    }

    @Test func `weights that are no numbers are told`() throws {
        let scratch = try Scratch()
        _ = try english(in: scratch)
        let file = try SafeTensorsFile(path: "\(tiny)/model.safetensors")
        var tensors: [String: Tensor] = [:]
        for name in file.names { tensors[name] = try file.tensor(name) }
        tensors["model.decoder.layer_norm.bias"] = Tensor(shape: [20], values: [Float](repeating: .nan, count: 20))
        try FileManager.default.removeItem(atPath: scratch.file("model.safetensors"))
        try SafeTensorsFile.write(tensors, to: scratch.file("model.safetensors"))
        let listener = try WhisperListener(ComponentFolder(scratch.path), precision: .f32)
        for beam in [1, 3] {
            var options = TranscriptionOptions()
            options.beam = beam
            let error = #expect(throws: SonoformError.self) {
                try listener.transcribe(sound(seconds: 2), source: "noise", options: options)
            }
            #expect(error?.reason == .damagedPipeline && error?.got == "scores of NaN")
        }
    }

    @Test(arguments: [
        (#"{"no_timestamps_token_id": 7}"#, "no_timestamps_token_id 325"),
        (#"{"lang_to_id": {"<|fr|>": 316}}"#, "lang_to_id.<|fr|> absent"),
        (#"{"lang_to_id": {"": 316}}"#, "absent"), (#"{"suppress_tokens": [1827]}"#, "suppress_tokens from 0 to 1826"),
        (#"{"begin_suppress_tokens": [-1]}"#, "begin_suppress_tokens from 0 to 1826"),
        (#"{"max_length": 0}"#, "max_length from 1 to 48"),
        (#"{"max_initial_timestamp_index": -9223372036854775808}"#, "max_initial_timestamp_index from 0"),
    ])
    func `refuses a generation_config.json that does not fit`(json: String, expected: String) throws {
        let scratch = try Scratch()
        _ = try english(in: scratch)
        try scratch.write("generation_config.json", json.utf8)
        let error = #expect(throws: TensorFileError.self) { try WhisperListener(ComponentFolder(scratch.path)) }
        #expect(error?.expected.contains(expected) == true, "\(error?.description ?? "accepted")")
    }

    @Test func `before a pipeline, what it hears is read as a text is`() throws {
        var pipeline = builtIn
        pipeline.listener = ScriptedListener(words: "A tall, red chair.")
        let noise = sound(seconds: 1)
        let scene = try pipeline.understand(noise, source: "noise")
        #expect(scene == (try pipeline.understand(text: "A tall, red chair.")))
        #expect(try pipeline.transcribe(noise) == "A tall, red chair.")
        #expect(try pipeline.transcript(of: noise) == "A tall, red chair.")
        pipeline.listener = ScriptedListener(words: "What is the time?")
        let error = #expect(throws: SonoformError.self) { try pipeline.convert(noise) }
        #expect(error?.reason == .notADescription)
    }

    @Test func `subtitles have every cue's time, and nothing in a cue ends it`() {
        let subtitles = Subtitles([(0.0..<1.5, "one --> two\n\nthree"), (3_725.4996..<3_725.9, "four")])
        #expect(
            subtitles.srt == """
                1
                00:00:00,000 --> 00:00:01,500
                one -> two\\n\\nthree

                2
                01:02:05,500 --> 01:02:05,900
                four


                """)
        #expect(subtitles.vtt.hasPrefix("WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n"))
        #expect(
            subtitles.lines == """
                [00:00.000 --> 00:01.500]  one -> two\\n\\nthree
                [01:02:05.500 --> 01:02:05.900]  four
                """)
    }
}

/// Hears what it is told to hear.
private struct ScriptedListener: Listener {
    let words: String
    let directory: FilePath = "scripted"
    let sampleRateHz = 16_000
    let languages = ["en"]

    func transcribe(
        _ recording: Recording, source: String, options: TranscriptionOptions
    ) throws(SonoformError) -> Transcript {
        Transcript(language: "en", text: words, segments: [])
    }
}

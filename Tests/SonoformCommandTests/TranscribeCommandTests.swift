// sonoform transcribe, and --listener of the commands that hear.

import Foundation
import GoldenFiles
import Testing

@testable import SonoformCommand

struct TranscribeCommandTests {
    let scratch: Scratch
    let chair = GoldenFiles.root + "/audio-samples/tall-red-chair.wav"
    /// Random weights: what it hears are tokens by chance, but always the same ones.
    let tiny = GoldenFiles.path("speech_recognition/tiny")

    init() throws { scratch = try Scratch() }

    @Test func `by the model's own ears it writes the words`() throws {
        let run = try Run("transcribe", chair)
        #expect(run.status == 0 && run.output.contains("red chair") && run.outputLines.count == 1)
        let several = try Run("transcribe", chair, chair, "--timestamps")
        #expect(several.status == 0 && several.output.hasPrefix("\(chair): \n[00:00.000 --> "))
        let json = try Run("transcribe", chair, "--json")
        #expect(json.output.hasPrefix("{\"input\":\"") && json.output.contains("\"language\":\"en\""))
        #expect(try Run("transcribe", chair, "--format", "srt").output.hasPrefix("1\n00:00:00,000 --> "))
    }

    @Test func `a listener writes in every form, and the same from a file and from the standard input`() throws {
        let options = ["--listener", tiny, "--temperature", "0", "--precision", "f32"]
        let text = try Run(list: ["transcribe", chair] + options)
        #expect(text.status == 0 && text.outputLines.count == 1, "\(text.errors)")
        let piped = try Run(
            script: "\"$SF\" transcribe - --listener \"$G/speech_recognition/tiny\" --temperature 0 --precision f32 "
                + "< \"$S/tall-red-chair.wav\"", in: scratch.path)
        #expect(piped.output == text.output)
        let json = try Run(list: ["transcribe", chair, "--format", "json", "--beam", "3"] + options)
        for member in ["\"tokens\":[", "\"avg_logprob\":", "\"temperature\":0", "\"language\":\"", "\"seconds\":"] {
            #expect(json.output.contains(member), "\(member)")
        }
        let vtt = try Run(list: ["transcribe", chair, "--format", "vtt", "--language", "German"] + options)
        #expect(vtt.status == 0 && vtt.output.hasPrefix("WEBVTT\n\n00:00:0"))
        let whole = try Run(list: ["transcribe", chair, "--format", "json", "--without-timestamps"] + options)
        #expect(whole.status == 0 && whole.output.contains("\"start\":0,"))
    }

    @Test func `one bad recording fails, the others are written`() throws {
        try scratch.write("bad.wav", "no sound".utf8)
        let run = try Run("transcribe", scratch.file("bad.wav"), chair, "--json")
        #expect(run.status == 1 && run.outputLines.count == 2 && run.errorLines.count == 1)
        #expect(run.outputLines[0].contains("\"error\":"))
    }

    @Test(arguments: [
        (["--beam", "0"], "--beam takes"), (["--temperature", "2"], "--temperature takes"),
        (["--language", "klingon"], "--language takes"), (["--json", "--format", "srt"], "--json is"),
        (["--timestamps", "--format", "vtt"], "--timestamps belongs"), (["--model", "x"], "not both"),
    ])
    func `wrong options are told`(options: [String], expected: String) throws {
        let run = try Run(list: ["transcribe", chair, "--listener", tiny] + options)
        #expect(run.status == 2 && run.errors.contains(expected), "\(run.errors)")
    }

    @Test func `what only a listener does needs one, and a folder that is none is named`() throws {
        let alone = try Run("transcribe", chair, "--beam", "3")
        #expect(alone.status == 2 && alone.errors.contains("--listener"))
        let none = try Run("transcribe", chair, "--listener", scratch.path)
        #expect(none.status == 1 && none.errorLines.count == 1 && none.errors.contains("config.json"))
        let other = try Run(
            "transcribe", chair, "--listener", GoldenFiles.root + "/Sources/Sonoform/Resources/built-in/language_model")
        #expect(other.status == 1 && other.errors.contains("known listener (whisper)"))
    }

    @Test func `before a pipeline its words are read as a text, and reports keep what heard`() throws {
        // Tokens by chance describe nothing: the refusal quotes them, as that of a text does.
        let run = try Run("convert", chair, "--listener", tiny, "-o", scratch.file("x.ply"), "--precision", "f32")
        #expect(run.status == 1 && run.errorLines.count == 1 && !run.errors.contains("red chair"))
        let recordings = scratch.file("in")
        try FileManager.default.createDirectory(atPath: recordings, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: chair, toPath: recordings + "/a.wav")
        let batch = try Run(
            "batch", recordings, "-o", scratch.file("out"), "--listener", tiny, "--json", "--points", "64")
        #expect(batch.status == 1 && batch.output.contains("\"listener_sha256\":\""))
        let own = try Run("batch", recordings, "-o", scratch.file("own"), "--json", "--points", "64")
        #expect(own.status == 0 && !own.output.contains("listener_sha256"))
        let kept = try Run("batch", recordings, "-o", scratch.file("own"), "--resume", "--dry-run", "--points", "64")
        #expect(kept.output.hasPrefix("keep"))
        let changed = try Run(
            "batch", recordings, "-o", scratch.file("own"), "--resume", "--dry-run", "--listener", tiny, "--points",
            "64")
        #expect(changed.output.hasPrefix("convert"))
    }
}

extension Run {
    fileprivate var outputLines: [Substring] { output.split(separator: "\n") }
}

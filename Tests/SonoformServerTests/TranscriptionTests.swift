// POST /v1/audio/transcriptions: by the pipeline's own ears, and by a listener.

import AtomicFiles
import AudioFeatures
import GoldenFiles
import Sonoform
import SpeechRecognition
import SystemPackage
import Testing

@testable import SonoformServer

/// A form with a recording and other fields.
private func form(_ fields: [(name: String, value: String)]) throws -> [UInt8] {
    let recording = try FilePath(GoldenFiles.root + "/audio-samples/tall-red-chair.wav").readAll(limit: 1 << 24)
    let texts = fields.map {
        "--b\r\nContent-Disposition: form-data; name=\"\($0.name)\"\r\n\r\n\($0.value)\r\n"
    }
    return Array(texts.joined().utf8)
        + Array("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".utf8) + recording
        + Array("\r\n--b--\r\n".utf8)
}

/// Repeats how it was asked, as two segments.
private struct RepeatingListener: Listener {
    let directory: FilePath = "repeating"
    let sampleRateHz = 16_000
    let languages = ["en", "de"]

    func transcribe(
        _ recording: Recording, source: String, options: TranscriptionOptions
    ) throws(SonoformError) -> Transcript {
        let asked = "\(options.language ?? "any") \(options.temperatures) \(options.prompt ?? "none")"
        func segment(_ times: Range<Double>, _ text: String) -> Transcript.Segment {
            Transcript.Segment(
                start: times.lowerBound, end: times.upperBound, text: text, tokens: [1], temperature: 0,
                averageLogProbability: -0.5, compressionRatio: 1, noSpeechProbability: 0.25)
        }
        return Transcript(
            language: options.language ?? "de", text: asked,
            segments: [segment(0..<1.5, asked), segment(1.5..<2, "end")])
    }
}

@Suite("Transcriptions", .serialized)
struct TranscriptionTests {
    let type = "multipart/form-data; boundary=b"
    let path = "/v1/audio/transcriptions"

    @Test("a listener hears in the pipeline's place, as the form asks for it")
    func listener() async throws {
        try await withServer(listener: RepeatingListener()) { port in
            let plain = try await ask(port, "POST", path, type: type, body: try form([]))
            #expect(plain.text == #"{"text":"any [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] none"}"#)
            let asked = try await ask(
                port, "POST", path, type: type,
                body: try form([
                    ("language", "German"), ("temperature", "0.5"), ("prompt", "Stühle"),
                    ("response_format", "verbose_json"),
                ]))
            #expect(asked.status == 200)
            for member in [
                #""language":"german""#, #""text":"de [0.5] Stühle""#, #""duration":2"#, #""no_speech_prob":0.25"#,
                #""id":1"#, #""task":"transcribe""#,
            ] {
                #expect(asked.text.contains(member), "\(member)")
            }
            let subtitles = try await ask(
                port, "POST", path, type: type, body: try form([("response_format", "srt")]))
            #expect(subtitles.text.contains("2\n00:00:01,500 --> 00:00:02,000\nend\n"))
            for field in [("language", "fr"), ("language", "klingon"), ("temperature", "2"), ("temperature", "nan")] {
                let refused = try await ask(port, "POST", path, type: type, body: try form([field]))
                #expect(refused.status == 400 && refused.text.contains("invalid-parameter"), "\(field)")
            }
        }
    }

    @Test("the pipeline's own ears hear English, and take no prompt")
    func ownEars() async throws {
        try await withServer { port in
            let heard = try await ask(
                port, "POST", path, type: type,
                body: try form([("language", "english"), ("temperature", "0"), ("response_format", "vtt")]))
            #expect(heard.status == 200 && heard.text.hasPrefix("WEBVTT\n\n00:00:00.000 --> "))
            for field in [("language", "de"), ("temperature", "0.2"), ("prompt", "chairs"), ("beam", "3")] {
                let refused = try await ask(port, "POST", path, type: type, body: try form([field]))
                #expect(refused.status == 400, "\(field)")
            }
        }
    }
}

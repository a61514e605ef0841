// What was said, in the forms of OpenAI's `POST /v1/audio/transcriptions`.

import AudioFeatures
import Hummingbird
import Sonoform
import SystemPackage

/// A recording's transcript, segment by segment.
struct TranscriptionBody: Sendable {
    /// The form of the answer.
    enum Format: String, CaseIterable {
        case json, text, srt, vtt
        case verbose = "verbose_json"

        /// Reads the request's fields; throws for one that this model does not have.
        init(_ fields: [(name: String, value: String)]) throws(Problem) {
            var format = Format.json
            for (name, value) in fields {
                let isKnown =
                    switch name {
                    // Clients name the model that they would have; there is one here.
                    case "model": true
                    case "language": ["en", "english"].contains(value.lowercased())
                    // A greedy transcript is what a temperature of 0 asks for.
                    case "temperature": Double(value) == 0
                    case "prompt": value.isEmpty
                    case "timestamp_granularities[]": value == "segment"
                    case "response_format": Format(rawValue: value) != nil
                    default: throw .unknownParameter(name, known: Self.names)
                    }
                guard isKnown else {
                    throw .parameter(name, expected: Self.expected(name), got: "\"\(value.prefix(100))\"")
                }
                if name == "response_format", let named = Format(rawValue: value) { format = named }
            }
            self = format
        }

        private static let names = [
            "file", "language", "model", "prompt", "response_format", "temperature", "timestamp_granularities[]",
        ]

        private static func expected(_ name: String) -> String {
            switch name {
            case "language": "en"
            case "temperature": "0"
            case "prompt": "empty"
            case "timestamp_granularities[]": "segment"
            default: allCases.map(\.rawValue).joined(separator: ", ")
            }
        }
    }

    private struct Segment: Encodable, Sendable {
        let id: Int
        let start: Double
        let end: Double
        let text: String
    }

    private let segments: [Segment]

    /// Hears a recording, utterance by utterance.
    init(_ path: FilePath, reading: ReadingOptions, _ pipeline: Pipeline) throws(SonoformError) {
        segments = try pipeline.transcribe(utterancesOf: path, reading: reading).enumerated().map { index, heard in
            Segment(id: index, start: heard.seconds.lowerBound, end: heard.seconds.upperBound, text: heard.text)
        }
    }

    private struct Short: Encodable { let text: String }

    private struct Verbose: Encodable {
        let task = "transcribe"
        let language = "english"
        let duration: Double
        let text: String
        let segments: [Segment]
    }

    /// The answer in a form.
    func response(_ format: Format) -> Response {
        let text = segments.map(\.text).joined(separator: " ")
        switch format {
        case .json: return Response(json: Short(text: text))
        case .verbose:
            return Response(json: Verbose(duration: segments.last?.end ?? 0, text: text, segments: segments))
        case .text: return Response(Array((text + "\n").utf8), type: "text/plain; charset=utf-8")
        case .srt:
            let cues = segments.map { "\($0.id + 1)\n\(cue($0, ","))\n\($0.text)\n\n" }
            return Response(Array(cues.joined().utf8), type: "application/x-subrip; charset=utf-8")
        case .vtt:
            let cues = segments.map { "\(cue($0, "."))\n\($0.text)\n\n" }
            return Response(Array(("WEBVTT\n\n" + cues.joined()).utf8), type: "text/vtt; charset=utf-8")
        }
    }

    private func cue(_ segment: Segment, _ mark: String) -> String {
        "\(time(segment.start, mark)) --> \(time(segment.end, mark))"
    }

    /// 3725.5 -> "01:02:05,500".
    private func time(_ seconds: Double, _ mark: String) -> String {
        let milliseconds = Int((seconds * 1_000).rounded())
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        return
            "\(digits(whole / 3_600, 2)):\(digits(whole / 60 % 60, 2)):\(digits(whole % 60, 2))\(mark)\(digits(rest, 3))"
    }
}

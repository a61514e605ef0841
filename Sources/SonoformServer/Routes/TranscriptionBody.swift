// What was said, in the forms of OpenAI's `POST /v1/audio/transcriptions`.

import AudioFeatures
import Hummingbird
import Sonoform
import SpeechRecognition
import SystemPackage

/// A recording's transcript, segment by segment.
struct TranscriptionBody: Sendable {
    private struct Segment: Encodable, Sendable {
        let id: Int
        let start: Double
        let end: Double
        let text: String
        /// What a listener tells besides.
        let heard: Transcript.Segment?

        private enum CodingKeys: String, CodingKey { case id, start, end, text }

        func encode(to encoder: any Encoder) throws {
            try heard?.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(start, forKey: .start)
            try container.encode(end, forKey: .end)
            try container.encode(text, forKey: .text)
        }
    }

    private let language: String
    private let text: String
    private let segments: [Segment]

    /// Hears a recording: by the listener before the pipeline, or by the pipeline's own ears, utterance by utterance.
    init(
        _ path: FilePath, reading: ReadingOptions, _ options: TranscriptionOptions, _ pipeline: Pipeline
    ) throws {
        guard let listener = pipeline.listener else {
            let heard = try pipeline.transcribe(utterancesOf: path, reading: reading)
            segments = heard.enumerated().map { index, heard in
                Segment(
                    id: index, start: heard.seconds.lowerBound, end: heard.seconds.upperBound, text: heard.text,
                    heard: nil)
            }
            (language, text) = ("english", heard.map(\.text).joined(separator: " "))
            return
        }
        let transcript = try pipeline.transcribe(contentsOf: path, reading: reading, by: listener, options: options)
        segments = transcript.segments.enumerated().map { index, segment in
            Segment(id: index, start: segment.start, end: segment.end, text: segment.text, heard: segment)
        }
        (language, text) = (SpokenLanguage(transcript.language)?.name ?? transcript.language, transcript.text)
    }

    private struct Short: Encodable { let text: String }

    private struct Verbose: Encodable {
        let task = "transcribe"
        let language: String
        let duration: Double
        let text: String
        let segments: [Segment]
    }

    /// The answer in a form.
    func response(_ format: TranscriptionRequest.Format) -> Response {
        let subtitles = Subtitles(segments.map { ($0.start..<max($0.start, $0.end), $0.text) })
        switch format {
        case .json: return Response(json: Short(text: text))
        case .verbose:
            return Response(
                json: Verbose(
                    language: language, duration: segments.last?.end ?? 0, text: text, segments: segments))
        case .text: return Response(Array((text + "\n").utf8), type: "text/plain; charset=utf-8")
        case .srt: return Response(Array(subtitles.srt.utf8), type: "application/x-subrip; charset=utf-8")
        case .vtt: return Response(Array(subtitles.vtt.utf8), type: "text/vtt; charset=utf-8")
        }
    }
}

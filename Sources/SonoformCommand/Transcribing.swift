// Who writes recordings down for `sonoform transcribe`: the pipeline's own ears, or a listener.

import AtomicFiles
import AudioFeatures
import Sonoform
import SpeechRecognition
import SystemPackage
import Tensors

/// What was said in a recording.
struct SpokenWords {
    /// A stretch of it.
    struct Segment: Encodable {
        var start: Double
        var end: Double
        let text: String
        /// What a listener tells besides.
        let heard: Transcript.Segment?

        private enum CodingKeys: String, CodingKey { case start, end, text }

        func encode(to encoder: any Encoder) throws {
            try heard?.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(start, forKey: .start)
            try container.encode(end, forKey: .end)
            try container.encode(text, forKey: .text)
        }
    }

    let language: String
    let text: String
    var segments: [Segment]
    let warnings: [String]

    /// Moves all times.
    mutating func shift(by seconds: Double) {
        for index in segments.indices {
            segments[index].start += seconds
            segments[index].end += seconds
        }
    }
}

/// Writes recordings down.
protocol Transcribing {
    func transcribe(_ input: FilePath, reading: ReadingOptions) throws -> SpokenWords
}

/// The pipeline's own ears, utterance by utterance.
struct PipelineTranscriber: Transcribing {
    let pipeline: Pipeline

    func transcribe(_ input: FilePath, reading: ReadingOptions) throws -> SpokenWords {
        let sound = try opened(input, reading)
        let heard = try pipeline.transcribe(utterancesOf: sound, reading: reading)
        return SpokenWords(
            language: "en", text: heard.map(\.text).joined(separator: " "),
            segments: heard.map {
                SpokenWords.Segment(start: $0.seconds.lowerBound, end: $0.seconds.upperBound, text: $0.text, heard: nil)
            }, warnings: [])
    }
}

/// A whole Whisper, half a minute after half a minute.
struct ListenerTranscriber: Transcribing {
    let listener: any Listener
    let options: TranscriptionOptions
    let threads: Int?

    func transcribe(_ input: FilePath, reading: ReadingOptions) throws -> SpokenWords {
        var reading = reading
        reading.sampleRateHz = listener.sampleRateHz
        let recording = try Recording(contentsOf: try opened(input, reading), reading)
        if let threads { setComputeThreads(threads) }
        let transcript = try listener.transcribe(recording, source: input.printable, options: options)
        return SpokenWords(
            language: transcript.language, text: transcript.text,
            segments: transcript.segments.map {
                SpokenWords.Segment(start: $0.start, end: $0.end, text: $0.text, heard: $0)
            }, warnings: recording.warnings.map { "\($0)" })
    }
}

private func opened(_ input: FilePath, _ reading: ReadingOptions) throws -> AudioInput {
    try input == "-" ? AudioInput.standardInput(reading) : AudioInput(opening: input, reading)
}

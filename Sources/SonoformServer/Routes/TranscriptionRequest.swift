// What `POST /v1/audio/transcriptions` is asked for, in OpenAI's fields.

import Sonoform
import SpeechRecognition

/// The form of a transcript, and how a listener is to hear.
struct TranscriptionRequest: Sendable {
    /// The form of the answer.
    enum Format: String, CaseIterable {
        case json, text, srt, vtt
        case verbose = "verbose_json"
    }

    private(set) var format = Format.json
    private(set) var options = TranscriptionOptions()

    /// Reads the request's fields; throws for one that the server does not have.
    ///
    /// - Parameter languages: the codes of those that the listener writes; nil for the pipeline's own ears, which hear
    ///   English alone, and its likeliest words.
    init(_ fields: [(name: String, value: String)], languages: [String]?) throws(Problem) {
        for (name, value) in fields {
            let isKnown: Bool
            switch name {
            // Clients name the model that they would have; there is one here.
            case "model": isKnown = true
            case "language":
                let language = SpokenLanguage(value)?.code
                isKnown = language.map { (languages ?? ["en"]).contains($0) } ?? false
                options.language = language
            case "temperature":
                let temperature = Float(value) ?? -1
                isKnown = languages == nil ? temperature == 0 : (0...1).contains(temperature)
                // OpenAI's 0 is "the likeliest, and more where that does not do".
                if temperature > 0 { options.temperatures = [temperature] }
            case "prompt":
                options.prompt = value.isEmpty ? nil : value
                isKnown = value.isEmpty || (languages != nil && options.fault == nil)
            case "timestamp_granularities[]": isKnown = value == "segment"
            case "response_format":
                isKnown = Format(rawValue: value) != nil
                format = Format(rawValue: value) ?? .json
            default: throw .unknownParameter(name, known: Self.names)
            }
            guard isKnown else {
                throw .parameter(
                    name, expected: Self.expected(name, languages: languages), got: "\"\(value.prefix(100))\"")
            }
        }
    }

    private static let names = [
        "file", "language", "model", "prompt", "response_format", "temperature", "timestamp_granularities[]",
    ]

    private static func expected(_ name: String, languages: [String]?) -> String {
        switch name {
        case "language": (languages ?? ["en"]).joined(separator: ", ")
        case "temperature": languages == nil ? "0" : "0 to 1"
        case "prompt": languages == nil ? "empty" : "at most 10000 bytes"
        case "timestamp_granularities[]": "segment"
        default: Format.allCases.map(\.rawValue).joined(separator: ", ")
        }
    }
}

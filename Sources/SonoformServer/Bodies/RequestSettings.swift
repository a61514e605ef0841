// A conversion's settings, from a query, a form or a JSON object: one table of names, whatever they come in.

import AudioFeatures
import PointClouds
import Sonoform

/// What a request asks of a conversion.
struct RequestSettings: Sendable, Equatable {
    var conversion = ConversionOptions()
    var channel = ChannelChoice.mix
    var pauseSeconds = 1.0
    /// The format that is asked for by name; nil to go by `Accept`.
    var format: CloudFormat?

    /// The settings by the names that clients use.
    enum Name: String, CaseIterable {
        case points, seed, signals, steps, guidance, channel, pause, format, strict
        case leastConfidence = "least_confidence"

        /// What JSON has it as.
        var kind: ScalarKind {
            switch self {
            case .signals, .channel, .format: .text
            case .strict: .truth
            case .points, .seed, .steps, .guidance, .pause, .leastConfidence: .number
            }
        }
    }

    /// What every conversion takes.
    static let names = Name.allCases.map(\.rawValue)

    /// Takes a setting over; throws where there is no such setting, or not with that value.
    mutating func set(_ name: String, to text: String, limits: ServerLimits) throws(Problem) {
        guard let setting = Name(rawValue: name) else { throw .unknownParameter(name, known: Self.names) }
        func value<Value>(_ expected: String, _ value: Value?) throws(Problem) -> Value {
            guard let value else { throw .parameter(name, expected: expected, got: "\"\(text.prefix(100))\"") }
            return value
        }
        switch setting {
        case .points:
            conversion.points = try value(
                "1 to \(limits.points)", Int(text).flatMap { (1...limits.points).contains($0) ? $0 : nil })
        case .seed: conversion.seed = try value("0 to \(UInt64.max)", UInt64(text))
        case .signals:
            conversion.signals = try value(
                ModalitySignals.allCases.map(\.rawValue).joined(separator: " or "), ModalitySignals(rawValue: text))
        case .steps:
            conversion.steps = try value("1 to 1000", Int(text).flatMap { (1...1_000).contains($0) ? $0 : nil })
        case .guidance:
            conversion.guidance = try value("0 to 100", Float(text).flatMap { (0...100).contains($0) ? $0 : nil })
        case .channel:
            let most = AudioLimits().channels.upperBound
            var choice = ChannelChoice(text)
            if case .number(let number) = choice, number > most { choice = nil }
            channel = try value("mix, each or a channel from 1 to \(most)", choice)
        case .pause:
            pauseSeconds = try value("0.1 to 60 seconds", Double(text).flatMap { (0.1...60).contains($0) ? $0 : nil })
        case .leastConfidence:
            conversion.leastConfidence = try value(
                "0 to 1", Float(text).flatMap { (0...1).contains($0) ? $0 : nil })
        case .strict: conversion.strict = try value("true or false", Bool(text))
        case .format:
            let formats = CloudFormat.allCases.map(\.rawValue).joined(separator: ", ")
            format = try value(formats, CloudFormat(rawValue: text))
        }
    }
}

/// What a value of JSON is that has no parts, as errors name it.
enum ScalarKind: String {
    case text = "a text"
    case number = "a number"
    case truth = "true or false"
}

/// The parameters of a request's query; each at most once.
struct Query {
    let values: [(name: String, value: String)]

    init(_ text: String?) throws(Problem) {
        var values: [(name: String, value: String)] = []
        for pair in text?.split(separator: "&") ?? [] {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(parts[0]), let value = decoded(parts.count > 1 ? parts[1] : "") else {
                throw .parameter("the query", expected: "percent-encoded UTF-8", got: "other bytes")
            }
            guard !values.contains(where: { $0.name == name }) else {
                throw .parameter(name, expected: "given once", got: "several")
            }
            values.append((name, value))
        }
        self.values = values
    }
}

/// "a%20red+cube" -> "a red cube"; nil where it is no percent-encoded UTF-8.
private func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
        case UInt8(ascii: "%"):
            guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        default: bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}

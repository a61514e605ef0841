// One input of a batch: a line of its report.

import AtomicFiles
import FoundationEssentials
public import SystemPackage

/// What came of an input, and of what exactly it was made; its JSON is one line of `report.jsonl`.
public struct BatchRecord: Codable, Sendable, Equatable {
    /// A file that was made.
    public struct File: Codable, Sendable, Equatable {
        /// Its path below the output folder; see `FilePath.text`.
        public let path: String
        /// The SHA-256 of its bytes.
        public let sha256: String
    }

    /// What an output's bytes depend on. Where all of it is the same, so are they.
    public struct Origin: Codable, Sendable, Equatable {
        /// The SHA-256 of the recording; nil where it cannot be read.
        public var inputSHA256: String?
        /// The SHA-256 of the pipeline's files.
        public var pipelineSHA256: String
        /// The SHA-256 of the listener's files; nil where the pipeline itself heard.
        public var listenerSHA256: String?
        /// How it was converted.
        public var options: JobOptions
        /// The number format of the matrix products, "f32" or "bf16".
        public var precision: String
        /// The program's version.
        public var version: String

        enum CodingKeys: String, CodingKey {
            case options, precision, version
            case inputSHA256 = "input_sha256"
            case pipelineSHA256 = "pipeline_sha256"
            case listenerSHA256 = "listener_sha256"
        }
    }

    private enum CodingKeys: String, CodingKey { case files }

    /// What `convert --json` says, paths being below the folders of the batch.
    public var conversion: ConversionRecord
    /// Of what it was made.
    public var origin: Origin
    /// All files that were made of the input.
    public var files: [File]

    init(_ conversion: ConversionRecord, origin: Origin, files: [File] = []) {
        (self.conversion, self.origin, self.files) = (conversion, origin, files)
    }

    /// Reads the keys of all parts from one object.
    public init(from decoder: any Decoder) throws {
        conversion = try ConversionRecord(from: decoder)
        origin = try Origin(from: decoder)
        files = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent([File].self, forKey: .files) ?? []
    }

    /// Writes the keys of all parts into one object.
    public func encode(to encoder: any Encoder) throws {
        try conversion.encode(to: encoder)
        try origin.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        if !files.isEmpty { try container.encode(files, forKey: .files) }
    }

    /// The input's path below the batch's folder.
    public var input: FilePath { FilePath(text: conversion.input) }

    /// Why nothing was made of the input.
    public var error: String? { conversion.error }

    /// Whether all of the input was converted, every utterance of it.
    public var isWhole: Bool { conversion.errors.isEmpty }

    /// Whether a line is a record, though another version of the program may have written it.
    static func isRecord(line: some Sequence<UInt8>) -> Bool {
        (try? JSONDecoder().decode(Keys.self, from: Data(line))) != nil
    }

    /// What records of every version have.
    private struct Keys: Decodable {
        let input: String
        let pipeline_sha256: String
    }

    /// A line of a report; nil for what is none.
    init?(line: some Sequence<UInt8>) {
        guard let record = try? JSONDecoder().decode(Self.self, from: Data(line)) else { return nil }
        self = record
    }
}

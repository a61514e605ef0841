// What a worker is asked: a line with a recording, and where its files go.

import AtomicFiles
import FoundationEssentials
import Layers
import SystemPackage
import Tensors

/// One line of a worker's input.
struct WorkerRequest {
    /// What the answer is to carry: a string or a number.
    let id: JSONValue
    /// The recording.
    let input: FilePath
    /// What the record calls it.
    let name: String
    /// What its files are named after, below the output folder: the cloud's path without its ending.
    let stem: FilePath
    /// How it is converted.
    let options: JobOptions

    /// A line that is no request.
    struct Refusal: Error {
        /// The request's own id, where one could be read.
        var id = JSONValue.null
        let expected: String
        let got: String

        var description: String { "request: expected \(expected), got \(got)" }
    }

    private struct Fields: Decodable {
        let input: String
        let name: String?
        let output: String?
        let options: JSONValue?
    }

    /// - Parameters:
    ///   - line: a JSON object.
    ///   - defaults: the options that a request does not name.
    init(_ line: [UInt8], defaults: JobOptions) throws(Refusal) {
        guard case .object(let object) = try Self.decoded(JSONValue.self, line) else {
            throw Refusal(expected: "a JSON object", got: "another value")
        }
        switch object["id"] {
        case .string?, .natural?: id = object["id"] ?? .null
        case nil: throw Refusal(expected: "a key \"id\"", got: "none")
        default: throw Refusal(expected: "\"id\" to be a string or a whole number from 0", got: "another value")
        }
        do throws(Refusal) {
            let known = ["id", "input", "name", "output", "options"]
            if let unknown = object.keys.sorted().first(where: { !known.contains($0) }) {
                throw Refusal(expected: "no key but \(known.joined(separator: ", "))", got: "\"\(unknown.printable)\"")
            }
            let fields = try Self.decoded(Fields.self, line)
            guard !fields.input.isEmpty else { throw Refusal(expected: "a path as \"input\"", got: "no text") }
            input = FilePath(text: fields.input)
            name = fields.name ?? fields.input
            options = if let given = fields.options { try defaults.with(given) } else { defaults }
            let own = input.lastComponent.map { FilePath(root: nil, components: $0) } ?? FilePath()
            stem = try Self.stem(
                fields.output, otherwise: fields.name.map { FilePath(text: $0) } ?? own, ending: options.fileExtension)
        } catch {
            throw Refusal(id: id, expected: error.expected, got: error.got)
        }
    }

    /// The output without its ending, which must be that of the format; without an output, what it has otherwise.
    private static func stem(_ output: String?, otherwise name: FilePath, ending: String) throws(Refusal) -> FilePath {
        var stem = name
        if let output {
            let bytes = FilePath(text: output).bytes
            guard bytes.reversed().starts(with: ".\(ending)".utf8.reversed()) else {
                throw Refusal(expected: "an \"output\" that ends in .\(ending)", got: "\"\(output.printable)\"")
            }
            stem = FilePath(bytes: bytes.dropLast(ending.utf8.count + 1))
        }
        guard stem.isRelative, stem.lastComponent?.kind == .regular,
            !stem.components.contains(where: { $0.kind == .parentDirectory })
        else {
            throw Refusal(
                expected: "an output below the output folder", got: "\"\((output ?? name.text).printable)\"")
        }
        return stem
    }

    fileprivate static func decoded<Value: Decodable>(
        _ type: Value.Type, _ line: [UInt8]
    ) throws(Refusal) -> Value {
        do {
            return try decodeJSON(type, from: line, path: "request")
        } catch {
            throw Refusal(expected: error.expected, got: error.got.printable)
        }
    }
}

extension JobOptions {
    /// These options but for what `given` has, in the form in which reports keep options.
    fileprivate func with(_ given: JSONValue) throws(WorkerRequest.Refusal) -> JobOptions {
        guard case .object = given else {
            throw WorkerRequest.Refusal(expected: "\"options\" to be an object", got: "another value")
        }
        let defaults = try WorkerRequest.decoded(JSONValue.self, Array(jsonLine(self).utf8))
        let whole = Array(jsonLine(defaults.overlaid(with: given)).utf8)
        var options = try WorkerRequest.decoded(JobOptions.self, whole)
        let taken = try WorkerRequest.decoded(JSONValue.self, Array(jsonLine(options).utf8))
        if let unknown = given.firstKey(missingIn: taken, below: "options") {
            throw WorkerRequest.Refusal(expected: "options that there are", got: "\"\(unknown.printable)\"")
        }
        options.limits = limits
        return options
    }
}

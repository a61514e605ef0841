// What a client sent to be converted: a recording, a text or a scene, with its settings.

import AtomicFiles
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Sonoform

/// A request for a conversion, read and checked.
struct Submission: Sendable {
    /// What is to be converted.
    enum Input: Sendable {
        case recording(SpooledFile)
        case text(String)
        case scene(Scene)
    }

    let input: Input
    let settings: RequestSettings

    /// Reads a request for `POST /v1/clouds` and `/v1/scenes`: sound, a form, or JSON with a text.
    init(_ request: Request, spool: Spool, limits: ServerLimits) async throws {
        var settings = try RequestSettings(query: request.uri.query, limits: limits)
        let type = request.mediaType
        switch type {
        case "application/json":
            input = .text(try settings.takeText(json: try await request.bytes(limit: limits.jsonBytes), limits))
        case "multipart/form-data":
            let form = try await Form(request, spool: spool, limits: limits, files: ["file", "audio"])
            var text: String?
            for (name, value) in form.fields {
                if name == "text" { text = value } else { try settings.set(name, to: value, limits: limits) }
            }
            switch (form.file, text) {
            case (let file?, nil): input = .recording(file)
            case (nil, let text?): input = .text(text)
            default:
                throw Problem.body(
                    expected: "a recording in \"file\" or a description in \"text\"",
                    got: text == nil ? "neither" : "both")
            }
        case _ where isSound(type):
            input = .recording(try await request.spooled(in: spool, limit: limits.bodyBytes))
        default:
            throw Problem.mediaType(
                expected: "audio/*, application/octet-stream, multipart/form-data or application/json",
                got: type.isEmpty ? "no Content-Type" : type.printable)
        }
        self.settings = settings
    }

    /// Reads a request for `POST /v1/scenes/render`: a scene's JSON.
    init(renderingSceneOf request: Request, limits: ServerLimits) async throws {
        settings = try RequestSettings(query: request.uri.query, limits: limits)
        guard request.mediaType == "application/json" else {
            throw Problem.mediaType(
                expected: "application/json",
                got: request.mediaType.isEmpty ? "no Content-Type" : request.mediaType.printable)
        }
        input = .scene(try Scene(json: try await request.bytes(limit: limits.jsonBytes), source: "scene"))
    }
}

/// Whether a media type may be a recording; what it is, its bytes tell.
func isSound(_ type: String) -> Bool {
    type.hasPrefix("audio/") || ["application/octet-stream", "application/ogg", "video/ogg"].contains(type)
}

/// A form, its one file in the spool.
struct Form: Sendable {
    /// The plain fields in the order in which they came.
    var fields: [(name: String, value: String)] = []
    /// The file; nil where there is none.
    var file: SpooledFile?

    /// No field of ours is longer.
    private static let longestField = 64 << 10
    /// Nor are there more.
    private static let mostFields = 64

    /// Reads `multipart/form-data`; `files` are the names under which a file may come.
    init(_ request: Request, spool: Spool, limits: ServerLimits, files: Set<String>) async throws {
        guard let boundary = MultipartReader<RequestBody>.boundary(of: request.headers[.contentType] ?? "") else {
            throw Problem.body(expected: "a boundary of 1 to 70 characters in Content-Type", got: "none")
        }
        try request.checkLength(limits.formBytes)
        var reader = MultipartReader(request.body, boundary: boundary)
        while let part = try await reader.next() {
            if files.contains(part.name) {
                guard file == nil else { throw Problem.body(expected: "one file", got: "several") }
                var writer = try SpoolWriter(in: spool, limit: limits.bodyBytes)
                while let bytes = try await reader.nextBytes() { try writer.write(bytes) }
                file = writer.finish()
                continue
            }
            var value: [UInt8] = []
            while let bytes = try await reader.nextBytes() {
                value += bytes
                guard value.count <= Self.longestField else {
                    throw Problem.tooLarge(limit: Self.longestField, got: "more in the field \(part.name.printable)")
                }
            }
            guard let text = String(validating: value, as: UTF8.self) else {
                throw Problem.body(expected: "UTF-8 in the field \(part.name.printable)", got: "other bytes")
            }
            guard !fields.contains(where: { $0.name == part.name }), fields.count < Self.mostFields else {
                throw Problem.body(expected: "every field once", got: "\(part.name.printable) again")
            }
            fields.append((part.name, text))
        }
    }
}

extension RequestSettings {
    /// The settings of a query.
    init(query: String?, limits: ServerLimits) throws(Problem) {
        for (name, value) in try Query(query).values { try set(name, to: value, limits: limits) }
    }

    /// Takes over what a JSON object asks for, and gives its `text`.
    fileprivate mutating func takeText(json bytes: [UInt8], _ limits: ServerLimits) throws(Problem) -> String {
        let members: [String: JSONScalar]
        do {
            members = try JSONDecoder().decode([String: JSONScalar].self, from: Data(bytes))
        } catch {
            throw .body(expected: "a JSON object of texts and numbers", got: "something else")
        }
        var description: String?
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if name == "text" {
                guard value.kind == .text else { throw .parameter(name, expected: "a text", got: value.kind.rawValue) }
                description = value.text
                continue
            }
            // Channels are numbers to people.
            if let setting = Name(rawValue: name), setting.kind != value.kind,
                (setting, value.kind) != (.channel, .number)
            {
                throw .parameter(name, expected: setting.kind.rawValue, got: value.kind.rawValue)
            }
            try set(name, to: value.text, limits: limits)
        }
        guard let description else { throw .body(expected: "a member \"text\"", got: "none") }
        return description
    }
}

/// A text, a number, or true or false of a JSON object; a number as it is written without a fraction where it has none.
private struct JSONScalar: Decodable {
    let kind: ScalarKind
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            (kind, self.text) = (.text, text)
        } else if let truth = try? container.decode(Bool.self) {
            (kind, text) = (.truth, "\(truth)")
        } else if let number = try? container.decode(UInt64.self) {
            (kind, text) = (.number, "\(number)")
        } else if let number = try? container.decode(Int64.self) {
            (kind, text) = (.number, "\(number)")
        } else {
            (kind, text) = (.number, "\(try container.decode(Double.self))")
        }
    }
}

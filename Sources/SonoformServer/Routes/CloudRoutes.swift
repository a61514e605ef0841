// POST /v1/clouds, /v1/scenes and /v1/scenes/render: from what is said to what is seen.

import AtomicFiles
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import PointClouds
import Sonoform

/// Clouds and the scenes that they are made of.
struct CloudRoutes: Sendable {
    let service: ConversionService

    func add(to router: some RouterMethods<ServerContext>) {
        router.post("/v1/clouds") { request, _ in try await cloud(of: request) }
        router.post("/v1/scenes") { request, _ in try await scene(of: request) }
        router.post("/v1/scenes/render") { request, _ in try await rendering(of: request) }
    }

    private func cloud(of request: Request) async throws -> Response {
        let submission = try await service.received {
            try await Submission(request, spool: service.spool, limits: service.limits)
        }
        let answer = try CloudAnswer(request, format: submission.settings.format)
        if case .events(let format) = answer {
            return ConversionEvents(service: service, submission: submission, format: format).response()
        }
        return try await made(of: submission, as: answer)
    }

    private func rendering(of request: Request) async throws -> Response {
        let submission = try await service.received {
            try await Submission(renderingSceneOf: request, limits: service.limits)
        }
        let answer = try CloudAnswer(request, format: submission.settings.format)
        if case .events = answer {
            throw Problem(
                .notAcceptable, "not-acceptable", "A scene is rendered in one piece.",
                expected: "a cloud's type, application/json or multipart/mixed", got: "text/event-stream")
        }
        return try await made(of: submission, as: answer)
    }

    private func made(of submission: Submission, as answer: CloudAnswer) async throws -> Response {
        let made = try await service.convert(submission, format: answer.format)
        let headers = made.record.headers
        switch answer {
        case .file(let format): return Response(made.cloud, type: format.mediaType, headers: headers)
        case .json(let format):
            return Response(json: try CloudBody(made, format: format))
        case .parts(let format):
            let parts = MixedParts()
            let head = parts.part("application/json", made.scene.json()) + parts.head(format.mediaType)
            return Response(made.cloud, type: parts.type, headers: headers, before: head, after: parts.end)
        case .events: throw Problem.fault
        }
    }

    private func scene(of request: Request) async throws -> Response {
        let submission = try await service.received {
            try await Submission(request, spool: service.spool, limits: service.limits)
        }
        return Response(try await service.understand(submission).json(), type: "application/json")
    }
}

extension ConversionRecord {
    /// What the answer's head says of the cloud in its body.
    fileprivate var headers: HTTPFields {
        var headers = HTTPFields()
        if let description { headers[.description] = headerText(description) }
        if let heard { headers[.heard] = headerText(heard) }
        return headers
    }
}

extension SpooledFile {
    /// All of it.
    func bytes() throws -> [UInt8] { try path.readAll(limit: 1 << 31) }
}

/// A conversion as JSON: the record's members, the scene, and the cloud in base64.
struct CloudBody: Encodable {
    private let record: ConversionRecord
    private let scene: Scene
    private let format: CloudFormat
    private let cloud: String

    init(_ made: ConversionService.Made, format: CloudFormat) throws {
        (record, scene, self.format) = (made.record, made.scene, format)
        cloud = Data(try made.cloud.bytes()).base64EncodedString()
    }

    private enum CodingKeys: String, CodingKey {
        case heard, description, objects, confidence, signals, unplaced, substitutions, warnings, utterances, seconds
        case scene, format, cloud
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(record.heard, forKey: .heard)
        try container.encodeIfPresent(record.description, forKey: .description)
        try container.encodeIfPresent(record.objects, forKey: .objects)
        try container.encodeIfPresent(record.confidence, forKey: .confidence)
        try container.encodeIfPresent(record.signals, forKey: .signals)
        try container.encodeIfPresent(record.unplaced, forKey: .unplaced)
        try container.encodeIfPresent(record.substitutions, forKey: .substitutions)
        try container.encodeIfPresent(record.warnings, forKey: .warnings)
        try container.encodeIfPresent(record.utterances, forKey: .utterances)
        try container.encodeIfPresent(record.seconds, forKey: .seconds)
        try container.encode(scene, forKey: .scene)
        try container.encode(format, forKey: .format)
        try container.encode(cloud, forKey: .cloud)
    }
}

/// The frame of a `multipart/mixed` answer.
private struct MixedParts {
    private let boundary = "sonoform-\(String(UInt64.random(in: .min ... .max), radix: 36))"

    var type: String { "multipart/mixed; boundary=\(boundary)" }

    var end: [UInt8] { Array("\r\n--\(boundary)--\r\n".utf8) }

    func head(_ type: String) -> [UInt8] { Array("\r\n--\(boundary)\r\nContent-Type: \(type)\r\n\r\n".utf8) }

    func part(_ type: String, _ bytes: [UInt8]) -> [UInt8] { head(type) + bytes }
}

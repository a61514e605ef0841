// POST /v1/describe, /v1/features and /v1/audio/transcriptions: what is in a cloud or a recording.

import AtomicFiles
import AudioFeatures
import FoundationEssentials
import HTTPTypes
import Hummingbird
import PointClouds
import Sonoform

/// Descriptions of clouds, features and transcripts of recordings.
struct LookingRoutes: Sendable {
    let service: ConversionService

    func add(to router: some RouterMethods<ServerContext>) {
        router.post("/v1/describe") { request, _ in try await description(of: request) }
        router.post("/v1/features") { request, _ in try await features(of: request) }
        router.post("/v1/audio/transcriptions") { request, _ in try await transcription(of: request) }
    }

    private func description(of request: Request) async throws -> Response {
        try allow([], in: request)
        let file = try await file(of: request, fields: ["file", "cloud"]).file
        // Which format it is, the bytes tell.
        return Response(json: try await service.working { try DescriptionBody(CloudFile(file.path), $0) })
    }

    private func features(of request: Request) async throws -> Response {
        var kind = FeatureKind.whisper
        var ending = "npy"
        for (name, value) in try Query(request.uri.query).values {
            switch name {
            case "kind":
                guard let known = FeatureKind(rawValue: value) else {
                    let kinds = FeatureKind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Problem.parameter(name, expected: kinds, got: "\"\(value.prefix(100))\"")
                }
                kind = known
            case "format":
                guard ["npy", "safetensors"].contains(value) else {
                    throw Problem.parameter(name, expected: "npy or safetensors", got: "\"\(value.prefix(100))\"")
                }
                ending = value
            default: throw Problem.unknownParameter(name, known: ["kind", "format"])
            }
        }
        let file = try await file(of: request, fields: ["file", "audio"]).file
        let (chosen, written) = (kind, service.spool.path(ending: ending))
        try await service.working { _ in try writeFeatures(chosen, of: file, to: written) }
        return Response(
            written, type: "application/octet-stream",
            headers: [.contentDisposition: "attachment; filename=\"features.\(ending)\""])
    }

    private func writeFeatures(_ kind: FeatureKind, of file: SpooledFile, to written: SpooledFile) throws {
        let options = service.reading(RequestSettings())
        let input = try AudioInput(opening: file.path, options)
        let rate = try RecordingBlocks(contentsOf: input, options).source.sampleRateHz
        let extractor = try FeatureExtractor(kind.configuration(fileRateHz: rate))
        try extractor(contentsOf: input, options).features.write(laidOutAs: extractor.configuration, to: written.path)
    }

    private func transcription(of request: Request) async throws -> Response {
        try allow([], in: request)
        guard request.mediaType == "multipart/form-data" else {
            throw Problem.mediaType(expected: "multipart/form-data", got: request.mediaType.printable)
        }
        let (file, fields) = try await file(of: request, fields: ["file"])
        let wanted = try TranscriptionRequest(fields, languages: service.pipeline.pipeline.listener?.languages)
        return try await service.working {
            try TranscriptionBody(file.path, reading: service.reading(RequestSettings()), wanted.options, $0)
        }.response(wanted.format)
    }

    /// The file of a request, as its body or in a form's field.
    private func file(
        of request: Request, fields: Set<String>
    ) async throws -> (file: SpooledFile, fields: [(name: String, value: String)]) {
        let (spool, limits) = (service.spool, service.limits)
        return try await service.received {
            guard request.mediaType == "multipart/form-data" else {
                guard !["", "application/json", "application/x-www-form-urlencoded"].contains(request.mediaType) else {
                    throw Problem.mediaType(
                        expected: "the file's own type, application/octet-stream or multipart/form-data",
                        got: request.mediaType.isEmpty ? "no Content-Type" : request.mediaType)
                }
                return (try await request.spooled(in: spool, limit: limits.bodyBytes), [])
            }
            let form = try await Form(request, spool: spool, limits: limits, files: fields)
            guard let file = form.file else {
                throw Problem.body(
                    expected: "a file in \(fields.sorted().map { "\"\($0)\"" }.joined(separator: " or "))", got: "none")
            }
            return (file, form.fields)
        }
    }

    private func allow(_ names: [String], in request: Request) throws(Problem) {
        for (name, _) in try Query(request.uri.query).values where !names.contains(name) {
            throw .unknownParameter(name, known: names)
        }
    }
}

/// What a cloud shows, as JSON.
private struct DescriptionBody: Encodable, Sendable {
    let objects: [String]
    let confidence: Float
    let assumptions: [String]
    let scene: Scene

    init(_ file: CloudFile, _ pipeline: Pipeline) throws {
        scene = try pipeline.understand(file.cloud, source: "cloud")
        objects = pipeline.descriptions(of: scene)
        confidence = scene.confidence ?? 0
        assumptions = file.findings.map(\.description) + (scene.assumptions ?? [])
    }
}

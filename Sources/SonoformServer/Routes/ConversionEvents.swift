// Server-sent events: a long recording's utterances, each as soon as it is converted.

import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import PointClouds
import Sonoform
import SystemPackage

/// The conversion of a submission as a stream of events: `utterance` for each, with its cloud or its error, then
/// `done` with the whole record; `error` with a problem where nothing came of it.
struct ConversionEvents: Sendable {
    let service: ConversionService
    let submission: Submission
    let format: CloudFormat

    /// The answer, which is written while the work goes on.
    func response() -> Response {
        let body = ResponseBody { [self] writer in
            let (events, source) = AsyncStream<Event>.makeStream()
            // The writer stays with this task; the work is another's.
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { source.finish() }
                    do {
                        let record = try await convert { source.yield($0) }
                        source.yield(try Event("done", json: record))
                    } catch {
                        source.yield(Event("error", Problem(error).json))
                    }
                }
                for await event in events { try await writer.write(ByteBuffer(bytes: event.bytes)) }
                try await group.waitForAll()
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private func convert(_ tell: @escaping @Sendable (Event) -> Void) async throws -> ConversionRecord {
        let options = service.options(submission.settings, format: format, joins: false)
        let record = try await service.working { pipeline in
            var output = EventOutput(
                files: SpooledFiles(spool: service.spool), input: submission.input, format: format, tell: tell)
            return try ConversionJob(pipeline, options).run(submission.input.jobInput, as: "request", to: &output)
        }
        service.metrics.took(record.seconds)
        return record.withoutPaths(submission.input)
    }
}

/// One event (the HTML standard, section 9.2); its data is one line of JSON.
struct Event: Sendable {
    /// What may stand between two events and means nothing.
    static let comment = ByteBuffer(string: ":\n\n")

    let bytes: [UInt8]

    init(_ name: String, _ json: [UInt8]) {
        bytes = Array("event: \(name)\ndata: ".utf8) + json + Array("\n\n".utf8)
    }

    init(_ name: String, json value: some Encodable) throws { self.init(name, Array(jsonLine(value).utf8)) }
}

/// Tells of every utterance when its cloud is there.
private struct EventOutput: JobOutput {
    var files: SpooledFiles
    let input: Submission.Input
    let format: CloudFormat
    let tell: @Sendable (Event) -> Void

    mutating func write(
        _ file: JobFile, of utterance: (index: Int, count: Int)?, _ write: (FilePath) throws -> Void
    ) throws -> FilePath {
        try files.write(file, of: utterance, write)
    }

    mutating func end(_ utterance: UtteranceConversion) {
        var body = UtteranceBody(utterance, format: format)
        body.cloud = try? files.cloud.map { Data(try $0.bytes()).base64EncodedString() }
        if case .failure(let error) = utterance.outcome { body.problem = Problem(error).reason }
        if let event = try? Event("utterance", json: body) { tell(event) }
        files = SpooledFiles(spool: files.spool)
    }
}

/// An utterance's event.
private struct UtteranceBody: Encodable {
    let index: Int
    let count: Int
    let start: Double
    let end: Double
    var heard: String?
    var description: String?
    var objects: [Conversion.Object]?
    var confidence: Float?
    var scene: Scene?
    /// Why nothing was made of it: the reason of a problem.
    var problem: String?
    let format: CloudFormat
    var cloud: String?

    init(_ utterance: UtteranceConversion, format: CloudFormat) {
        (index, count, self.format) = (utterance.index, utterance.count, format)
        (start, end) = (utterance.seconds.lowerBound, utterance.seconds.upperBound)
        guard case .success(let conversion) = utterance.outcome else { return }
        (heard, description) = (conversion.heard, conversion.description)
        (objects, confidence, scene) = (conversion.objects, conversion.confidence, conversion.scene)
    }
}

// Refusals as RFC 9457 has them: a status, a reason for programs, and a line for people.

import AudioFeatures
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import PointClouds
import Sonoform

/// Why a request got no answer; `application/problem+json`.
///
/// It never names a file or a folder of this machine: what was sent has no name here.
struct Problem: Error, Sendable, Equatable {
    let status: HTTPResponse.Status
    /// The last part of the problem's type, `urn:sonoform:problem:…`.
    let reason: String
    /// What kind of trouble it is; the same for every problem of the type.
    let title: String
    /// This one, in a sentence.
    let detail: String
    /// What was expected, and what was got; nil where it is no such trouble.
    var expected: String?
    var got: String?
    /// The object that was asked for and that the model does not make, with what comes near.
    var unknown: UnknownObject?
    /// After how many seconds to come back.
    var retryAfterSeconds: Int?
    /// The methods that the path has.
    var allowed: [String] = []
    /// Whether the rest of the request is not read any more.
    var closesConnection = false

    init(_ status: HTTPResponse.Status, _ reason: String, _ title: String, _ detail: String? = nil) {
        (self.status, self.reason, self.title) = (status, reason, title)
        self.detail = detail ?? title
    }

    init(_ status: HTTPResponse.Status, _ reason: String, _ title: String, expected: String, got: String) {
        self.init(status, reason, title, "Expected \(expected), got \(got).")
        (self.expected, self.got) = (expected, got)
    }
}

extension Problem {
    /// A parameter whose value is not one of its own.
    static func parameter(_ name: String, expected: String, got: String) -> Problem {
        Problem(
            .badRequest, "invalid-parameter", "A parameter has a value that it does not take.",
            expected: "\(name) to be \(expected)", got: got)
    }

    /// A parameter that nobody has heard of, or that belongs to another route.
    static func unknownParameter(_ name: String, known: [String]) -> Problem {
        Problem(
            .badRequest, "unknown-parameter", "There is no such parameter.",
            expected: known.isEmpty ? "no parameters" : known.sorted().joined(separator: ", "), got: name)
    }

    /// A body of another kind than the route reads.
    static func mediaType(expected: String, got: String) -> Problem {
        Problem(
            .unsupportedMediaType, "unsupported-media-type", "The request's body is of a kind that is not read here.",
            expected: expected, got: got)
    }

    /// A body that is not what its type says.
    static func body(expected: String, got: String) -> Problem {
        Problem(
            .badRequest, "malformed-body", "The request's body is not what its type says.", expected: expected,
            got: got)
    }

    /// A body that is too large to be read.
    static func tooLarge(limit: Int, got: String) -> Problem {
        var problem = Problem(
            .contentTooLarge, "too-large", "The request's body is too large.", expected: "at most \(limit) bytes",
            got: got)
        problem.closesConnection = true
        return problem
    }

    /// A client that sends too slowly.
    static func tooSlow(_ limit: Duration) -> Problem {
        var problem = Problem(
            .requestTimeout, "too-slow", "The request took too long to arrive.",
            expected: "all of it within \(limit.components.seconds) s", got: "a part of it")
        problem.closesConnection = true
        return problem
    }

    /// More waits than the server lets wait.
    static func busy(waiting: Int, retryAfterSeconds: Int) -> Problem {
        var problem = Problem(
            .tooManyRequests, "busy", "The server has as many requests as it takes.",
            "\(waiting) are in hand; try again in \(retryAfterSeconds) s.")
        problem.retryAfterSeconds = retryAfterSeconds
        return problem
    }

    /// Work that took longer than it may.
    static func timedOut(_ limit: Duration) -> Problem {
        var problem = Problem(
            .serviceUnavailable, "timed-out", "The conversion took too long.",
            "It was stopped after \(limit.components.seconds) s.")
        problem.retryAfterSeconds = 5
        return problem
    }

    /// The work was given up: the client went away, or the server stops.
    static let cancelled = Problem(.serviceUnavailable, "cancelled", "The work was given up.")

    /// A fault of the server; what it was is in the log.
    static let fault = Problem(.internalServerError, "fault", "Something is wrong with the server.")
}

extension Problem {
    /// What the library refuses, under the library's own reason.
    init(_ error: SonoformError) {
        let kind = Kind(error.reason)
        guard kind.status != .internalServerError else {
            self.init(kind.status, kind.reason, kind.title)
            return
        }
        guard case .unknownObject(let object) = error.reason else {
            self.init(kind.status, kind.reason, kind.title, expected: error.expected, got: error.got)
            return
        }
        self.init(kind.status, kind.reason, kind.title, "There is \(object).")
        (expected, got, unknown) = (error.expected, error.got, object)
    }

    /// A cloud that cannot be read.
    init(_ error: CloudFileError) {
        let isForeign = error.reason == .unknownFormat
        self.init(
            isForeign ? .unsupportedMediaType : .unprocessableContent,
            isForeign ? "unknown-cloud-format" : "unreadable-cloud", "The point cloud cannot be read.",
            expected: error.expected, got: error.got)
    }

    /// A request that is no HTTP.
    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self.init(.requestHeaderFieldsTooLarge, "head-too-large", "The request's head is too large.")
        case .invalidVersion:
            self.init(
                .httpVersionNotSupported, "http-version", "The request is of another version of HTTP.",
                expected: "HTTP/1.1 or HTTP/1.0", got: "another")
        case .invalidEOFState:
            self.init(.badRequest, "truncated-request", "The request ended before all of it was there.")
        default:
            self.init(.badRequest, "malformed-request", "The request is not HTTP.")
        }
        closesConnection = true
    }

    /// Any error that reached the end of a request.
    init(_ error: any Error) {
        switch error {
        case let error as HTTPParserError: self.init(error)
        case let problem as Problem: self = problem
        case let error as SonoformError: self.init(error)
        case let error as AudioFileError: self.init(Kind.unreadable(error))
        case let error as CloudFileError: self.init(error)
        case is CancellationError: self = .cancelled
        case let error as any HTTPResponseError:
            self.init(error.status, "http-\(error.status.code)", "\(error.status.reasonPhrase).")
        default: self = .fault
        }
    }
}

/// The status, reason and title that one of the library's reasons has on the wire.
private struct Kind {
    let status: HTTPResponse.Status
    let reason: String
    let title: String

    init(_ reason: SonoformError.Reason) {
        let (status, title): (HTTPResponse.Status, String) =
            switch reason {
            case .noSpeech: (.unprocessableContent, "Nobody speaks in the recording.")
            case .notADescription: (.unprocessableContent, "No object is described.")
            case .unintelligible: (.unprocessableContent, "The words could not be made out.")
            case .unknownObject:
                (.unprocessableContent, "The model does not make the object that was named.")
            case .unsure: (.unprocessableContent, "What was heard is less sure than was asked for.")
            case .tooManyObjects: (.unprocessableContent, "A scene does not have so many objects.")
            case .incomplete:
                (.unprocessableContent, "The scene would lack something that was asked for.")
            case .tooLong: (.unprocessableContent, "More sound or words than are heard at once.")
            case .wrongRate: (.unprocessableContent, "The samples are at another rate.")
            case .unsupportedOption: (.unprocessableContent, "The model does not have that option.")
            case .invalidScene: (.unprocessableContent, "The scene contradicts itself or the model.")
            case .noPoints: (.unprocessableContent, "The cloud has no points.")
            case .unreadableRecording(let reason): Self.unreadable(reason)
            case .cancelled: (.serviceUnavailable, "The work was given up.")
            case .missingPipeline, .damagedPipeline: (.internalServerError, Problem.fault.title)
            }
        (self.status, self.title) = (status, title)
        self.reason =
            switch reason {
            case _ where status == .internalServerError: Problem.fault.reason
            case .unreadableRecording(.outsideLimits): "recording-outside-limits"
            default: reason.name
            }
    }

    static func unreadable(_ error: AudioFileError) -> SonoformError {
        SonoformError(
            .unreadableRecording(error.reason), source: "recording", expected: error.expected, got: error.got)
    }

    private static func unreadable(_ reason: AudioFileError.Reason) -> (HTTPResponse.Status, String) {
        let title = "The recording cannot be read."
        switch reason {
        case .notAudio, .formatNotAllowed: return (.unsupportedMediaType, title)
        case .outsideLimits: return (.unprocessableContent, title)
        case .missing, .notAFile, .noPermission, .unreadable:
            return (.internalServerError, Problem.fault.title)
        case .empty, .truncated, .noSamples, .notFinite, .decodingFailed:
            return (.unprocessableContent, title)
        }
    }
}

extension Problem {
    static let mediaType = "application/problem+json"

    /// The members of the JSON, `type` to `got`.
    private struct Members: Encodable {
        let type, title, detail, reason: String
        let status: Int
        let expected, got: String?
        let unknown: UnknownObject?
    }

    /// The problem as JSON.
    var json: [UInt8] {
        let members = Members(
            type: "urn:sonoform:problem:\(reason)", title: title, detail: detail, reason: reason,
            status: status.code, expected: expected, got: got, unknown: unknown)
        return Array(jsonLine(members).utf8)
    }

    /// The problem as an answer.
    var response: Response {
        var headers: HTTPFields = [.contentType: Self.mediaType]
        if let retryAfterSeconds { headers[.retryAfter] = "\(retryAfterSeconds)" }
        if !allowed.isEmpty { headers[.allow] = allowed.joined(separator: ", ") }
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        if closesConnection { headers[.connection] = "close" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }
}

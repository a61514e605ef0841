// What a worker says: first what it is, then a line for every request.

import AtomicFiles

/// The first line of a worker: what it makes clouds with, in the words of a batch's report.
public struct WorkerGreeting: Encodable, Sendable {
    private struct Ready: Encodable {
        let pipeline: String
        let origin: BatchRecord.Origin

        private enum CodingKeys: String, CodingKey { case pipeline }

        func encode(to encoder: any Encoder) throws {
            try origin.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(pipeline, forKey: .pipeline)
        }
    }
    private let ready: Ready

    /// - Parameters:
    ///   - pipeline: the pipeline's name.
    ///   - origin: what clouds are made of where a request asks for nothing else; without a recording.
    init(pipeline: String, origin: BatchRecord.Origin) { ready = Ready(pipeline: pipeline, origin: origin) }

    /// The line.
    public var line: String { jsonLine(self) }
}

/// A worker's line for one request: the record that a batch's report would have, and why where something went wrong.
public struct WorkerAnswer: Encodable, Sendable {
    /// Why nothing was made.
    struct Problem: Encodable, Sendable {
        /// A word for programs: ``SonoformError/Reason/name``, or "bad-request", "changed" (a recording, while it was
        /// read), "output-refused" (its place holds a recording, say) or "cannot-write" (nothing, as on a full disk).
        let reason: String
        /// One line for people.
        let detail: String
    }

    let id: JSONValue
    var record: BatchRecord?
    var problem: Problem?

    init(_ id: JSONValue, record: BatchRecord) { (self.id, self.record) = (id, record) }

    init(_ id: JSONValue, record: BatchRecord, error: any Error, of batchError: String) {
        let reason =
            switch error {
            case let error as SonoformError: error.reason.name
            case let error as FileWriteError where error.concernsOnlyItsFile: "output-refused"
            case is FileWriteError: "cannot-write"
            case is BatchError: batchError
            default: "fault"
            }
        (self.id, self.record) = (id, record)
        problem = Problem(reason: reason, detail: "\(error)")
    }

    init(_ refusal: WorkerRequest.Refusal) {
        id = refusal.id
        problem = Problem(reason: "bad-request", detail: refusal.description)
    }

    private enum CodingKeys: String, CodingKey { case id, record, problem }

    /// An id is always there, null where none could be read.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encodeIfPresent(record, forKey: .record)
        try container.encodeIfPresent(problem, forKey: .problem)
    }

    /// The line.
    public var line: String { jsonLine(self) }
}

extension SonoformError.Reason {
    /// The reason as one word, for programs in other languages.
    public var name: String {
        switch self {
        case .noSpeech: "no-speech"
        case .notADescription: "not-a-description"
        case .unintelligible: "unintelligible"
        case .unknownObject: "unknown-object"
        case .unsure: "unsure"
        case .tooManyObjects: "too-many-objects"
        case .incomplete: "incomplete"
        case .tooLong: "too-long"
        case .wrongRate: "wrong-rate"
        case .unsupportedOption: "unsupported-option"
        case .invalidScene: "invalid-scene"
        case .noPoints: "no-points"
        case .missingPipeline: "missing-pipeline"
        case .damagedPipeline: "damaged-pipeline"
        case .unreadableRecording: "unreadable-recording"
        case .cancelled: "cancelled"
        }
    }
}

// In which form a client wants a cloud: by `format`, else by `Accept` (RFC 9110, section 12.5.1).

import AtomicFiles
import HTTPTypes
import Hummingbird
import PointClouds

/// The forms in which `POST /v1/clouds` answers.
enum CloudAnswer: Sendable, Equatable {
    /// The file itself.
    case file(CloudFormat)
    /// JSON with what was heard, the scene, and the cloud in base64.
    case json(CloudFormat)
    /// The scene's JSON and the file, as two parts.
    case parts(CloudFormat)
    /// Server-sent events: every utterance as it is converted.
    case events(CloudFormat)

    /// The form that a request asks for; a PLY file where it does not mind.
    ///
    /// - Parameter named: the format that it asks for by name.
    init(_ request: Request, format named: CloudFormat?) throws(Problem) {
        let ranges = MediaRange.ranges(request.headers[.accept])
        for range in ranges where range.quality > 0 {
            switch range.type {
            case "application/json": self = .json(named ?? .ply)
            case "multipart/mixed": self = .parts(named ?? .ply)
            case "text/event-stream": self = .events(named ?? .ply)
            default:
                guard let format = CloudFormat.allCases.first(where: { range.covers($0.mediaType) }) else { continue }
                self = .file(named ?? format)
            }
            return
        }
        guard ranges.isEmpty || named != nil else {
            throw Problem(
                .notAcceptable, "not-acceptable", "There is no answer of a type that was asked for.",
                expected: (CloudFormat.allCases.map(\.mediaType).uniqued
                    + ["application/json", "multipart/mixed", "text/event-stream"]).joined(separator: ", "),
                got: (request.headers[.accept] ?? "").printable)
        }
        self = .file(named ?? .ply)
    }

    /// The format of the cloud in it.
    var format: CloudFormat {
        switch self {
        case .file(let format), .json(let format), .parts(let format), .events(let format): format
        }
    }
}

extension CloudFormat {
    /// The media type of its files; PLY has none that is registered.
    var mediaType: String {
        switch self {
        case .ply, .plyASCII: "model/ply"
        case .xyz: "text/plain"
        case .obj: "model/obj"
        case .glb: "model/gltf-binary"
        }
    }
}

/// One of the types that a client accepts.
struct MediaRange: Equatable {
    let type: String
    let quality: Double

    /// The ranges of an `Accept` field, the most wanted first; none for no field.
    static func ranges(_ accept: String?) -> [MediaRange] {
        let ranges = (accept ?? "").split(separator: ",").compactMap { text -> MediaRange? in
            let parts = text.split(separator: ";").map(\.trimmed)
            guard let type = parts.first, type.contains("/") else { return nil }
            let quality = parts.dropFirst().compactMap { parameter -> Double? in
                guard parameter.lowercased().hasPrefix("q=") else { return nil }
                return Double(parameter.dropFirst(2)).map { min(1, max(0, $0)) }
            }
            return MediaRange(type: type.lowercased(), quality: quality.first ?? 1)
        }
        // Stable: what comes first of equals is wanted first.
        return ranges.enumerated().sorted { ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset) }
            .map(\.element)
    }

    /// Whether it is a type, or stands for it: `*/*`, `model/*`.
    func covers(_ mediaType: String) -> Bool {
        if type == "*/*" || type == mediaType { return true }
        return type.hasSuffix("/*") && mediaType.hasPrefix(type.dropLast())
    }
}

extension Array where Element: Equatable {
    fileprivate var uniqued: [Element] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}

import AtomicFiles
import GoldenFiles
import HTTPTypes
import Logging
import PointClouds
import Sonoform
import SystemPackage
import Testing

@testable import SonoformServer

/// A recording of the demo's.
private func sample(_ name: String) throws -> [UInt8] {
    try FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        .appending("audio-samples").appending(name).readAll(limit: 1 << 24)
}

@Suite("The server", .serialized)
struct CloudServerTests {
    @Test("recordings, texts and scenes become the clouds that the library makes of them")
    func clouds() async throws {
        try await withServer { port in
            var pipeline = try Pipeline(directory: PipelineLocation.find(named: nil))
            pipeline.threads = 1
            let options = ConversionOptions(points: 500, seed: 3)
            let expected = try pipeline.convert(text: "a tall red chair", options: options).cloud.bytes(format: .ply)
            let query = "?points=500&seed=3"
            let written = try await ask(port, "POST", "/v1/clouds\(query)", json: #"{"text":"a tall red chair"}"#)
            #expect(written.status == 200)
            #expect(written.headers["content-type"] == "model/ply")
            #expect(written.headers["sonoform-description"] == "tall red chair")
            #expect(written.body == expected)

            let kind = try await ask(
                port, "POST", "/v1/clouds\(query)", json: #"{"text":"a settee"}"#, headers: ["Accept: application/json"]
            )
            #expect(kind.text.contains(#""substitutions":[{"asked":"settee","made":"sofa"}]"#))
            let strict = try await ask(port, "POST", "/v1/clouds\(query)", json: #"{"text":"a settee","strict":true}"#)
            #expect(strict.status == 422 && strict.text.contains("no settee in this model; nearest: sofa"))
            let untrue = try await ask(port, "POST", "/v1/clouds\(query)", json: #"{"text":"a settee","strict":1}"#)
            #expect(untrue.status == 400 && untrue.text.contains("true or false"))

            let scene = try await ask(port, "POST", "/v1/scenes", json: #"{"text":"a tall red chair"}"#)
            #expect(scene.status == 200)
            let rendered = try await ask(
                port, "POST", "/v1/scenes/render\(query)", type: "application/json", body: scene.body)
            #expect(rendered.body == expected)

            let recording = try sample("tall-red-chair.wav")
            let spoken = try await ask(port, "POST", "/v1/clouds", type: "audio/wav", body: recording)
            #expect(spoken.status == 200)
            let cloud = try CloudFile(bytes: spoken.body, name: "answer").cloud
            #expect(cloud.count == 4_096)
            let described = try await ask(
                port, "POST", "/v1/describe", type: "application/octet-stream", body: spoken.body)
            #expect(described.status == 200)
            #expect(described.text.contains("\"noun\":\"chair\""))
        }
    }

    @Test("a form carries a recording with its settings; JSON and parts carry the scene beside the cloud")
    func forms() async throws {
        try await withServer { port in
            let recording = try sample("tall-red-chair.wav")
            let form =
                Array("--b\r\nContent-Disposition: form-data; name=\"points\"\r\n\r\n64\r\n".utf8)
                + Array("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".utf8) + recording
                + Array("\r\n--b--\r\n".utf8)
            let type = "multipart/form-data; boundary=b"
            let json = try await ask(
                port, "POST", "/v1/clouds", type: type, headers: ["Accept: application/json"], body: form)
            #expect(json.status == 200)
            for member in ["\"cloud\":\"cGx5", "\"scene\":{", "\"heard\":\"", "\"objects\":[{"] {
                #expect(json.text.contains(member))
            }
            #expect(!json.text.contains("/tmp"))
            let parts = try await ask(
                port, "POST", "/v1/clouds?format=glb", type: type, headers: ["Accept: multipart/mixed"], body: form)
            #expect(parts.headers["content-type"]?.hasPrefix("multipart/mixed; boundary=") == true)
            #expect(parts.text.contains("Content-Type: model/gltf-binary"))
            let words = try await ask(port, "POST", "/v1/audio/transcriptions", type: type, body: form.dropPoints)
            #expect(words.status == 200)
            #expect(words.text.hasPrefix("{\"text\":\""))
            #expect(words.text.contains("red chair"))
            let features = try await ask(port, "POST", "/v1/features?kind=mfcc", type: "audio/wav", body: recording)
            #expect(features.body.starts(with: [0x93] + Array("NUMPY".utf8)))
        }
    }

    @Test("a long recording is told utterance by utterance")
    func events() async throws {
        try await withServer { port in
            let answer = try await ask(
                port, "POST", "/v1/clouds?points=64", type: "audio/wav", headers: ["Accept: text/event-stream"],
                body: try sample("tall-red-chair.wav"))
            #expect(answer.headers["content-type"] == "text/event-stream")
            let names = answer.text.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map { $0.dropFirst(7) }
            #expect(names == ["utterance", "done"])
            #expect(answer.text.contains("\"cloud\":\"cGx5"))
            let refused = try await ask(
                port, "POST", "/v1/clouds", json: #"{"text":"good morning"}"#, headers: ["Accept: text/event-stream"])
            #expect(refused.text.contains("event: error"))
            #expect(refused.text.contains("\"reason\":\"not-a-description\""))
        }
    }

    @Test("every refusal has its status and its reason, and the next good request works")
    func refusals() async throws {
        var options = ServerOptions()
        options.limits.bodyBytes = 1 << 20
        try await withServer(options) { port in
            let text = #"{"text":"a red cube"}"#
            for (path, type, body, status, reason) in [
                ("/v1/clouds", "application/json", #"{"text":"good morning"}"#, 422, "not-a-description"),
                ("/v1/clouds", "application/json", #"{"text":7}"#, 400, "invalid-parameter"),
                ("/v1/clouds", "application/json", "{", 400, "malformed-body"),
                ("/v1/clouds", "application/json", "{}", 400, "malformed-body"),
                ("/v1/clouds", "application/json", #"{"text":"a red cube","points":"9"}"#, 400, "invalid-parameter"),
                ("/v1/clouds", "application/json", #"{"text":"a red cube","size":9}"#, 400, "unknown-parameter"),
                ("/v1/clouds?points=0", "application/json", text, 400, "invalid-parameter"),
                ("/v1/clouds?format=stl", "application/json", text, 400, "invalid-parameter"),
                ("/v1/clouds", "text/html", text, 415, "unsupported-media-type"),
                ("/v1/clouds", "audio/wav", "RIFF", 415, "unreadable-recording"),
                ("/v1/clouds", "audio/wav", "", 422, "unreadable-recording"),
                ("/v1/clouds", "multipart/form-data", "", 400, "malformed-body"),
                ("/v1/scenes/render", "application/json", #"{"objects":[]}"#, 422, "invalid-scene"),
                ("/v1/scenes/render", "application/json", #"{"objects":[{"noun":"elephant"}]}"#, 422, nil),
                ("/v1/describe", "model/ply", "ply\nformat", 422, "unreadable-cloud"),
                ("/v1/describe", "model/ply", "LASF", 415, "unknown-cloud-format"),
                ("/v1/features?kind=loudness", "audio/wav", "RIFF", 400, "invalid-parameter"),
                ("/v1/audio/transcriptions", "audio/wav", "RIFF", 415, "unsupported-media-type"),
                ("/nowhere", "application/json", text, 404, "not-found"),
                ("/health", "application/json", text, 405, "method-not-allowed"),
            ] as [(String, String, String, Int, String?)] {
                let answer = try await ask(port, "POST", path, type: type, body: Array(body.utf8))
                #expect(answer.status == status, "\(path) \(body): \(answer.text)")
                if let reason { #expect(answer.reason == reason, "\(path) \(body)") }
                #expect(!answer.text.contains("/tmp"))
            }
            let large = try await ask(
                port, "POST", "/v1/clouds", type: "audio/wav", body: [UInt8](repeating: 0, count: (1 << 20) + 1))
            #expect(large.status == 413)
            let good = try await ask(port, "POST", "/v1/clouds?points=16", json: text)
            #expect(good.status == 200)
        }
    }

    @Test("a client that sends slowly, or half of what it promised, harms nobody")
    func slow() async throws {
        var options = ServerOptions()
        options.limits.upload = .seconds(3)
        try await withServer(options) { port in
            let answer = try await onThread {
                let connection = try Connection(port: port)
                connection.send("POST /v1/clouds HTTP/1.1\r\nHost: localhost\r\nContent-Type: audio/wav\r\n")
                connection.send("Content-Length: 1000\r\n\r\nRIFF")
                return try connection.answer()
            }
            #expect(answer.status == 408)
            #expect(answer.reason == "too-slow")
            try await onThread {
                let connection = try Connection(port: port)
                connection.send("POST /v1/clouds HTTP/1.1\r\nHost: localhost\r\nContent-Type: audio/wav\r\n")
                connection.send("Content-Length: 1000\r\n\r\nRIFF")
            }
            let good = try await ask(port, "POST", "/v1/clouds?points=16", json: #"{"text":"a red cube"}"#)
            #expect(good.status == 200)
        }
    }

    private static func request(_ path: String, _ body: String, headers: [String] = []) -> String {
        let head = ["POST \(path) HTTP/1.1", "Host: localhost", "Content-Type: application/json"] + headers
        return (head + ["Content-Length: \(body.utf8.count)", "", body]).joined(separator: "\r\n")
    }

    /// Waits until so many requests are in hand; false where that takes longer than work may be given up in.
    private func reaches(_ count: Int, inHandAt port: Int) async throws -> Bool {
        for _ in 0..<200 {
            if try await ask(port, "GET", "/ready").text.contains("\"in_hand\":\(count),") { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test(
        "a client that goes away has its work given up, whether it is worked on, waits, or streams",
        arguments: [[], ["Accept: text/event-stream"]] as [[String]])
    func cancellation(headers: [String]) async throws {
        var options = ServerOptions()
        (options.workers, options.limits.waiting) = (1, 1)
        try await withServer(options) { port in
            let request = Self.request(
                "/v1/clouds?steps=1000&points=1000000", #"{"text":"a red chair"}"#, headers: headers)
            var first: Connection? = try Connection(port: port)
            first?.send(request)
            #expect(try await reaches(1, inHandAt: port))
            var second: Connection? = try Connection(port: port)
            second?.send(request)
            #expect(try await reaches(2, inHandAt: port))
            second = nil
            #expect(try await reaches(1, inHandAt: port))
            first = nil
            #expect(try await reaches(0, inHandAt: port))
            let metrics = try await ask(port, "GET", "/metrics").text
            #expect(metrics.contains("sonoform_requests_cancelled_total 2\n"))
        }
    }

    @Test("a client that has sent all that it has to say still gets its answer")
    func halfClosed() async throws {
        try await withServer { port in
            for headers in [[], ["Accept: text/event-stream"]] {
                let request = Self.request("/v1/clouds?points=4096", #"{"text":"a red cube"}"#, headers: headers)
                let answer = try await Task.detached {
                    let connection = try Connection(port: port)
                    connection.send(request)
                    connection.finishSending()
                    return try connection.answer()
                }.value
                #expect(answer.status == 200)
                #expect(headers.isEmpty || answer.text.contains("event: done"))
            }
        }
    }

    @Test("HTTP/1.0 is answered as it was then, and a client that asks before it sends is told to")
    func manners() async throws {
        try await withServer { port in
            let (old, expecting) = try await Task.detached {
                let old = try Connection(port: port)
                old.send("GET /health HTTP/1.0\r\n\r\n")
                let expecting = try Connection(port: port)
                expecting.send(
                    "POST /v1/clouds?points=16 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Expect: 100-continue\r\nContent-Length: 21\r\n\r\n")
                let word = String(decoding: expecting.receive(), as: UTF8.self)
                #expect(word == "HTTP/1.1 100 Continue\r\n\r\n")
                expecting.send(#"{"text":"a red cube"}"#)
                return (String(decoding: old.all(), as: UTF8.self), try expecting.answer())
            }.value
            #expect(old.hasPrefix("HTTP/1.0 200 OK\r\n"))
            #expect(old.lowercased().contains("connection: close\r\n"))
            #expect(old.hasSuffix("{\"status\":\"ok\"}"))
            #expect(expecting.status == 200)
        }
    }

    @Test("clients that go away at any moment harm nobody")
    func gone() async throws {
        try await withServer { port in
            let body = #"{"text":"a red chair next to a blue table"}"#
            let request =
                "POST /v1/clouds HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            for milliseconds in [0, 5, 20, 60, 120, 250] {
                let connection = try Connection(port: port)
                connection.send(request)
                try await Task.sleep(for: .milliseconds(milliseconds))
            }
            let good = try await ask(port, "POST", "/v1/clouds?points=16", json: #"{"text":"a red cube"}"#)
            #expect(good.status == 200)
        }
    }

    @Test("a token is asked for, and pages of other sites are kept out")
    func gate() async throws {
        var options = ServerOptions()
        options.token = "secret"
        options.allowedOrigins = ["https://friend.example"]
        try await withServer(options) { port in
            let json = #"{"text":"a red cube"}"#
            let path = "/v1/clouds?points=16"
            let without = try await ask(port, "POST", path, json: json)
            #expect(without.status == 401)
            #expect(without.headers["www-authenticate"] == "Bearer")
            let wrong = try await ask(port, "POST", path, json: json, headers: ["Authorization: Bearer secreT"])
            #expect(wrong.status == 401)
            let right = "Authorization: Bearer secret"
            #expect(try await ask(port, "POST", path, json: json, headers: [right]).status == 200)
            #expect(try await ask(port, "GET", "/metrics").status == 401)
            #expect(try await ask(port, "GET", "/health").status == 200)
            let stranger = try await ask(
                port, "POST", path, json: json, headers: [right, "Origin: https://stranger.example"])
            #expect(stranger.reason == "origin-not-allowed")
            let friend = try await ask(
                port, "POST", path, json: json, headers: [right, "Origin: https://friend.example"])
            #expect(friend.status == 200)
            #expect(friend.headers["access-control-allow-origin"] == "https://friend.example")
            let preflight = try await ask(port, "OPTIONS", path, headers: ["Origin: https://friend.example"])
            #expect(preflight.status == 204)
        }
    }

    @Test("a server that others reach without a token does not start")
    func openServer() throws {
        var options = ServerOptions()
        options.host = "0.0.0.0"
        let pipeline = try Pipeline(directory: PipelineLocation.find(named: nil))
        #expect(throws: ServerError.self) {
            _ = try CloudServer(pipeline, options, logger: Logger(label: "test"))
        }
    }

    @Test("the page, its parts, the metrics and the description are there")
    func status() async throws {
        try await withServer { port in
            for path in CloudServer.methods.keys where CloudServer.methods[path]?.contains(.get) == true {
                let answer = try await ask(port, "GET", path)
                #expect(answer.status == 200, "\(path)")
                #expect(!answer.body.isEmpty)
            }
            let page = try await ask(port, "GET", "/")
            #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            let metrics = try await ask(port, "GET", "/metrics")
            #expect(metrics.text.contains("sonoform_requests_total{method=\"GET\",route=\"/\",status=\"200\"}"))
            let misnamed = try await onThread {
                let connection = try Connection(port: port)
                connection.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
                return try connection.answer()
            }
            #expect(misnamed.status == 421)
        }
    }

    @Test("the description names every path and method that there is, and no others")
    func description() async throws {
        try await withServer { port in
            let text = try await ask(port, "GET", "/openapi.json").text
            for (path, methods) in CloudServer.methods where path != "/" && !path.hasPrefix("/page/") {
                #expect(text.contains("\"\(path)\": {\n   \"\(methods[0].rawValue.lowercased())\""), "\(path)")
            }
            let paths = text.split(separator: "\n").filter { $0.hasPrefix("  \"/") }.count
            #expect(paths == CloudServer.methods.keys.count { $0 != "/" && !$0.hasPrefix("/page/") })
        }
    }
}

extension [UInt8] {
    /// The form without its field "points", which transcriptions do not have.
    fileprivate var dropPoints: [UInt8] {
        let second = Array("--b\r\nContent-Disposition: form-data; name=\"file\"".utf8)
        return firstRange(of: second).map { Array(self[$0.lowerBound...]) } ?? self
    }
}

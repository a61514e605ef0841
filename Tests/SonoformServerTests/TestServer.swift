// A server on a free port of this machine, and a client that says exactly what a test wants it to say.

import Foundation
import HTTPTypes
import Logging
import ServiceLifecycle
import Sonoform

@testable import SonoformServer

#if canImport(Glibc)
    import Glibc
#endif

/// Runs `body` beside a server of the built-in pipeline, and ends the server.
func withServer(
    _ options: ServerOptions = ServerOptions(), listener: (any Listener)? = nil,
    _ body: @Sendable (_ port: Int) async throws -> Void
) async throws {
    var options = options
    options.port = 0
    var pipeline = try Pipeline(directory: PipelineLocation.find(named: nil))
    pipeline.threads = 1
    pipeline.listener = listener
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let (ports, told) = AsyncStream<Int>.makeStream()
    let server = try CloudServer(pipeline, options, logger: logger) { told.yield($0) }
    let group = ServiceGroup(services: [server], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        for await port in ports {
            do {
                try await body(port)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            break
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

/// An answer, as it came over the wire.
struct Answer {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The reason of a problem; nil for anything else.
    var reason: String? {
        guard headers["content-type"] == "application/problem+json" else { return nil }
        return text.split(separator: "\"reason\":\"").dropFirst().first.map { String($0.prefix { $0 != "\"" }) }
    }

    /// Whether nothing more belongs to it; of one without a length, only the connection's end tells.
    var isWhole: Bool { headers["content-length"].flatMap { Int($0) }.map { body.count >= $0 } ?? false }

    init?(_ bytes: [UInt8]) {
        let mark = Array("\r\n\r\n".utf8)
        // A client may be told to go on at any time before its answer.
        var bytes = bytes[...]
        let word = Array("HTTP/1.1 100 ".utf8)
        while bytes.starts(with: word), let end = bytes.firstRange(of: mark) { bytes = bytes[end.upperBound...] }
        guard let end = bytes.firstRange(of: mark) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let code = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        status = code
        headers = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            headers[pair[0].lowercased()] = pair.count > 1 ? String(pair[1].drop { $0 == " " }) : ""
        }
        body = Array(bytes[end.upperBound...])
        if headers["transfer-encoding"] == "chunked" { body = Self.unchunked(body) }
    }

    private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
        var (rest, whole) = (bytes[...], [UInt8]())
        while let end = rest.firstRange(of: Array("\r\n".utf8)),
            let length = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16), length > 0
        {
            whole += rest[end.upperBound...].prefix(length)
            rest = rest[end.upperBound...].dropFirst(length + 2)
        }
        return whole
    }
}

/// One connection.
final class Connection {
    private let socket: Int32

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw TestError(text: "no connection to port \(port)") }
        // A server that never answers fails the test instead of holding it. Other tests keep both processors busy.
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(socket) }

    func send(_ bytes: [UInt8]) { _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(socket, Int32(SHUT_WR)) }

    /// What has come, once something has; nothing at the end.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        return Array(buffer[..<max(0, count)])
    }

    /// All that comes until the server closes.
    func all() -> [UInt8] {
        var bytes: [UInt8] = []
        while case let more = receive(), !more.isEmpty { bytes += more }
        return bytes
    }

    /// All that comes until the answer is whole or the server closes.
    func answer() throws -> Answer {
        var bytes: [UInt8] = []
        while true {
            if let answer = Answer(bytes), answer.isWhole { return answer }
            let more = receive()
            guard !more.isEmpty else { break }
            bytes += more
        }
        guard let answer = Answer(bytes) else { throw TestError(text: "no answer, but \(bytes.count) bytes") }
        return answer
    }
}

struct TestError: Error { let text: String }

/// Runs what blocks on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}

/// Sends a request and waits for its answer, on a thread of its own: those of Swift's concurrency are the server's.
func ask(
    _ port: Int, _ method: String, _ path: String, type: String? = nil, headers: [String] = [], body: [UInt8] = []
) async throws -> Answer {
    try await onThread {
        let connection = try Connection(port: port)
        var head = ["\(method) \(path) HTTP/1.1", "Host: localhost:\(port)", "Content-Length: \(body.count)"] + headers
        if let type { head.append("Content-Type: \(type)") }
        connection.send(head.joined(separator: "\r\n") + "\r\n\r\n")
        connection.send(body)
        return try connection.answer()
    }
}

/// As ``ask(_:_:_:type:headers:body:)``, with a JSON body.
func ask(
    _ port: Int, _ method: String, _ path: String, json: String, headers: [String] = []
) async throws -> Answer {
    try await ask(
        port, method, path, type: "application/json", headers: headers, body: Array(json.utf8))
}

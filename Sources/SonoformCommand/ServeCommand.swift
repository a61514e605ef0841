// sonoform serve: the pipeline over HTTP, with a page.

import ArgumentParser
import AtomicFiles
import Logging
import ServiceLifecycle
import Sonoform
import SonoformServer
import SystemPackage
import UnixSignals

#if canImport(Glibc)
    import Glibc
#endif

/// Serves conversions until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves conversions over HTTP, and a page to speak to.",
        discussion: """
              sonoform serve                      then open http://127.0.0.1:8080/ in a browser
              curl -H 'Content-Type: audio/wav' --data-binary @chair.wav http://127.0.0.1:8080/v1/clouds -o chair.ply

            /openapi.json describes the routes. SIGTERM and SIGINT end it when what is in hand is finished.
            """)

    @Option(help: ArgumentHelp("The address to listen on; one that others reach needs a token.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "n"))
    var port = 8_080

    @Option(
        name: .customLong("token-file"),
        help: ArgumentHelp(
            "A file with the token that clients must send (Authorization: Bearer …); also by SONOFORM_TOKEN.",
            valueName: "file"))
    var tokenFile: FilePath?

    @Option(
        name: .customLong("allow-origin"),
        help: ArgumentHelp("Another site whose pages may use the server; * for all. Can be repeated.", valueName: "url")
    )
    var allowedOrigins: [String] = []

    @Option(help: ArgumentHelp("How many conversions run at once. (default: the number of cores)", valueName: "n"))
    var workers: Int?

    @Option(help: ArgumentHelp("How many requests may wait for a worker.", valueName: "n"))
    var waiting = ServerLimits().waiting

    @Option(name: .customLong("max-body"), help: ArgumentHelp("The largest body, in MB.", valueName: "mb"))
    var bodyMegabytes = 64

    @Option(name: .customLong("max-duration"), help: ArgumentHelp("The longest recording, in seconds.", valueName: "s"))
    var recordingSeconds = 300

    @Option(name: .customLong("max-points"), help: ArgumentHelp("The most points of a cloud.", valueName: "n"))
    var points = ServerLimits().points

    @Option(name: .customLong("max-time"), help: ArgumentHelp("The longest that a request may take.", valueName: "s"))
    var workSeconds = 120

    @OptionGroup var listening: ListenerArguments
    @OptionGroup var pipelineOptions: PipelineOptions

    @Flag(name: .shortAndLong, help: "Writes a line per request to standard error.")
    var verbose = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port takes 0 to 65535.") }
        for (name, value, range) in [
            ("--workers", workers ?? 1, 1...1_024), ("--waiting", waiting, 0...100_000),
            ("--max-body", bodyMegabytes, 1...100_000), ("--max-duration", recordingSeconds, 1...86_400),
            ("--max-points", points, 1...100_000_000), ("--max-time", workSeconds, 1...86_400),
        ] where !range.contains(value) {
            throw ValidationError("\(name) takes \(range.lowerBound) to \(range.upperBound).")
        }
    }

    func run() async throws {
        let logger = logger()
        do {
            var pipeline = try pipelineOptions.load(listening)
            // As in a batch: many at once, each in one thread.
            if pipeline.threads == nil { pipeline.threads = 1 }
            let options = try options()
            let server = try CloudServer(pipeline, options, logger: logger) { port in
                say("listening on http://\(options.host.contains(":") ? "[\(options.host)]" : options.host):\(port)/")
            }
            let group = ServiceGroup(
                services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            try await group.run()
        } catch {
            report(error)
            throw ExitCode(1)
        }
    }

    private func options() throws -> ServerOptions {
        var options = ServerOptions()
        (options.host, options.port, options.allowedOrigins) = (host, port, allowedOrigins)
        options.token = try token()
        options.workers = workers ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        options.limits.waiting = waiting
        options.limits.bodyBytes = bodyMegabytes << 20
        options.limits.recording = .seconds(recordingSeconds)
        options.limits.points = points
        options.limits.work = .seconds(workSeconds)
        return options
    }

    /// Never an argument: those are seen by everybody on the machine.
    private func token() throws -> String? {
        guard let tokenFile else { return getenv("SONOFORM_TOKEN").map { String(cString: $0) } }
        let bytes: [UInt8]
        do {
            bytes = try tokenFile.readAll(limit: 4_096)
        } catch {
            throw CommandError(source: tokenFile.printable, expected: "a file with a token", got: "\"\(error)\"")
        }
        let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard text.count == 1 else {
            throw CommandError(source: tokenFile.printable, expected: "one token", got: "\(text.count)")
        }
        return String(text[0])
    }

    private func logger() -> Logger {
        var logger = Logger(label: "sonoform") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .info : .warning
        return logger
    }
}

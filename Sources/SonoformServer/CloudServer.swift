// The server: its routes, one pipeline, and a graceful end.

import AtomicFiles
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
public import Sonoform
import Synchronization
import SystemPackage

/// Serves a pipeline over HTTP.
///
/// A request's body goes to disk, its work to the pipeline's own threads, and its answer to nobody else. ``run()`` ends
/// when its service group is told to stop, after what is in hand is finished.
public struct CloudServer: Service {
    /// What it was told.
    public let options: ServerOptions
    private let service: ConversionService
    private let logger: Logger
    private let onRunning: @Sendable (_ port: Int) async -> Void

    /// A server of a loaded pipeline.
    ///
    /// - Parameters:
    ///   - pipeline: what converts.
    ///   - options: where it listens, and its limits.
    ///   - logger: where it writes of requests and faults.
    ///   - onRunning: is told the port once the server listens.
    /// - Throws: ``ServerError`` where the options let anybody in, or there is no room for bodies.
    public init(
        _ pipeline: Pipeline, _ options: ServerOptions = ServerOptions(), logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) throws(ServerError) {
        guard options.isLoopback || options.token != nil else {
            throw ServerError(
                source: "--host \(options.host.printable)", expected: "a loopback address, or a token for any other",
                got: "no token")
        }
        guard options.token?.isEmpty != true else {
            throw ServerError(source: "the token", expected: "characters", got: "none")
        }
        let spool: Spool
        do {
            spool = try Spool()
        } catch {
            throw ServerError(source: "TMPDIR", expected: "a folder for what clients send", got: "\"\(error)\"")
        }
        service = ConversionService(
            pipeline: AsyncPipeline(pipeline, width: options.workers),
            queue: ConversionQueue(workers: options.workers, waiting: options.limits.waiting), spool: spool,
            limits: options.limits, metrics: ServerMetrics())
        (self.options, self.logger, self.onRunning) = (options, logger, onRunning)
    }

    /// Serves until it is told to stop.
    public func run() async throws {
        let isStopping = Flag()
        let router = router(isStopping)
        let application = Application(
            router: router,
            server: HTTPServerBuilder { [limits = options.limits] responder in
                // A request that comes too slowly is answered before its connection would be closed.
                let idle = TimeAmount(max(limits.idle, limits.upload + .seconds(5)))
                return CancellingChannel(
                    HTTP1Channel(responder: responder, configuration: .init(idleTimeout: idle)),
                    largestBody: limits.formBytes)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), serverName: "sonoform",
                availableConnectionsDelegate: MaximumAvailableConnections(options.limits.connections, logger: logger)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? options.port) },
            logger: logger)
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            isStopping.raise()
        }
    }

    private func router(_ isStopping: Flag) -> Router<ServerContext> {
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: OriginMiddleware(allowed: options.allowedOrigins))
        router.add(
            middleware: ObservationMiddleware(metrics: service.metrics, methods: Self.methods))
        router.add(middleware: GateMiddleware(options))
        PageRoutes().add(to: router)
        StatusRoutes(service: service, isStopping: { isStopping.isRaised }).add(to: router)
        CloudRoutes(service: service).add(to: router)
        LookingRoutes(service: service).add(to: router)
        return router
    }

    /// What every path can be asked.
    static let methods: [String: [HTTPRequest.Method]] = {
        var methods: [String: [HTTPRequest.Method]] = [:]
        for path in PageRoutes.paths + ["/health", "/ready", "/metrics", "/openapi.json"] {
            methods[path] = [.get, .head]
        }
        for path in [
            "/v1/clouds", "/v1/scenes", "/v1/scenes/render", "/v1/describe", "/v1/features",
            "/v1/audio/transcriptions",
        ] { methods[path] = [.post] }
        return methods
    }()
}

/// Options that a server does not start with.
public struct ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    let source: String
    let expected: String
    let got: String

    /// One line.
    public var description: String { "\(source): expected \(expected), got \(got)" }
}

/// Something that happens once.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .relaxed) }

    func raise() { value.store(true, ordering: .relaxed) }
}

// GET /health, /ready, /metrics and /openapi.json: what tools ask.

import HTTPTypes
import Hummingbird
import Sonoform
import Synchronization

/// Whether the server lives and takes work, and what it has done.
struct StatusRoutes: Sendable {
    let service: ConversionService
    let isStopping: @Sendable () -> Bool

    private struct Health: Encodable { let status: String }

    private struct Readiness: Encodable {
        let status: String
        let model: String
        let in_hand: Int
    }

    /// The description of the routes, with this server's own limit of points.
    private var description: String {
        String(decoding: PackageResources.openapi_json, as: UTF8.self)
            .replacing("\"maximum\": \(ServerLimits().points)", with: "\"maximum\": \(service.limits.points)")
    }

    func add(to router: some RouterMethods<ServerContext>) {
        router.get("/health") { _, _ in Response(json: Health(status: "ok")) }
        router.get("/ready") { _, _ in
            guard !isStopping() else {
                throw Problem(.serviceUnavailable, "stopping", "The server stops.")
            }
            return Response(
                json: Readiness(
                    status: "ready", model: service.pipeline.pipeline.name, in_hand: service.queue.inHand))
        }
        router.get("/metrics") { _, _ in
            service.metrics.inHand(service.queue.inHand)
            return Response(Array(service.metrics.text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        let description = Array(description.utf8)
        router.get("/openapi.json") { _, _ in Response(description, type: "application/json") }
    }
}

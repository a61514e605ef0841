// What a server counts and measures, by swift-metrics.

import HTTPTypes
import Metrics
import Sonoform

/// The server's metrics, in a registry of its own: several servers may run in one process.
struct ServerMetrics: Sendable {
    private let registry = PrometheusRegistry()

    /// All of them, as Prometheus reads them.
    var text: String { registry.text }

    /// A request was answered.
    func answered(
        _ route: String, _ method: HTTPRequest.Method, _ status: HTTPResponse.Status, _ elapsed: Duration
    ) {
        let dimensions = [("method", method.rawValue), ("route", route), ("status", "\(status.code)")]
        Counter(label: "sonoform_requests_total", dimensions: dimensions, factory: registry).increment()
        Timer(label: "sonoform_request_seconds", dimensions: [("route", route)], factory: registry)
            .recordNanoseconds(Int64(elapsed.inSeconds * 1e9))
    }

    /// So many requests are in hand now.
    func inHand(_ count: Int) { Meter(label: "sonoform_requests_in_hand", factory: registry).set(count) }

    /// Work was given up because its client went away.
    func cancelled() { Counter(label: "sonoform_requests_cancelled_total", factory: registry).increment() }

    /// A conversion took its time, stage by stage.
    func took(_ seconds: StageSeconds?) {
        guard let seconds else { return }
        for (stage, time) in [
            ("features", seconds.features), ("encode", seconds.encode), ("project", seconds.project),
            ("language", seconds.language), ("generate", seconds.generate), ("write", seconds.write),
        ] {
            Timer(label: "sonoform_stage_seconds", dimensions: [("stage", stage)], factory: registry)
                .recordNanoseconds(Int64(time * 1e9))
        }
    }
}

import Metrics
import Testing

@testable import SonoformServer

@Suite("Metrics as Prometheus reads them")
struct PrometheusTests {
    @Test("counters, gauges and timers, in the order of their names")
    func text() {
        let registry = PrometheusRegistry()
        let counter = Counter(label: "b_total", dimensions: [("path", "/\"x\"")], factory: registry)
        counter.increment()
        counter.increment(by: 2)
        Meter(label: "c.now", factory: registry).set(4)
        let timer = Timer(label: "a_seconds", factory: registry)
        timer.recordMilliseconds(20)
        timer.recordSeconds(100)
        let lines = registry.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "# TYPE a_seconds histogram")
        #expect(lines.contains("a_seconds_bucket{le=\"0.01\"} 0"))
        #expect(lines.contains("a_seconds_bucket{le=\"0.025\"} 1"))
        #expect(lines.contains("a_seconds_bucket{le=\"60\"} 1"))
        #expect(lines.contains("a_seconds_bucket{le=\"+Inf\"} 2"))
        #expect(lines.contains("a_seconds_count 2"))
        #expect(lines.contains("# TYPE b_total counter"))
        #expect(lines.contains("b_total{path=\"/\\\"x\\\"\"} 3"))
        #expect(lines.suffix(2) == ["# TYPE c_now gauge", "c_now 4"])
    }
}

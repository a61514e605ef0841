// A backend of swift-metrics that keeps what it is told, and writes it in Prometheus' text format 0.0.4.

import CoreMetrics
import Synchronization

/// Keeps every series by its name and labels.
final class PrometheusRegistry: MetricsFactory, Sendable {
    /// A series' values.
    fileprivate struct Series {
        var kind: String
        var value = 0.0
        var buckets: [UInt64] = []
        var count: UInt64 = 0
    }

    fileprivate struct Key: Hashable, Comparable {
        let name: String
        let labels: String

        static func < (left: Key, right: Key) -> Bool { (left.name, left.labels) < (right.name, right.labels) }
    }

    /// The upper ends of a timer's buckets, in seconds: from a health check to a long recording.
    fileprivate static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private let series = Mutex<[Key: Series]>([:])

    /// Every series, in the order of names.
    var text: String {
        let series = series.withLock { $0.sorted { $0.key < $1.key } }
        var text = ""
        var last = ""
        for (key, values) in series {
            if key.name != last { text += "# TYPE \(key.name) \(values.kind)\n" }
            last = key.name
            guard values.kind == "histogram" else {
                text += "\(key.name)\(Self.braced(key.labels)) \(Self.number(values.value))\n"
                continue
            }
            var total: UInt64 = 0
            for (bound, count) in zip(Self.bounds.map(Self.number) + ["+Inf"], values.buckets) {
                total += count
                let labels = key.labels.isEmpty ? "" : "\(key.labels),"
                text += "\(key.name)_bucket{\(labels)le=\"\(bound)\"} \(total)\n"
            }
            text += "\(key.name)_sum\(Self.braced(key.labels)) \(Self.number(values.value))\n"
            text += "\(key.name)_count\(Self.braced(key.labels)) \(values.count)\n"
        }
        return text
    }

    private static func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    fileprivate func update(_ key: Key, kind: String, _ change: (inout Series) -> Void) {
        series.withLock { change(&$0[key, default: Series(kind: kind)]) }
    }

    private func key(_ label: String, _ dimensions: [(String, String)]) -> Key {
        func name(_ text: String) -> String {
            String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
        }
        let labels = dimensions.map { label, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name(label))=\"\(escaped)\""
        }
        return Key(name: name(label), labels: labels.joined(separator: ","))
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        PrometheusHandler(self, key(label, dimensions))
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        PrometheusHandler(self, key(label, dimensions))
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        PrometheusHandler(self, key(label, dimensions))
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        PrometheusHandler(self, key(label, dimensions))
    }

    // What was counted stays, whoever counted it.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
}

/// One series' handler, of every kind.
private final class PrometheusHandler: CounterHandler, MeterHandler, TimerHandler, RecorderHandler {
    private let registry: PrometheusRegistry
    private let key: PrometheusRegistry.Key

    init(_ registry: PrometheusRegistry, _ key: PrometheusRegistry.Key) { (self.registry, self.key) = (registry, key) }

    func increment(by amount: Int64) { registry.update(key, kind: "counter") { $0.value += Double(amount) } }

    func reset() { registry.update(key, kind: "counter") { $0.value = 0 } }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { registry.update(key, kind: "gauge") { $0.value = value } }

    func increment(by amount: Double) { registry.update(key, kind: "gauge") { $0.value += amount } }

    func decrement(by amount: Double) { increment(by: -amount) }

    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) * 1e-9) }

    func record(_ value: Int64) { observe(Double(value)) }

    func record(_ value: Double) { observe(value) }

    private func observe(_ value: Double) {
        let bounds = PrometheusRegistry.bounds
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        registry.update(key, kind: "histogram") { series in
            if series.buckets.isEmpty { series.buckets = Array(repeating: 0, count: bounds.count + 1) }
            series.buckets[place] += 1
            series.value += value
            series.count += 1
        }
    }
}

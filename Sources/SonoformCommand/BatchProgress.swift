// How a batch gets on: a bar on a terminal, plain lines elsewhere.

import AtomicFiles
import Logging
import Sonoform
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

extension Batch.Summary {
    /// "412 of 1000, 8 failed, 9.4 a second, 1:03 left".
    func line(seconds: Double) -> String {
        var parts = ["\(done) of \(inputs)"]
        if kept > 0 { parts.append("\(kept) kept") }
        if inPart > 0 { parts.append("\(inPart) in part") }
        if failed > 0 { parts.append("\(failed) failed") }
        // What was kept took no time worth counting.
        let converted = done - kept
        let rate = Double(converted) / max(seconds, 1e-3)
        if converted > 0 {
            parts.append("\(decimal(Float(rate), places: 1)) a second")
            parts.append("\(clock(Double(left) / rate)) left")
        }
        return parts.joined(separator: ", ")
    }

    /// "[=====>    ]".
    func bar(width: Int) -> String {
        let full = inputs > 0 ? width * done / inputs : width
        return "[" + String(repeating: "=", count: full) + String(repeating: " ", count: width - full) + "]"
    }

    private func clock(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 1e7).rounded(.up))
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let minutes = whole / 60 % 60
        return whole < 3_600
            ? "\(minutes):\(two(whole % 60))" : "\(whole / 3_600):\(two(minutes)):\(two(whole % 60))"
    }
}

/// Tells a person, or a log, what a batch does.
final class BatchProgress: Sendable {
    private let start = ContinuousClock.now
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let printsRecords: Bool
    private let logger: Logger
    private let lastDrawn: Mutex<ContinuousClock.Instant>

    init(printsRecords: Bool, logger: Logger) {
        (self.printsRecords, self.logger) = (printsRecords, logger)
        lastDrawn = Mutex(start)
    }

    func tell(_ event: Batch.Event, _ summary: Batch.Summary) {
        lastDrawn.withLock { lastDrawn in
            if case .finished(let record) = event { tell(record) }
            if case .began(let passedOver) = event { tell(passedOver) }
            if case .kept(let record) = event, printsRecords { say(jsonLine(record)) }
            if case .missing(_, let error) = event { toStandardError("\(lineStart)sonoform: \(error)\n") }
            let now = ContinuousClock.now
            guard now - lastDrawn > .seconds(isTerminal ? 0.1 : 10) else { return }
            lastDrawn = now
            draw(summary)
        }
    }

    /// Takes the bar away, so that what follows begins on a line of its own.
    func end() { toStandardError(lineStart) }

    private var lineStart: String { isTerminal ? "\r\u{1b}[K" : "" }

    private func tell(_ record: BatchRecord) {
        if printsRecords { say(jsonLine(record)) }
        let errors = record.conversion.errors
        for note in record.conversion.notes {
            toStandardError("\(lineStart)sonoform: \(record.input.printable): note: \(note)\n")
        }
        for error in errors { toStandardError("\(lineStart)sonoform: \(error)\n") }
        if errors.isEmpty {
            logger.debug("\(record.input.printable): \"\(record.conversion.heard ?? "")\", \(record.conversion.stages)")
        }
    }

    /// Tells what was passed over: nobody should think that it was converted.
    private func tell(_ passedOver: [String: Int]) {
        guard !passedOver.isEmpty else { return }
        let parts = passedOver.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
        report("sonoform: passed over: \(parts.joined(separator: ", "))")
    }

    private func draw(_ summary: Batch.Summary) {
        let line = summary.line(seconds: (ContinuousClock.now - start).inSeconds)
        guard isTerminal else { return toStandardError(line + "\n") }
        var size = winsize()
        let columns = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
        let room = columns - line.count - 4
        toStandardError("\r\u{1b}[K" + (room >= 10 ? summary.bar(width: min(40, room)) + " " : "") + line)
    }

    private func toStandardError(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

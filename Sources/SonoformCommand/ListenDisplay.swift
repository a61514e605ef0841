// What is shown while somebody speaks: a meter and the words so far on a terminal, lines for programs.

import Sonoform
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Shows what is heard.
final class ListenDisplay: Sendable {
    private struct State {
        var level: LiveListener.Level?
        var words = ""
    }

    private let printsRecords: Bool
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    init(printsRecords: Bool) { self.printsRecords = printsRecords }

    /// Whether words are shown before they are an utterance.
    var showsPartials: Bool { printsRecords || isTerminal }

    /// Tells that it listens now.
    func begin() { if isTerminal { report("sonoform: listening; Ctrl-C ends it") } }

    /// Shows how loud it is; by the thread that reads.
    func show(level: LiveListener.Level) {
        guard isTerminal else { return }
        state.withLock { state in
            state.level = level
            draw(state)
        }
    }

    /// Shows the words so far.
    func show(partial words: String) {
        struct Line: Encodable { let partial: String }
        if printsRecords { say(jsonLine(Line(partial: words))) }
        state.withLock { state in
            guard isTerminal, state.words != words else { return }
            state.words = words
            draw(state)
        }
    }

    /// Shows what came of an utterance.
    func show(_ record: ConversionRecord) {
        state.withLock { state in
            state.words = ""
            clear()
            if printsRecords { say(jsonLine(record)) } else if record.error == nil { say(record.lines) }
            for note in record.notes { report("sonoform: \(record.shownInput): note: \(note)") }
            for error in record.errors { report("sonoform: \(error)") }
        }
    }

    /// Takes the meter away.
    func end() { state.withLock { _ in clear() } }

    private func clear() { if isTerminal { toStandardError("\r\u{1b}[K") } }

    private func draw(_ state: State) {
        var size = winsize()
        let columns = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
        let line = meter(state.level, width: 20) + " " + state.words
        toStandardError("\r\u{1b}[K" + line.prefix(max(1, columns - 1)))
    }

    private func toStandardError(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// "[#####     ]": from 60 dB below full scale to it; "=" where nobody speaks.
func meter(_ level: LiveListener.Level?, width: Int) -> String {
    let share = level.map { max(0, min(1, ($0.decibels + 60) / 60)) } ?? 0
    let full = Int((share * Float(width)).rounded())
    let sign = level?.isSpeech == true ? "#" : "="
    return "[" + String(repeating: sign, count: full) + String(repeating: " ", count: width - full) + "]"
}

// What ffmpeg says on its standard error, as far as it tells whether a recording is whole.

import AtomicFiles

/// The lines of one run at the log level `level+info`: `[aac @ 0x55…] [error] Input buffer exhausted …`.
struct FFmpegReport {
    /// What went wrong: the first line says what, the rest what follows from it.
    let errors: [String]
    /// The line that says that the end is missing, or a part of the middle.
    let cut: String?
    /// How long the sound is by what the file says of itself, in seconds; nil where it says nothing, or where ffmpeg
    /// guesses it from the file's size, or may mean a picture's length.
    let promisedSeconds: Double?

    /// Words of lines that say that something is missing.
    private static let cutWords = [
        "partial file", "truncated", "moov atom not found", "Truncating", "File ended prematurely", "Packet corrupt",
        "corrupt input packet", "packet size too small",
    ]

    init(_ text: String) {
        var (errors, cut, promised): ([String], String?, Double?) = ([], nil, nil)
        var mayMislead = false
        for line in text.split(whereSeparator: \.isNewline) {
            let isError = ["[error] ", "[fatal] ", "[panic] "].contains(where: line.contains)
            if isError { errors.append(Self.plain(line)) }
            if isError || line.contains("[warning] ") {
                if cut == nil, Self.cutWords.contains(where: line.contains) { cut = Self.plain(line) }
                if line.contains("Estimating duration from bitrate") { mayMislead = true }
            }
            if line.contains(": Video: "), !line.contains("(attached pic)") { mayMislead = true }
            if promised == nil, line.hasPrefix("[info]   Duration: ") { promised = Self.promise(line) }
        }
        (self.errors, self.cut, promisedSeconds) = (errors, cut, mayMislead ? nil : promised)
    }

    /// A line without the parts in brackets at its head, one of which names an address in memory.
    private static func plain(_ line: Substring) -> String {
        let told = line.firstRange(of: "] [").map { line[$0.upperBound...] } ?? line
        let text = told.firstRange(of: "] ").map { told[$0.upperBound...] } ?? told
        return String(text.prefix(200)).replacing("file:/dev/stdin: ", with: "").printable
    }

    /// "[info]   Duration: 00:00:01.87, start: 0.069063, bitrate: 24 kb/s", less what is played before the start.
    private static func promise(_ line: Substring) -> Double? {
        let parts = line.split(separator: ", ")
        guard let clock = parts.first?.split(separator: " ").last?.split(separator: ":"), clock.count == 3,
            let hours = Double(clock[0]), let minutes = Double(clock[1]), let seconds = Double(clock[2])
        else { return nil }
        let start = parts.dropFirst().first.flatMap { $0.hasPrefix("start: ") ? Double($0.dropFirst(7)) : nil } ?? 0
        return 3_600 * hours + 60 * minutes + seconds - max(0, start)
    }
}

// Transcripts as subtitles: SubRip and WebVTT.

import AtomicFiles

/// Words with the times at which they are said.
public struct Subtitles: Sendable {
    private let cues: [(seconds: Range<Double>, text: String)]

    /// Subtitles of these words, in their order.
    public init(_ cues: [(seconds: Range<Double>, text: String)]) { self.cues = cues }

    /// As a SubRip file.
    public var srt: String {
        cues.enumerated().map { "\($0 + 1)\n\(times(of: $1.seconds, ","))\n\(plain($1.text))\n\n" }.joined()
    }

    /// As a WebVTT file.
    public var vtt: String {
        "WEBVTT\n\n" + cues.map { "\(times(of: $0.seconds, "."))\n\(plain($0.text))\n\n" }.joined()
    }

    /// As lines for a person, "[00:01.500 --> 00:03.000]  the words".
    public var lines: String {
        cues.map { cue in
            let times = [cue.seconds.lowerBound, cue.seconds.upperBound].map { time($0, ".", hours: $0 >= 3_600) }
            return "[\(times[0]) --> \(times[1])]  \(plain(cue.text))"
        }.joined(separator: "\n")
    }

    private func times(of seconds: Range<Double>, _ mark: String) -> String {
        "\(time(seconds.lowerBound, mark)) --> \(time(seconds.upperBound, mark))"
    }

    /// On one line, without what would end a cue: an arrow of both formats' is none in the words.
    private func plain(_ text: String) -> String { text.printable.replacing("-->", with: "->") }

    /// 3725.5 -> "01:02:05,500"
    private func time(_ seconds: Double, _ mark: String, hours: Bool = true) -> String {
        let milliseconds = Int((min(max(0, seconds), 1e9) * 1_000).rounded())
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let minutes = "\(digits(whole / 60 % 60, 2)):\(digits(whole % 60, 2))\(mark)\(digits(rest, 3))"
        return hours ? "\(digits(whole / 3_600, 2)):\(minutes)" : minutes
    }
}

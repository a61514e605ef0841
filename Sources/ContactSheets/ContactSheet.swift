// One HTML page for a folder of conversions, which needs nothing but itself.

public import AtomicFiles
import PageParts
import PointClouds
public import Sonoform
public import SystemPackage

/// A page with every recording's player, spectrogram, what was heard, and clouds that turn under the mouse.
///
/// Everything is in the page: it loads nothing, and its content policy forbids it to.
public struct ContactSheet: Sendable {
    /// One input, and where its files are.
    public struct Entry: Sendable {
        /// What came of it.
        public var record: ConversionRecord
        /// The recording; nil for a text.
        public var recording: String?
        /// The folder that the record's outputs are relative to; nil for the working directory.
        public var outputFolder: String?

        /// An entry of a page.
        public init(_ record: ConversionRecord, recording: String?, outputFolder: String? = nil) {
            (self.record, self.recording, self.outputFolder) = (record, recording, outputFolder)
        }

        func path(of output: String) -> String {
            outputFolder.map { FilePath(text: $0).pushing(FilePath(text: output)).text } ?? output
        }
    }

    /// What is kept out of the page so that a browser can open it.
    public struct Limits: Sendable {
        /// The largest recording that is put into the page, in bytes.
        public var recordingBytes = 4 << 20
        /// All recordings together.
        public var allRecordingBytes = 192 << 20
        /// The points that are shown of a cloud; in long pages fewer.
        public var points = 4_096
        /// All clouds together.
        public var allPoints = 1 << 22
        /// The longest recording of which a spectrogram is drawn, in seconds.
        public var spectrogramSeconds = 600.0

        /// The defaults make a page of at most about 400 MB, and of a thousand short recordings about 100.
        public init() {}
    }

    /// The page's heading.
    public var title: String
    /// What is left away.
    public var limits = Limits()

    /// A page of that heading.
    public init(title: String) { self.title = title }

    /// Writes the page to `path`, whole or not at all; an entry's files are read when its turn comes.
    ///
    /// A recording or a cloud that cannot be read is told in its place, and stops nothing.
    ///
    /// - Throws: `FileWriteError` with the path and what the system said.
    public func write(_ entries: [Entry], to path: FilePath) throws(FileWriteError) {
        var file = try AtomicFile(path)
        let failed = entries.filter { $0.record.error != nil }
        let made = entries.filter { $0.record.error == nil }
        var rooms = Rooms(limits, clouds: made.reduce(0) { $0 + max(1, $1.record.utterances?.count ?? 1) })
        for part in PageTemplate.parts {
            switch part {
            case .text(let text): try file.write(Array(text.utf8))
            case .place("title"): try file.write(Array(escaped(title).utf8))
            case .place("style"): try file.write(PagePart.style + PackageResources.style_css)
            case .place("script"): try file.write(PagePart.turning + PackageResources.script_js)
            case .place("summary"): try file.write(Array(summary(made.count, failed.count).utf8))
            case .place("cards"):
                if !failed.isEmpty { try file.write(Array(list(of: failed).utf8)) }
                for entry in made { try file.write(Array(Card(entry).html(&rooms).utf8)) }
            case .place: break
            }
        }
        try file.commit()
    }

    private func summary(_ made: Int, _ failed: Int) -> String {
        let total = made + failed
        let head = "\(total) input\(total == 1 ? "" : "s"), \(made) converted"
        return failed == 0 ? "\(head)." : "\(head), <a href=\"#failed\" class=\"error\">\(failed) not</a>."
    }

    private func list(of failed: [Entry]) -> String {
        let items = failed.map { entry in
            // The line begins with the file's name, which stands before it already.
            var reason = entry.record.error ?? ""
            for name in [entry.record.input, entry.recording ?? entry.record.input] where reason.hasPrefix("\(name): ")
            {
                reason = String(reason.dropFirst(name.count + 2))
            }
            return "<li><b>\(escaped(entry.record.input))</b> <span class=\"error\">\(escaped(reason))</span></li>\n"
        }
        return
            "<article id=\"failed\" class=\"failed\">\n<h2>Not converted</h2>\n<ul>\n\(items.joined())</ul>\n</article>\n"
    }
}

/// How much may still go into the page.
struct Rooms {
    let limits: ContactSheet.Limits
    let pointsOfACloud: Int
    var recordingBytes: Int

    init(_ limits: ContactSheet.Limits, clouds: Int) {
        self.limits = limits
        pointsOfACloud = min(limits.points, max(256, limits.allPoints / max(1, clouds)))
        recordingBytes = limits.allRecordingBytes
    }
}

/// Text as HTML shows it, in elements and in quoted attributes.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        // What HTML cannot hold; and what would turn the text around it over.
        case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
            result += "\u{FFFD}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// The page's frame: its text, and the places in it.
enum PageTemplate {
    enum Part: Equatable {
        case text(String)
        case place(String)
    }

    static let parts: [Part] = {
        var parts: [Part] = []
        var rest = String(decoding: PackageResources.page_html, as: UTF8.self)[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            parts.append(.text(String(rest[..<open.lowerBound])))
            parts.append(.place(String(rest[open.upperBound..<close.lowerBound])))
            rest = rest[close.upperBound...]
        }
        return parts + [.text(String(rest))]
    }()
}

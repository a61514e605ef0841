// What an audio file's container says, read before anything is decoded: which samples there are, and where.
//
// libsndfile 1.2.0 parses a header, codec tables included, before it says what the coding is, and clips a data chunk
// that claims more than the file holds without a word. Here only what is on the list gets as far as libsndfile: plain
// samples, whose headers it never sees, and FLAC, Vorbis and Opus.

import SystemPackage

/// What is in an audio file, and where.
struct AudioLayout {
    enum Content {
        /// Plain samples at a place of the file.
        case samples(SampleCoding, ByteView)
        /// Streams that libsndfile takes apart, one after the other.
        case streams([Stream])
    }

    /// A stream with a header of its own.
    struct Stream {
        let bytes: ByteView
        /// Frames that have to come out; nil where nothing says so.
        let promisedFrames: Int?
    }

    /// The container, as users call it.
    let container: String

    let content: Content

    /// What was odd, and did not stop the reading.
    var warnings: [RecordingWarning] = []

    /// The coding's name, where it was not this package that decoded.
    private(set) var encoding: String?

    init(container: String, content: Content, warnings: [RecordingWarning]) {
        (self.container, self.content, self.warnings) = (container, content, warnings)
    }

    /// Looks at a file.
    init(_ file: ByteView, path: FilePath) throws(AudioFileError) {
        let tag = ID3.lengthOfTag(atStartOf: file)
        let rest = file.part(min(tag, file.count)..<file.count)
        do {
            self = try Self.layout(of: rest, isTagged: tag > 0)
        } catch {
            throw AudioFileError(error.reason, path: path, expected: error.expected, got: error.got)
        }
        if tag > 0 { warnings.insert(.tagSkipped(bytes: tag), at: 0) }
    }

    private static func layout(of file: ByteView, isTagged: Bool) throws(Refusal) -> AudioLayout {
        let start = file.bytes(at: 0, count: 64)
        if let unknown = UnknownFile(start) {
            let isTagged = isTagged && (unknown.name == "text" || unknown.name.hasPrefix("data"))
            throw Refusal(
                isTagged ? .formatNotAllowed : unknown.reason, expected: allowedFormats,
                isTagged ? taggedFile : unknown.name)
        }
        if start.hasText("ID3", at: 0) {
            // A tag that says nonsense of its own length.
            throw Refusal(.formatNotAllowed, expected: allowedFormats, taggedFile)
        }
        switch start.text(at: 0, count: 4) {
        case "FORM": return try AIFFContainer.layout(of: file)
        case "caff": return try CAFContainer.layout(of: file)
        case "riff": return try Wave64Container.layout(of: file)
        case "fLaC": return try FLACContainer.layout(of: file)
        case "OggS": return try OggContainer.layout(of: file)
        default: return try WaveContainer.layout(of: file)
        }
    }

    /// The same sound under the name of what it was decoded from by another program.
    func decoded(from name: String, warnings: [RecordingWarning]) -> AudioLayout {
        var layout = AudioLayout(container: name, content: content, warnings: warnings)
        layout.encoding = "decoded by ffmpeg"
        return layout
    }
}

private let taggedFile = "MP3 or another file with an ID3 tag"

/// What is read, in the words of an error.
let allowedFormats = "WAV, AIFF or CAF (PCM, float, mu-law or A-law), FLAC, Ogg Vorbis or Ogg Opus"

extension Refusal {
    /// A file that lacks one of the two chunks that make sound of it; the first is missed first.
    static func missingChunk(
        of file: String, _ description: String, found: Bool, _ sound: String, bytes: Int
    ) -> Refusal {
        Refusal(
            .truncated, expected: "\(file) with a \(description) and a \(sound) chunk",
            "\(bytes) bytes without a \(found ? sound : description) chunk")
    }
}

/// A file in a known container with a coding that is not on the list.
func notAllowed(_ got: String) -> Refusal {
    Refusal(.formatNotAllowed, expected: allowedFormats, got)
}

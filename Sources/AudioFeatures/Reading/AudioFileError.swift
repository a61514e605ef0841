// Why a recording could not be read, in one line that names the file.

import AtomicFiles
public import SystemPackage

/// An audio file that was refused: which one, what was expected of it, what was got.
public struct AudioFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of trouble it is, for callers that act on it.
    public enum Reason: Sendable, Equatable {
        case missing, notAFile, noPermission, unreadable, empty, notAudio, formatNotAllowed
        case outsideLimits, truncated, noSamples, notFinite, decodingFailed
    }

    /// The kind of trouble.
    public let reason: Reason

    /// The file as the caller named it.
    public let path: FilePath

    /// What was expected.
    public let expected: String

    /// What was got.
    public let got: String

    init(_ reason: Reason, path: FilePath, expected: String, got: String) {
        self.reason = reason
        self.path = path
        self.expected = expected
        self.got = got
    }

    /// One line: `speech.wav: expected 16000 frames as its header says, got 9000 (7000 missing)`.
    public var description: String {
        "\(path.printable): expected \(expected), got \(got)"
    }
}

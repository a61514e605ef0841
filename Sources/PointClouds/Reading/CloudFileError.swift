// Why a file with a point cloud could not be read, in one line that names the file.

/// A point cloud's file that was refused: which one, why, what was expected of it, what was got.
public struct CloudFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of trouble.
    public enum Reason: String, Sendable, Equatable {
        /// The system does not let it be read, or it is no file.
        case unreadable
        /// Its bytes are those of no format that is read here.
        case unknownFormat
        /// It contradicts its own format: cut off, rows that do not fit their header, numbers that are none.
        case damaged
        /// It is valid and uses something that is not read here.
        case unsupported
    }

    /// The kind of trouble.
    public let reason: Reason

    /// The file as the caller named it.
    public let path: String

    /// What was expected.
    public let expected: String

    /// What was got.
    public let got: String

    /// An error of a kind.
    public init(_ reason: Reason, path: String, expected: String, got: String) {
        (self.reason, self.path, self.expected, self.got) = (reason, path, expected, got)
    }

    /// One line: `chair.ply: expected 100 vertices of 28 bytes, got 40 bytes`.
    public var description: String {
        "\(path): expected \(expected), got \(got)"
    }
}

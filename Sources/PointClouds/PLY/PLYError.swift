// Why a PLY file could not be read, in one line that names the file.

/// A PLY file that was refused: which one, what was expected of it, what was got.
public struct PLYError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file as the caller named it.
    public let path: String

    /// What was expected.
    public let expected: String

    /// What was got.
    public let got: String

    /// One line: `chair.ply: expected 100 vertices of 28 bytes, got 40 bytes`.
    public var description: String {
        "\(path): expected \(expected), got \(got)"
    }
}

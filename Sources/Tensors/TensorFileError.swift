// What can be wrong with a tensor file.

import AtomicFiles

/// A tensor file that cannot be read or written: which one, what was expected, what was got.
public struct TensorFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file's path.
    public let path: String
    /// What the format or the reader asks for.
    public let expected: String
    /// What was found instead.
    public let got: String

    /// An error about the file at `path`.
    public init(path: String, expected: String, got: String) {
        (self.path, self.expected, self.got) = (path, expected, got)
    }

    /// One line: the file, what was expected, what was got.
    ///
    /// Names of tensors come from the file: nothing in them breaks the line or is obeyed by a terminal.
    public var description: String { "\(path.printable): expected \(Self.short(expected)), got \(Self.short(got))" }

    private static func short(_ text: String) -> String {
        let longest = 400
        let line = text.printable
        return line.utf8.count <= longest ? line : String(line.prefix(longest)) + "…"
    }
}

// What can be wrong with a tensor file.

import AtomicFiles
public import SystemPackage

/// A tensor file that cannot be read or written: which one, what was expected, what was got.
public struct TensorFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file's path.
    public let path: FilePath
    /// What the format or the reader asks for.
    public let expected: String
    /// What was found instead.
    public let got: String

    /// An error about the file at `path`.
    public init(path: FilePath, expected: String, got: String) {
        (self.path, self.expected, self.got) = (path, Self.short(expected), Self.short(got))
    }

    /// One line: the file, what was expected, what was got.
    public var description: String { "\(path.printable): expected \(expected), got \(got)" }

    /// Names of tensors come from the file: nothing in them breaks the line or is obeyed by a terminal.
    private static func short(_ text: String) -> String {
        let longest = 400
        let line = text.printable
        return line.utf8.count <= longest ? line : String(line.prefix(longest)) + "…"
    }
}

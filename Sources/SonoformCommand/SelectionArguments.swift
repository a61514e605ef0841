// Which recordings below a folder a batch takes.

import ArgumentParser
import AtomicFiles
import Sonoform
import SystemPackage

/// Options of `sonoform batch` that choose among what lies in the folder.
struct SelectionArguments: ParsableArguments {
    @Flag(help: "Follows links that lead out of the folder, and links to folders.")
    var followLinks = false

    @Option(
        help: ArgumentHelp(
            "Takes exactly the files that LIST names, a line each (or with NUL between them); - for the standard input.",
            valueName: "list"))
    var filesFrom: FilePath?

    @Option(
        help: ArgumentHelp(
            "Takes only recordings that match: '*.wav', 'speaker-?/*'; may be repeated.", valueName: "pattern"))
    var include: [String] = []

    @Option(help: ArgumentHelp("Leaves out recordings that match; may be repeated.", valueName: "pattern"))
    var exclude: [String] = []

    /// The library's own selection; throws where the list cannot be read.
    func selection() throws -> InputSelection {
        var selection = InputSelection()
        selection.followsLinks = followLinks
        (selection.includes, selection.excludes) = (include, exclude)
        selection.files = try filesFrom.map(Self.files)
        return selection
    }

    /// The longest list that is read.
    private static let longestList = 256 << 20

    private static func files(in list: FilePath) throws -> [FilePath] {
        let bytes: [UInt8]
        do {
            bytes = try list.readAll(limit: longestList)
        } catch {
            throw CommandError(
                source: list.printable, expected: "a list of files, of at most \(longestList >> 20) MB", got: "\(error)"
            )
        }
        let separator = bytes.contains(0) ? 0 : UInt8(ascii: "\n")
        return bytes.split(separator: separator).map { line in
            FilePath(bytes: separator != 0 && line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        }
    }
}

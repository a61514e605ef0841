// Outputs that are never written: over an input, over a recording, under an ending that says something else.

import ArgumentParser
import AtomicFiles
import AudioFeatures
import SystemPackage

/// Where `-o` writes: a file, a folder, or the standard output.
struct OutputArgument: ExpressibleByArgument {
    let path: FilePath
    /// Whether a slash at the end says that it is a folder.
    let namesFolder: Bool

    init(argument: String) {
        path = FilePath(text: argument)
        namesFolder = argument.hasSuffix("/")
    }

    var isStandardOutput: Bool { path == "-" }
}

/// Throws where a file that is to be written is one of the inputs, by name, link or inode, or any recording at all.
func protectRecordings(from output: FilePath, inputs: [FilePath]) throws(CommandError) {
    if let input = inputs.first(where: { isSameFile($0, output) }) {
        throw CommandError(
            source: output.printable, expected: "another file than the input",
            got: input == output ? "the input itself" : "\(input.printable) by another name")
    }
    guard holdsRecording(output) else { return }
    throw CommandError(
        source: output.printable, expected: "a file that is not a recording",
        got: "a recording, which is not overwritten")
}

/// Throws where a file's ending is not one of those that are known; a name without an ending may be had.
func checkEnding(of output: FilePath, known: [String]) throws(CommandError) {
    let ending = output.lastComponent?.ending ?? ""
    guard !ending.isEmpty, !known.contains(ending) else { return }
    throw CommandError(
        source: output.printable, expected: "a name that ends in \(known.map { ".\($0)" }.joined(separator: ", "))",
        got: ".\(ending)")
}

// Which file every input becomes.

import AtomicFiles
import Sonoform
import SystemPackage

/// The output paths of a list of inputs: no two are the same, and none is an input or a recording.
struct OutputPlan {
    /// One path per input.
    let paths: [FilePath]
    /// Whether the one output goes to the standard output.
    let isStandardOutput: Bool
    private let sources: [FilePath]

    /// - Parameters:
    ///   - inputs: what the files are named after.
    ///   - sources: the files that are read, where they have other names.
    ///   - output: a file for one input, or a folder, which is made where it is missing: any path that ends in "/" or
    ///     is a folder, and any path for several inputs. "-" for the standard output, nil for the working directory.
    ///   - ending: what the files in a folder end in.
    ///   - known: the endings that a file may have; nil for any.
    init(
        inputs: [FilePath], sources: [FilePath]? = nil, output: OutputArgument?, ending: String = "ply",
        known: [String]?
    ) throws(CommandError) {
        self.sources = sources ?? inputs
        isStandardOutput = output?.isStandardOutput ?? false
        guard let output else {
            paths = Self.names(inputs, ending)
            try check()
            return
        }
        if isStandardOutput {
            guard inputs.count == 1 else {
                throw CommandError(source: "-", expected: "one input for the standard output", got: "\(inputs.count)")
            }
            paths = ["/dev/stdout"]
            return
        }
        let isFolder = (try? Stat(output.path))?.type == .directory
        if inputs.count > 1 || output.namesFolder || isFolder {
            do { try output.path.makeFolders() } catch {
                throw CommandError(
                    source: output.path.printable, expected: "a folder that can be made", got: "\(error.errno)")
            }
            paths = Self.names(inputs, ending).map { output.path.pushing($0) }
        } else {
            if let known { try checkEnding(of: output.path, known: known) }
            paths = [output.path]
        }
        try check()
    }

    /// The path of one of several utterances of an input: "chair.ply" -> "chair-01.ply", and no input's own path.
    func path(of utterance: Int, of count: Int, in input: Int) -> FilePath {
        let (folder, stem, ending) = paths[input].parts
        let number = utteranceNumber(utterance, of: count)
        let plain = folder.appending(name: stem, ending: "-\(number)\(ending)")
        return paths.contains(plain) ? folder.appending(name: stem, ending: ".utterance-\(number)\(ending)") : plain
    }

    /// Throws where a file that is to be written is an input or a recording, by whatever name.
    func check(_ path: FilePath) throws(CommandError) {
        try protectRecordings(from: path, inputs: sources)
    }

    private func check() throws(CommandError) {
        for path in paths { try check(path) }
    }

    /// "a/chair.wav" becomes "chair.ply"; inputs that would meet keep their ending ("chair.wav.ply"), and if they
    /// still meet, a number.
    private static func names(_ inputs: [FilePath], _ ending: String) -> [FilePath] {
        let files = inputs.map { FilePath(bytes: $0.lastComponent?.bytes ?? Array("stdin".utf8)) }
        var uses: [[UInt8]: Int] = [:]
        for file in files { uses[file.parts.stem, default: 0] += 1 }
        var taken: Set<FilePath> = []
        return files.map { file in
            let base = uses[file.parts.stem] == 1 ? file.parts.stem : file.bytes
            var name = FilePath().appending(name: base, ending: ".\(ending)")
            var number = 2
            while !taken.insert(name).inserted {
                name = FilePath().appending(name: base, ending: "-\(number).\(ending)")
                number += 1
            }
            return name
        }
    }
}

extension FilePath {
    /// The folder, the name up to its last dot, and what follows with the dot; a dot in front begins no ending.
    var parts: (folder: FilePath, stem: [UInt8], ending: String) {
        let name = lastComponent?.bytes ?? []
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else {
            return (removingLastComponent(), name, "")
        }
        return (removingLastComponent(), Array(name[..<dot]), String(decoding: name[dot...], as: UTF8.self))
    }
}

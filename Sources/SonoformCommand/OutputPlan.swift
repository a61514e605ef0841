// Which file every input becomes.

import Sonoform

#if canImport(Glibc)
    import Glibc
#endif

/// The output paths of a list of inputs: no two are the same.
struct OutputPlan {
    /// One path an input.
    let paths: [String]

    /// - Parameter output: a file for one input, or a folder, which is made where it is missing: any path that ends in
    ///   "/" or is a folder, and any path for several inputs. Nil for the working directory.
    /// - Parameter ending: what the files in a folder end in.
    init(inputs: [String], output: String?, ending: String = "ply") throws(CommandError) {
        guard let output else {
            paths = Self.names(inputs, ending)
            return
        }
        let isFolder = Self.isFolder(output)
        guard inputs.count > 1 || output.hasSuffix("/") || isFolder else {
            paths = [output]
            return
        }
        if !isFolder, mkdir(output, 0o777) != 0 {
            throw CommandError(
                source: output, expected: "a folder that can be made",
                got: String(cString: strerror(errno)).lowercased())
        }
        paths = Self.names(inputs, ending).map { output.hasSuffix("/") ? output + $0 : output + "/" + $0 }
    }

    /// The path of one of several utterances of an input: "chair.ply" -> "chair-01.ply", and no input's own path.
    func path(of utterance: Int, of count: Int, in input: Int) -> String {
        let path = paths[input]
        let file = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let point = path[file...].lastIndex(of: ".").flatMap { $0 > file ? $0 : nil } ?? path.endIndex
        let number = utteranceNumber(utterance, of: count)
        let plain = "\(path[..<point])-\(number)\(path[point...])"
        return paths.contains(plain) ? "\(path[..<point]).utterance-\(number)\(path[point...])" : plain
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// "a/chair.wav" becomes "chair.ply"; inputs that would meet keep their ending ("chair.wav.ply"), and if they
    /// still meet, a number.
    private static func names(_ inputs: [String], _ ending: String) -> [String] {
        let files = inputs.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let stems = files.map { file -> String in
            guard let point = file.lastIndex(of: "."), point > file.startIndex else { return file }
            return String(file[..<point])
        }
        var uses: [String: Int] = [:]
        for stem in stems { uses[stem, default: 0] += 1 }
        var taken: Set<String> = []
        return zip(files, stems).map { file, stem in
            let base = uses[stem] == 1 ? stem : file
            var name = "\(base).\(ending)"
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(base)-\(number).\(ending)"
                number += 1
            }
            return name
        }
    }
}

// The recordings below a folder.

#if canImport(Glibc)
    import Glibc
#endif

/// What a folder holds for a batch: recordings by their ending, in the order of their paths' bytes.
///
/// Hidden files and folders are left alone, and so are links that lead out of the folder and links to folders (what
/// lies inside is found under its own path).
public struct BatchInputs: Sendable, Equatable {
    /// The recordings' paths below the folder.
    public private(set) var paths: [String] = []
    /// Folders that could not be read, with the system's words.
    public private(set) var unreadable: [String: String] = [:]

    /// The endings of recordings; what else lies in the folder is none.
    static let endings: Set<String> = ["wav", "wave", "aif", "aiff", "aifc", "flac", "ogg", "oga", "opus"]

    /// - Parameter output: a folder that is no input should it lie inside `directory`.
    /// - Throws: ``BatchError`` when `directory` cannot be read.
    public init(directory: String, output: String) throws(BatchError) {
        guard let root = realPath(directory) else {
            throw BatchError(source: directory, expected: "a folder of recordings", got: "\"\(systemWords(errno))\"")
        }
        let output = realPath(output)
        var pending = [""]
        while let folder = pending.popLast() {
            let path = folder.isEmpty ? root : root + "/" + folder
            guard let names = Self.names(in: path) else {
                let words = systemWords(errno)
                guard !folder.isEmpty else {
                    throw BatchError(source: directory, expected: "a folder of recordings", got: "\"\(words)\"")
                }
                unreadable[folder] = words
                continue
            }
            for name in names where !name.hasPrefix(".") {
                let relative = folder.isEmpty ? name : folder + "/" + name
                let path = root + "/" + relative
                var status = stat()
                guard lstat(path, &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR where path != output: pending.append(relative)
                case S_IFLNK:
                    if Self.isRecording(name), Self.leadsInside(path, of: root, but: output) { paths.append(relative) }
                case S_IFREG where Self.isRecording(name): paths.append(relative)
                default: break
                }
            }
        }
        paths.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Keeps the inputs of one part.
    mutating func keep(_ shard: Shard) {
        paths.removeAll { !shard.contains($0) }
        unreadable = unreadable.filter { shard.contains($0.key) }
    }

    private static func isRecording(_ name: String) -> Bool {
        guard let point = name.lastIndex(of: ".") else { return false }
        return endings.contains(name[name.index(after: point)...].lowercased())
    }

    private static func leadsInside(_ link: String, of root: String, but output: String?) -> Bool {
        guard let target = realPath(link), target.hasPrefix(root == "/" ? root : root + "/") else { return false }
        if let output, output != root, target.hasPrefix(output + "/") { return false }
        var status = stat()
        return stat(target, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static func names(in folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(cString: $0.bindMemory(to: CChar.self).baseAddress!)
                })
        }
        return names
    }
}

/// A batch that cannot go on: what, what was expected, what was got.
public struct BatchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file or folder.
    public let source: String
    /// What was expected.
    public let expected: String
    /// What was got.
    public let got: String

    /// One line.
    public var description: String { "\(source): expected \(expected), got \(got)" }
}

/// A path without links, "." and ".."; nil (and errno) where there is none.
func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}

/// The system's words for an error number.
func systemWords(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        strerror_r(code, buffer.baseAddress!, buffer.count) == 0
            ? String(cString: buffer.baseAddress!) : "error \(code)"
    }
}

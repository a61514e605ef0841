// A hidden folder in the output where an input's files are made before they are moved to their places.

import AtomicFiles

#if canImport(Glibc)
    import Glibc
#endif

/// The files of inputs in hand. What a killed run left there, the next one removes.
struct Staging: Sendable {
    private let path: String
    private let output: String

    /// An empty folder for one report's run; its lock keeps other runs out.
    init(output: String, reportName: String) throws(FileWriteError) {
        self.output = output
        path = "\(output)/.\(reportName).staging"
        remove()
        try makeFolder(path)
    }

    /// Where a file is made.
    func path(worker: Int, number: Int, ending: String) -> String { "\(path)/\(worker)-\(number).\(ending)" }

    /// Puts a finished file in its place below the output.
    func move(_ staged: String, to relative: String) throws(FileWriteError) {
        let target = output + "/" + relative
        if let slash = relative.lastIndex(of: "/") {
            var folder = output
            for name in relative[..<slash].split(separator: "/") {
                folder += "/" + name
                try makeFolder(folder)
            }
        }
        guard rename(staged, target) == 0 else { throw FileWriteError(path: target, code: errno) }
    }

    /// Removes the folder with all that is in it.
    func remove() {
        guard let stream = opendir(path) else { return }
        while let entry = readdir(stream) {
            withUnsafeBytes(of: &entry.pointee.d_name) { name in
                let name = String(cString: name.bindMemory(to: CChar.self).baseAddress!)
                if name != ".", name != ".." { unlink("\(path)/\(name)") }
            }
        }
        closedir(stream)
        rmdir(path)
    }
}

/// Makes a folder where there is none.
func makeFolder(_ path: String) throws(FileWriteError) {
    guard mkdir(path, 0o777) != 0 else { return }
    let code = errno
    var status = stat()
    if code == EEXIST, stat(path, &status) == 0 {
        guard status.st_mode & S_IFMT == S_IFDIR else { throw FileWriteError(path: path, code: ENOTDIR) }
        return
    }
    throw FileWriteError(path: path, code: code)
}

/// Makes a folder and those above it where there are none.
func makeFolders(_ path: String) throws(FileWriteError) {
    var status = stat()
    if stat(path, &status) == 0 || !path.contains("/") { return try makeFolder(path) }
    let parent = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    if !parent.isEmpty { try makeFolders(String(parent)) }
    try makeFolder(path)
}

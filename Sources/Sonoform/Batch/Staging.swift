// A hidden folder in the output where an input's files are made before they are moved to their places.

import AtomicFiles
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The files of inputs in hand. What a killed run left there, the next one removes.
struct Staging: Sendable {
    private let path: FilePath
    private let output: FilePath

    /// An empty folder for one report's run; its lock keeps other runs out.
    init(output: FilePath, reportName: String) throws(FileWriteError) {
        self.output = output
        path = output.appending(".\(reportName).staging")
        remove()
        try path.makeFolders()
    }

    /// Where a file is made.
    func path(worker: Int, number: Int, ending: String) -> FilePath { path.appending("\(worker)-\(number).\(ending)") }

    /// Puts a finished file in its place below the output.
    func move(_ staged: FilePath, to relative: FilePath) throws(FileWriteError) {
        let target = output.pushing(relative)
        try target.removingLastComponent().makeFolders()
        let moved = staged.withPlatformString { from in target.withPlatformString { rename(from, $0) } }
        guard moved == 0 else { throw FileWriteError(path: target, errno: Errno(rawValue: errno)) }
    }

    /// Removes the folder with all that is in it.
    func remove() {
        for name in (try? FolderListing.names(in: path)) ?? [] { path.appending(name).unlink() }
        _ = path.withPlatformString { rmdir($0) }
    }
}

extension FilePath {
    /// Removes the file if it is there.
    func unlink() { _ = withPlatformString { Glibc.unlink($0) } }
}

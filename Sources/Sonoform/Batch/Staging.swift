// A hidden folder in the output where an input's files are made before they are moved to their places.

import AtomicFiles
import AudioFeatures
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The files of inputs in hand. What a killed run left there, the next one removes.
struct Staging: Sendable {
    private let path: FilePath
    /// The folder below which finished files have their places.
    let output: FilePath

    /// An empty folder for one report's run; its lock keeps other runs out.
    init(output: FilePath, reportName: String) throws(FileWriteError) {
        self.output = output
        path = output.appending(".\(reportName).staging")
        // A link would lead to somebody's folder, and what is in that would be removed.
        if (try? Stat(path, followTargetSymlink: false))?.type == .symbolicLink {
            throw FileWriteError(path: path, errno: .tooManySymbolicLinkLevels)
        }
        remove()
        try path.makeFolders()
    }

    /// A folder that others use, too, and that is theirs to remove.
    init(shared path: FilePath, output: FilePath) throws(FileWriteError) {
        (self.path, self.output) = (path, output)
        try path.makeFolders()
    }

    /// Where a file is made; `owner` is whose it is, among all that use the folder.
    func path(owner: String, number: Int, ending: String) -> FilePath {
        path.appending("\(owner)-\(number).\(ending)")
    }

    /// Puts a finished file in its place below the output.
    ///
    /// - Throws: ``BatchError`` for a recording, or a file that may not be written, in that place; `FileWriteError`.
    func move(_ staged: FilePath, to relative: FilePath) throws {
        let target = output.pushing(relative)
        try target.removingLastComponent().makeFolders()
        if holdsRecording(target) {
            throw BatchError(
                source: target.printable, expected: "a file that is not a recording",
                got: "a recording, which is not overwritten")
        }
        do throws(FileWriteError) {
            try AtomicFile.move(staged, to: target)
        } catch {
            guard error.errno == .permissionDenied, (try? Stat(target)) != nil else { throw error }
            // That file alone: others can be made.
            throw BatchError(source: target.printable, expected: "a file that may be written", got: "one that may not")
        }
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

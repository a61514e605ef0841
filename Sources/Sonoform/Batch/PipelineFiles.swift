// The bytes that make a pipeline.

import AtomicFiles
import SystemPackage

extension ContentHash {
    /// The hash of all files of a pipeline folder and its components' folders, hidden ones left out: of every file its
    /// name and its own hash, in the order of the names.
    static func ofPipeline(_ directory: FilePath) -> String {
        var files: [FilePath] = []
        func collect(_ folder: FilePath, depth: Int) {
            guard let names = try? FolderListing.names(in: directory.pushing(folder)) else { return }
            for name in names where name.bytes.first != UInt8(ascii: ".") {
                let path = folder.appending(name)
                switch (try? Stat(directory.pushing(path)))?.type {
                case .directory where depth > 0: collect(path, depth: depth - 1)
                case .regular: files.append(path)
                default: break
                }
            }
        }
        collect(FilePath(), depth: 1)
        var hash = ContentHash()
        for file in files.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            hash.update(file.bytes)
            hash.update("\0\(ContentHash.ofFile(directory.pushing(file)) ?? "unreadable")\n".utf8)
        }
        return hash.hexadecimal()
    }
}

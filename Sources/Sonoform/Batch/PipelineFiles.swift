// The bytes that make a pipeline.

#if canImport(Glibc)
    import Glibc
#endif

extension ContentHash {
    /// The hash of all files of a pipeline folder and its components' folders, hidden ones left out: of every file its
    /// name and its own hash, in the order of the names.
    static func ofPipeline(_ directory: String) -> String {
        var files: [String] = []
        func collect(_ folder: String, depth: Int) {
            guard let stream = opendir(directory + "/" + folder) else { return }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(cString: $0.bindMemory(to: CChar.self).baseAddress!)
                }
                guard !name.hasPrefix(".") else { continue }
                let path = folder + name
                var status = stat()
                guard stat(directory + "/" + path, &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR where depth > 0: collect(path + "/", depth: depth - 1)
                case S_IFREG: files.append(path)
                default: break
                }
            }
        }
        collect("", depth: 1)
        var hash = ContentHash()
        for file in files.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            hash.update("\(file)\0\(ContentHash.ofFile(directory + "/" + file) ?? "unreadable")\n".utf8)
        }
        return hash.hexadecimal()
    }
}

// Names and places of files, on bytes.

#if canImport(Glibc)
    import Glibc
#endif
public import SystemPackage

/// A path without links, "." and ".."; nil where there is no such file.
public func realPath(_ path: FilePath) -> FilePath? {
    path.withPlatformString { text in
        guard let resolved = realpath(text, nil) else { return nil }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }
}

extension FilePath {
    /// Whether the path matches a shell's pattern, in which `*` also stands for slashes.
    public func matches(_ pattern: String) -> Bool {
        withPlatformString { fnmatch(pattern, $0, 0) == 0 }
    }

    /// Makes this folder and those above it where there are none.
    public func makeFolders() throws(FileWriteError) {
        if let status = try? Stat(self) {
            guard status.type == .directory else { throw FileWriteError(path: self, errno: .notDirectory) }
            return
        }
        let parent = removingLastComponent()
        if !parent.isEmpty { try parent.makeFolders() }
        guard withPlatformString({ mkdir($0, 0o777) }) != 0, errno != EEXIST else { return }
        throw FileWriteError(path: self, errno: Errno(rawValue: errno))
    }
}

extension FilePath.Component {
    /// The name's bytes.
    public var bytes: [UInt8] { FilePath(root: nil, components: self).bytes }

    /// What stands after the last dot, in lower case; empty where there is no dot, or nothing before it.
    public var ending: String {
        let bytes = bytes
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return "" }
        return String(decoding: bytes[(dot + 1)...], as: UTF8.self).lowercased()
    }
}

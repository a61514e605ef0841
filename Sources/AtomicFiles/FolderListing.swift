// What is in a folder, names as bytes.

#if canImport(Glibc)
    import Glibc
#endif
public import SystemPackage

/// Reading folders.
public enum FolderListing {
    /// The names in a folder but `.` and `..`, in the order of their bytes, so that every run sees the same order.
    ///
    /// Names are as the disk has them: not decoded, and not normalised.
    public static func names(in folder: FilePath) throws(Errno) -> [FilePath.Component] {
        guard let stream = folder.withPlatformString({ opendir($0) }) else { throw Errno(rawValue: errno) }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw Errno(rawValue: errno) }
                break
            }
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { name in
                    Array(name.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }) + [0]
                })
        }
        names.sort { first, second in
            first.lexicographicallyPrecedes(second) { UInt8(bitPattern: $0) < UInt8(bitPattern: $1) }
        }
        return names.compactMap(FilePath.Component.init(platformString:)).filter { $0.kind == .regular }
    }
}

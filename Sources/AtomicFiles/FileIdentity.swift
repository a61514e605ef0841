// Which file a name stands for: two names of one file are found out, however they are spelt.

public import SystemPackage

/// A file by its device and inode: what links, `..` and other spellings of one file have in common.
public struct FileIdentity: Hashable, Sendable {
    private let device: DeviceID
    private let inode: Inode

    /// The file at the end of `path`; nil where there is none.
    public init?(_ path: FilePath) {
        guard let status = try? Stat(path) else { return nil }
        (device, inode) = (status.deviceID, status.inode)
    }
}

/// Whether both paths lead to one file that exists, by name, through links, or as hard links of each other.
public func isSameFile(_ first: FilePath, _ second: FilePath) -> Bool {
    guard let first = FileIdentity(first), let second = FileIdentity(second) else { return false }
    return first == second
}

// Which file a path stands for when it is written: at the end of all links.

#if canImport(Glibc)
    import Glibc
#endif
import SystemPackage

/// The file that a path leads to, which need not exist yet.
struct WriteTarget {
    let path: FilePath
    /// What is there now; nil for nothing.
    let status: Stat?
    /// The number of this program's own descriptor that the path stands for, as `/dev/stdout` does.
    let descriptor: Int32?

    /// As many links as Linux itself follows.
    private static let mostLinks = 40

    /// Follows links, also one that leads to a file that does not exist yet; throws `Errno`.
    init(_ path: FilePath) throws {
        var path = path
        for _ in 0...Self.mostLinks {
            if let number = path.descriptorNumber {
                (self.path, status, descriptor) = (path, nil, number)
                return
            }
            guard let link = try Self.existing(path, followsLinks: false), link.type == .symbolicLink else {
                (self.path, status, descriptor) = (path, try Self.existing(path, followsLinks: true), nil)
                return
            }
            // A link to what is not a file by name is opened as it is.
            if let end = try Self.existing(path, followsLinks: true), end.type != .regular {
                (self.path, status, descriptor) = (path, end, nil)
                return
            }
            let destination = try path.linkDestination()
            path = destination.isAbsolute ? destination : path.removingLastComponent().pushing(destination)
        }
        throw Errno.tooManySymbolicLinkLevels
    }

    /// Throws `Errno` for a file that is marked as not to be written, also when root asks: renaming over it asks only
    /// the directory, and the mark would mean nothing.
    func checkPermission() throws {
        guard let status else { return }
        let marked = status.permissions.isDisjoint(with: [.ownerWrite, .groupWrite, .otherWrite])
        if marked || path.withPlatformString({ access($0, W_OK) }) != 0 { throw Errno.permissionDenied }
    }

    private static func existing(_ path: FilePath, followsLinks: Bool) throws -> Stat? {
        do {
            return try Stat(path, followTargetSymlink: followsLinks)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
    }
}

extension FilePath {
    /// The number of the descriptor that the path names: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/3`.
    ///
    /// Following such a link ends at the file behind the descriptor, of which others may have written the beginning.
    fileprivate var descriptorNumber: Int32? {
        if self == "/dev/stdout" { return STDOUT_FILENO }
        if self == "/dev/stderr" { return STDERR_FILENO }
        guard let name = lastComponent, ["/dev/fd", "/proc/self/fd"].contains(removingLastComponent()) else {
            return nil
        }
        return Int32(name.string)
    }

    /// What a symbolic link says; throws `Errno`.
    fileprivate func linkDestination() throws -> FilePath {
        try withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
            let count = withPlatformString { readlink($0, buffer.baseAddress!, buffer.count - 1) }
            guard count > 0 else { throw Errno(rawValue: errno) }
            buffer[count] = 0
            return FilePath(platformString: buffer.baseAddress!)
        }
    }
}

// Whole files into memory, up to a limit.

public import SystemPackage

extension FilePath {
    /// The bytes of a file, or of what comes through a pipe; throws `Errno`, `fileTooLarge` for more than `limit`.
    ///
    /// "-" is the standard input.
    public func readAll(limit: Int) throws(Errno) -> [UInt8] {
        do {
            guard self != "-" else { return try FileDescriptor.standardInput.readAll(limit: limit) }
            let descriptor = try FileDescriptor.open(self, .readOnly, options: [.closeOnExec])
            return try descriptor.closeAfter { try descriptor.readAll(limit: limit) }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }
}

extension FileDescriptor {
    private static let pieceBytes = 1 << 16

    /// What is left to read; throws `Errno`, `fileTooLarge` for more than `limit` bytes.
    public func readAll(limit: Int) throws(Errno) -> [UInt8] {
        do {
            var bytes: [UInt8] = []
            while true {
                let piece = try [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
                    count = try read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                guard !piece.isEmpty else { return bytes }
                bytes += piece
                guard bytes.count <= limit else { throw Errno.fileTooLarge }
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }
}

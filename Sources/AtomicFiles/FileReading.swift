// Whole files into memory, up to a limit.

public import SystemPackage

extension FilePath {
    /// The bytes of a file, or of what comes through a pipe; throws `Errno`, `fileTooLarge` for more than `limit`.
    ///
    /// "-" is the standard input.
    public func readAll(limit: Int) throws(Errno) -> [UInt8] {
        do {
            guard self != "-" else { return try Self.readAll(.standardInput, limit: limit) }
            let descriptor = try FileDescriptor.open(self, .readOnly, options: [.closeOnExec])
            return try descriptor.closeAfter { try Self.readAll(descriptor, limit: limit) }
        } catch let error as Errno {
            throw error
        } catch {
            throw .ioError
        }
    }

    private static let pieceBytes = 1 << 16

    private static func readAll(_ descriptor: FileDescriptor, limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = try [UInt8](unsafeUninitializedCapacity: pieceBytes) { buffer, count in
                count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard !piece.isEmpty else { return bytes }
            bytes += piece
            guard bytes.count <= limit else { throw Errno.fileTooLarge }
        }
    }
}

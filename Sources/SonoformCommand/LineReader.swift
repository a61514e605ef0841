// Lines of a stream, each as soon as it is there.

import SystemPackage

/// Reads lines of bytes up to a length; longer ones are passed over in constant memory.
struct LineReader {
    /// A line without its end.
    enum Line: Equatable {
        case whole([UInt8])
        /// More bytes than a line may have.
        case tooLong
    }

    /// How many bytes a line may have.
    let longest: Int
    private let descriptor: FileDescriptor
    /// What was read and not yet given.
    private var pending: [UInt8] = []
    private static let pieceBytes = 1 << 16

    init(_ descriptor: FileDescriptor, longest: Int) { (self.descriptor, self.longest) = (descriptor, longest) }

    /// The next line, which at the end of the stream needs no line feed; nil when there is none. Throws `Errno`.
    mutating func next() throws -> Line? {
        var (searched, isTooLong) = (0, false)
        while true {
            if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[..<end])
                pending.removeSubrange(...end)
                return isTooLong || line.count > longest ? .tooLong : .whole(line)
            }
            if pending.count > longest {
                isTooLong = true
                pending.removeAll(keepingCapacity: true)
            }
            searched = pending.count
            let piece = try [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
                count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard !piece.isEmpty else {
                defer { pending = [] }
                return isTooLong ? .tooLong : pending.isEmpty ? nil : .whole(pending)
            }
            pending += piece
        }
    }
}

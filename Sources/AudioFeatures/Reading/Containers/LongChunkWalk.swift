// Walks chunks whose lengths have 64 bits: CAF's and Wave64's.

/// The chunks of a file, one after the other, up to one that has no length.
struct LongChunkWalk {
    struct Chunk {
        /// What stands before the chunk's bytes, its name first.
        let head: [UInt8]
        let start: Int
        /// Nil for a chunk that goes to the end of the file.
        let size: Int?

        var name: String? { head.text(at: 0, count: 4) }

        /// The samples of a chunk that has so many bytes before them.
        func sound(after skipped: Int = 0, in file: ByteView) -> SoundData {
            // A recorder that lost its power leaves a length of 0.
            let isCut = size == 0 && start + skipped < file.count
            return SoundData(start: start + skipped, bytes: isCut ? nil : size.map { max(0, $0 - skipped) })
        }
    }

    /// How chunks stand in a file.
    struct Format {
        let headBytes: Int
        /// Where in the head the length stands, and whether that counts the head, too.
        let sizePlace: Int
        let countsHead: Bool
        let order: ByteOrder
        /// What a chunk's bytes are filled up to a multiple of.
        let alignment: Int
    }

    private let file: ByteView
    private let format: Format
    private var offset: Int?
    private var seen = 0

    init(_ file: ByteView, from offset: Int, _ format: Format) {
        (self.file, self.offset, self.format) = (file, offset, format)
    }

    /// The next chunk; nil after the last.
    mutating func next() -> Chunk? {
        // As many chunks as are looked at in WAV.
        guard let offset, seen < 4096 else { return nil }
        let head = file.bytes(at: offset, count: format.headBytes)
        guard head.count == format.headBytes,
            let counted = head.integer(at: format.sizePlace, bytes: 8, format.order)
        else { return nil }
        seen += 1
        let start = offset + format.headBytes
        let (size, overflow) = counted.subtractingReportingOverflow(format.countsHead ? format.headBytes : 0)
        // -1, and other lengths that no file has, mean to the end.
        guard !overflow, size >= 0, size < 0x7FFF_0000 || size <= file.count - start else {
            self.offset = nil
            return Chunk(head: head, start: start, size: nil)
        }
        let alignment = format.alignment
        self.offset = start + (size + alignment - 1) / alignment * alignment
        return Chunk(head: head, start: start, size: size)
    }
}

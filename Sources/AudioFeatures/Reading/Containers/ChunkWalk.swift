// Walks the chunks of a RIFF or IFF file without reading what is inside them.

/// The chunks of a file, one after the other.
struct ChunkWalk {
    struct Chunk {
        let name: String
        let start: Int
        let size: Int

        /// Where the chunk ends, without the byte that pads an odd one.
        var end: Int { start + size }
    }

    /// Whether a chunk of odd size came without its byte of padding.
    private(set) var lacksPadding = false

    private let file: ByteView
    private let order: ByteOrder
    /// Names of chunks that are known to stand in such files.
    private let known: Set<String>
    private var offset = 12
    private var seen = 0

    init(_ file: ByteView, order: ByteOrder, known: Set<String>) {
        (self.file, self.order, self.known) = (file, order, known)
    }

    /// The next chunk; nil after the last.
    mutating func next() -> Chunk? {
        let head = file.bytes(at: offset, count: 8)
        // A file of nothing but empty chunks is hostile; no recorder writes this many.
        guard seen < 4096, let name = head.text(at: 0, count: 4), let size = head.integer(at: 4, bytes: 4, order)
        else { return nil }
        seen += 1
        let chunk = Chunk(name: name, start: offset + 8, size: size)
        offset = chunk.end
        if size % 2 == 1 {
            // Some programs forget the padding, and then a name that is known stands where it should be.
            let padded = file.bytes(at: chunk.end + 1, count: 4).text(at: 0, count: 4)
            let unpadded = file.bytes(at: chunk.end, count: 4).text(at: 0, count: 4)
            if let unpadded, known.contains(unpadded), !known.contains(padded ?? "") {
                lacksPadding = true
            } else {
                offset += 1
            }
        }
        return chunk
    }

    /// What is told of a second chunk of sound.
    func ignored(_ chunk: Chunk) -> RecordingWarning {
        .laterSoundIgnored(bytes: min(chunk.size, max(0, file.count - chunk.start)))
    }

    /// Whether chunks follow one another from `offset` to the end of the file.
    func areChunks(from offset: Int) -> Bool {
        guard offset < file.count else { return true }
        var rest = self
        rest.offset = offset
        var end = offset
        while let chunk = rest.next() {
            guard known.contains(chunk.name), chunk.end <= file.count else { return false }
            end = chunk.end
        }
        return end + 1 >= file.count && end > offset
    }
}

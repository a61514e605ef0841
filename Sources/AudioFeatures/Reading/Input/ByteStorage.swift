// The bytes of a recording, wherever they are kept, read by position.

#if canImport(Glibc)
    import Glibc
#endif
import SystemPackage

/// Bytes in memory or in an open file, which is closed with its owner.
///
/// Reading by position leaves nothing behind in the descriptor, so that several may read at once.
final class ByteStorage: Sendable {
    private enum Place: Sendable {
        case memory([UInt8])
        case file(FileDescriptor)
    }

    let count: Int
    private let place: Place

    init(_ bytes: [UInt8]) {
        (place, count) = (.memory(bytes), bytes.count)
    }

    /// Takes over a descriptor of a regular file.
    init(_ descriptor: FileDescriptor, count: Int) {
        (place, self.count) = (.file(descriptor), count)
    }

    deinit {
        if case .file(let descriptor) = place { try? descriptor.close() }
    }

    /// The file, where the bytes are in one.
    var descriptor: FileDescriptor? {
        if case .file(let descriptor) = place { descriptor } else { nil }
    }

    /// Fills a buffer from `offset` on and gives how much of it; less only at the end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let wanted = min(buffer.count, count - offset)
        guard offset >= 0, wanted > 0 else { return 0 }
        switch place {
        case .memory(let bytes):
            bytes.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[offset..<offset + wanted])) }
            return wanted
        case .file(let descriptor):
            var filled = 0
            while filled < wanted {
                let got = pread(
                    descriptor.rawValue, buffer.baseAddress! + filled, wanted - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { break }
                filled += got
            }
            return filled
        }
    }
}

/// A part of the bytes, with positions of its own from 0.
struct ByteView: Sendable {
    private let storage: ByteStorage
    /// Where the view is in what is stored.
    private let range: Range<Int>

    init(_ storage: ByteStorage) {
        self.init(storage, 0..<storage.count)
    }

    private init(_ storage: ByteStorage, _ range: Range<Int>) {
        (self.storage, self.range) = (storage, range)
    }

    var count: Int { range.count }

    /// The part of the view from `bounds`, which lie in it.
    func part(_ bounds: Range<Int>) -> ByteView {
        precondition(bounds.lowerBound >= 0 && bounds.upperBound <= count)
        return ByteView(storage, range.lowerBound + bounds.lowerBound..<range.lowerBound + bounds.upperBound)
    }

    /// Fills a buffer from `offset` on and gives how much of it; less only at the end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard offset >= 0, offset < count else { return 0 }
        let wanted = min(buffer.count, count - offset)
        return storage.read(at: range.lowerBound + offset, into: .init(rebasing: buffer[..<wanted]))
    }

    /// Up to `length` bytes from `offset`; fewer at the end.
    func bytes(at offset: Int, count length: Int) -> [UInt8] {
        guard offset >= 0, offset < count else { return [] }
        return [UInt8](unsafeUninitializedCapacity: min(length, count - offset)) { buffer, filled in
            filled = read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}

// Memory aligned to cache lines, which oneDNN's kernels read fastest.

/// A block of bytes on a 64-byte boundary, freed with its owner.
final class AlignedBytes: @unchecked Sendable {
    // Unchecked: written by its maker before it is shared, then only read; scratch blocks are never shared.
    let pointer: UnsafeMutableRawPointer
    let count: Int

    init(count: Int) {
        self.count = count
        pointer = .allocate(byteCount: max(count, 64), alignment: 64)
    }

    deinit { pointer.deallocate() }
}

// SHA-256 (FIPS 180-4): what tells whether two files are the same.
//
// Of its own: swift-crypto would bring 250 files of C and minutes of building for these hundred lines.

#if canImport(Glibc)
    import Glibc
#endif
public import SystemPackage

/// SHA-256 of bytes that come piece by piece.
public struct ContentHash: Sendable {
    private var state: SIMD8<UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// The bytes that do not fill a block yet.
    private var tail: [UInt8] = []
    private var byteCount = 0
    private static let blockBytes = 64

    /// A hash of nothing yet.
    public init() {}

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        byteCount += bytes.count
        var rest = bytes[...]
        if !tail.isEmpty {
            let needed = min(Self.blockBytes - tail.count, rest.count)
            tail += rest.prefix(needed)
            rest = rest.dropFirst(needed)
            guard tail.count == Self.blockBytes else { return }
            let block = tail
            block.withUnsafeBytes { compress($0) }
            tail.removeAll(keepingCapacity: true)
        }
        let whole = rest.count / Self.blockBytes * Self.blockBytes
        compress(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
        tail += rest.dropFirst(whole)
    }

    /// Takes the next bytes.
    public mutating func update(_ bytes: some Sequence<UInt8>) {
        Array(bytes).withUnsafeBytes { update($0) }
    }

    /// The 32 bytes of the hash of all that was taken.
    public func digest() -> [UInt8] {
        var copy = self
        let bits = UInt64(byteCount) * 8
        let zeros = (Self.blockBytes * 2 - 9 - tail.count) % Self.blockBytes
        copy.update([0x80] + [UInt8](repeating: 0, count: zeros))
        copy.update((0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) })
        return (0..<32).map { UInt8(truncatingIfNeeded: copy.state[$0 / 4] >> (24 - 8 * UInt32($0 % 4))) }
    }

    /// The hash of all that was taken, as 64 hexadecimal digits.
    public func hexadecimal() -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The hash of a regular file's bytes, as hexadecimal digits; nil for one that cannot be read.
    public static func ofFile(_ path: FilePath) -> String? {
        // Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var hash = ContentHash()
        let isRead = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 64) { buffer -> Bool in
            while true {
                let count = read(descriptor, buffer.baseAddress!, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count == 0 }
                hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        return isRead ? hash.hexadecimal() : nil
    }

    private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
        guard !blocks.isEmpty else { return }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
            roundConstants.withUnsafeBufferPointer { constants in
                for start in stride(from: 0, to: blocks.count, by: Self.blockBytes) {
                    for i in 0..<16 {
                        words[i] = blocks.loadUnaligned(fromByteOffset: start + 4 * i, as: UInt32.self).bigEndian
                    }
                    for i in 16..<64 {
                        let (early, late) = (words[i - 15], words[i - 2])
                        let s0 = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
                        let s1 = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
                        words[i] = words[i - 16] &+ s0 &+ words[i - 7] &+ s1
                    }
                    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
                    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
                    for i in 0..<64 {
                        let s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
                        let t1 = h &+ s1 &+ (g ^ e & (f ^ g)) &+ constants[i] &+ words[i]
                        let s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
                        let t2 = s0 &+ (a & b | c & (a | b))
                        (h, g, f, e) = (g, f, e, d &+ t1)
                        (d, c, b, a) = (c, b, a, t1 &+ t2)
                    }
                    state = state &+ [a, b, c, d, e, f, g, h]
                }
            }
        }
    }
}

@inline(__always)
private func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 { word &>> bits | word &<< (32 - bits) }

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
private let roundConstants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]

// The checksums of FLAC's frames and Ogg's pages: plain polynomial remainders, the highest bit first, from 0.

/// Cyclic redundancy checks; over bytes with their checksum behind them they give 0.
enum Checksum {
    /// x⁸ + x² + x + 1, of FLAC's frame headers.
    static func flac8(_ bytes: some Sequence<UInt8>) -> UInt8 {
        bytes.reduce(0) { remainder, byte in
            (0..<8).reduce(remainder ^ byte) { value, _ in value << 1 ^ (value & 0x80 != 0 ? 0x07 : 0) }
        }
    }

    /// x¹⁶ + x¹⁵ + x² + 1, of FLAC's frames.
    static func flac16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { remainder, byte in
            remainder << 8 ^ flac16Table[Int(UInt8(remainder >> 8) ^ byte)]
        }
    }

    private static let flac16Table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { value, _ in value << 1 ^ (value & 0x8000 != 0 ? 0x8005 : 0) }
    }

    /// The polynomial of Ethernet's, of Ogg's pages; four bytes at a time.
    static func ogg(_ remainder: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        oggTables.withUnsafeBufferPointer { tables in
            var remainder = remainder
            var offset = 0
            while offset + 4 <= bytes.count {
                let word = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) ^ remainder
                remainder =
                    tables[768 + Int(word >> 24)] ^ tables[512 + Int(word >> 16 & 0xFF)]
                    ^ tables[256 + Int(word >> 8 & 0xFF)] ^ tables[Int(word & 0xFF)]
                offset += 4
            }
            while offset < bytes.count {
                remainder = remainder << 8 ^ tables[Int(UInt8(remainder >> 24) ^ bytes[offset])]
                offset += 1
            }
            return remainder
        }
    }

    /// Table n is a byte's remainder with n zero bytes behind it.
    private static let oggTables: [UInt32] = {
        var tables: [UInt32] = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte) << 24) { value, _ in value << 1 ^ (value >> 31 != 0 ? 0x04C1_1DB7 : 0) }
        }
        for index in 256..<1024 {
            let before = tables[index - 256]
            tables.append(before << 8 ^ tables[Int(before >> 24)])
        }
        return tables
    }()
}

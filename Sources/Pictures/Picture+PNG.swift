// PNG by zlib alone: what libpng would add is reading and its error handling by longjmp, which Swift cannot cross.

public import AtomicFiles
import CZLib
public import SystemPackage

extension Picture {
    /// Writes the picture to `path`, whole or not at all.
    ///
    /// - Throws: `FileWriteError` with the path and what the system said.
    public func writePNG(to path: FilePath) throws(FileWriteError) {
        try AtomicFile.write(pngBytes(), to: path)
    }

    /// The picture as a PNG file: 8 bits a channel, no transparency (PNG specification, third edition).
    public func pngBytes() -> [UInt8] {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let depthColourCompressionFilterInterlace: [UInt8] = [8, 2, 0, 0, 0]
        bytes += chunk(
            "IHDR", UInt32(width).bigEndianBytes + UInt32(height).bigEndianBytes + depthColourCompressionFilterInterlace
        )
        // The pixels are sRGB; programs that manage colours need not guess.
        bytes += chunk("sRGB", [0])
        bytes += chunk("IDAT", compressed(filteredRows()))
        return bytes + chunk("IEND", [])
    }

    /// Rows `[height, 1 + 3 * width]`, each with the number of the filter that makes its bytes smallest.
    private func filteredRows() -> [UInt8] {
        let rowBytes = 3 * width
        var result: [UInt8] = []
        result.reserveCapacity(height * (rowBytes + 1))
        var above = [UInt8](repeating: 0, count: rowBytes)
        var (candidate, best) = (above, above)
        for y in 0..<height {
            var row: [UInt8] = []
            row.reserveCapacity(rowBytes)
            for pixel in pixels[y * width..<(y + 1) * width] {
                row.append(pixel.x)
                row.append(pixel.y)
                row.append(pixel.z)
            }
            // None, sub, up and Paeth; the average is hardly ever best.
            var smallest = Int.max
            var chosen: UInt8 = 0
            for filter in [UInt8(0), 1, 2, 4] {
                let magnitude = filter.apply(to: row, above, into: &candidate)
                guard magnitude < smallest else { continue }
                (smallest, chosen) = (magnitude, filter)
                swap(&candidate, &best)
            }
            result.append(chosen)
            result += best
            above = row
        }
        return result
    }
}

extension UInt8 {
    /// Filters a row by the filter of this number, and gives the sum of the bytes' distances from zero: the usual
    /// guess at how well it compresses.
    fileprivate func apply(to row: [UInt8], _ above: [UInt8], into result: inout [UInt8]) -> Int {
        let count = row.count
        precondition(above.count == count && result.count == count)
        return row.withUnsafeBufferPointer { row in
            above.withUnsafeBufferPointer { above in
                result.withUnsafeMutableBufferPointer { result in
                    switch self {
                    case 1: for i in 0..<count { result[i] = row[i] &- (i >= 3 ? row[i - 3] : 0) }
                    case 2: for i in 0..<count { result[i] = row[i] &- above[i] }
                    case 4:
                        for i in 0..<count {
                            let (left, corner) = i >= 3 ? (Int(row[i - 3]), Int(above[i - 3])) : (0, 0)
                            let up = Int(above[i])
                            let (a, b, c) = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
                            let predicted = a <= b && a <= c ? left : b <= c ? up : corner
                            result[i] = row[i] &- UInt8(truncatingIfNeeded: predicted)
                        }
                    default: for i in 0..<count { result[i] = row[i] }
                    }
                    var sum = 0
                    for i in 0..<count { sum &+= Int(Int8(bitPattern: result[i]).magnitude) }
                    return sum
                }
            }
        }
    }
}

private func compressed(_ bytes: [UInt8]) -> [UInt8] {
    let bound = Int(compressBound(uLong(bytes.count)))
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
        var length = uLongf(bound)
        let status = compress2(buffer.baseAddress, &length, bytes, uLong(bytes.count), 6)
        precondition(status == Z_OK, "zlib has room for what it said it needs")
        count = Int(length)
    }
}

/// Length, name, data and the checksum of the latter two.
private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    let checksum = UInt32(truncatingIfNeeded: crc32(0, body, uInt(body.count)))
    return UInt32(data.count).bigEndianBytes + body + checksum.bigEndianBytes
}

extension UInt32 {
    fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

extension Picture {
    /// Writes a PNG to the file of that name.
    public func writePNG(to path: String) throws(FileWriteError) { try writePNG(to: FilePath(path)) }
}

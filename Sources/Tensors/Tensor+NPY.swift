// NumPy's .npy files, by which stages are run alone and goldens are kept.

public import AtomicFiles

/// Reading and writing `.npy` (format 1.0 and 2.0; little-endian numbers, C order).
extension Tensor {
    /// Reads an array of f4, f8, f2, i4 or i8 numbers; throws `TensorFileError`.
    public init(npy path: String) throws(TensorFileError) {
        let file = try MappedFile(path: path, expected: "a NumPy array (.npy)")
        let bytes = file.bytes
        func failure(_ expected: String, _ got: String) -> TensorFileError {
            TensorFileError(path: path, expected: expected, got: got)
        }
        guard bytes.count >= 12, bytes[..<6].elementsEqual([0x93] + Array("NUMPY".utf8)) else {
            throw failure("a NumPy array (.npy)", "other bytes at its start")
        }
        let long = bytes[6] >= 2
        let start = long ? 12 : 10
        let length =
            long
            ? Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            : Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
        guard length <= bytes.count - start else { throw failure("a header of \(length) bytes", "the file's end") }
        let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
        guard let type = Self.quoted(after: "'descr':", in: header), let shape = Self.shape(in: header) else {
            throw failure("a header with descr and shape", String(header.prefix(80)))
        }
        guard header.contains("'fortran_order': False") else { throw failure("C order", "Fortran order") }
        let sizes = ["<f4": 4, "<f8": 8, "<f2": 2, "<i4": 4, "<i8": 8]
        guard let size = sizes[type] else { throw failure("numbers of \(sizes.keys.sorted())", type) }
        guard let count = elementCount(shape) else { throw failure("a shape that fits in memory", "\(shape)") }
        let data = UnsafeRawBufferPointer(rebasing: bytes[(start + length)...])
        guard data.count / size == count, data.count % size == 0 else {
            throw failure("\(count) numbers of \(size) bytes for shape \(shape)", "\(data.count) bytes")
        }
        let values = (0..<count).map { index -> Float in
            let offset = index * size
            return switch type {
            case "<f4": data.loadUnaligned(fromByteOffset: offset, as: Float.self)
            case "<f8": Float(data.loadUnaligned(fromByteOffset: offset, as: Double.self))
            case "<f2": Float(halfPattern: data.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            case "<i4": Float(data.loadUnaligned(fromByteOffset: offset, as: Int32.self))
            default: Float(data.loadUnaligned(fromByteOffset: offset, as: Int64.self))
            }
        }
        self.init(shape: shape, values: values)
    }

    /// Writes the tensor as little-endian f4; whole or not at all.
    public func writeNPY(to path: String) throws(FileWriteError) {
        var file = try AtomicFile(path: path)
        try file.write(Self.npyHeader(shape: shape))
        // Long recordings' features are hundreds of megabytes: no copy of them is made.
        try file.write(values)
        try file.commit()
    }

    /// What stands before the numbers of an array of little-endian f4.
    public static func npyHeader(shape: [Int]) -> [UInt8] {
        let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(lengths)), }"
        // The data begin at a multiple of 64 bytes, as the format asks.
        header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
        let length = [UInt8(header.utf8.count & 0xff), UInt8(header.utf8.count >> 8)]
        return [0x93] + Array("NUMPY".utf8) + [1, 0] + length + Array(header.utf8)
    }

    private static func quoted(after key: String, in header: String) -> String? {
        guard let place = header.firstRange(of: key) else { return nil }
        let parts = header[place.upperBound...].split(separator: "'", omittingEmptySubsequences: false)
        return parts.count >= 2 ? String(parts[1]) : nil
    }

    private static func shape(in header: String) -> [Int]? {
        guard let place = header.firstRange(of: "'shape':"),
            let open = header[place.upperBound...].firstIndex(of: "("),
            let close = header[open...].firstIndex(of: ")")
        else { return nil }
        var shape: [Int] = []
        for part in header[header.index(after: open)..<close].split(separator: ",") {
            let digits = part.filter { $0 != " " }
            if digits.isEmpty { continue }
            guard let length = Int(digits), length >= 0 else { return nil }
            shape.append(length)
        }
        return shape
    }
}

extension Float {
    /// The number of an IEEE half float's bits; written out since `Float16` converts by a library call.
    init(halfPattern bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1f
        let fraction = UInt32(bits & 0x3ff)
        switch exponent {
        case 0:  // zero or subnormal: fraction · 2⁻²⁴
            let magnitude = Float(fraction) * 0x1p-24
            self = sign == 0 ? magnitude : -magnitude
        case 31: self.init(bitPattern: sign | 0x7f80_0000 | fraction << 13)
        default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}

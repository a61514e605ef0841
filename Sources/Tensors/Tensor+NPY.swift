// NumPy's .npy files, by which stages are run alone and goldens are kept.

public import AtomicFiles
public import SystemPackage

/// Reading and writing `.npy` (formats 1 to 3; numbers of either byte order, in C's or Fortran's).
extension Tensor {
    /// Reads an array of real numbers: floats of 2, 4 or 8 bytes, integers of 1 to 8, truth values.
    ///
    /// - Throws: `TensorFileError`, which says what was expected and what was got.
    public init(npy path: FilePath) throws(TensorFileError) {
        let file = try MappedFile(path: path, expected: "a NumPy array (.npy)")
        try self.init(npyBytes: file.bytes, path: path)
    }

    /// As ``init(npy:)``, of bytes in memory; `path` names them in errors.
    init(npyBytes bytes: UnsafeRawBufferPointer, path: FilePath) throws(TensorFileError) {
        func failure(_ expected: String, _ got: String) -> TensorFileError {
            TensorFileError(path: path, expected: expected, got: got)
        }
        guard bytes.count >= 12, bytes[..<6].elementsEqual([0x93] + Array("NUMPY".utf8)) else {
            throw failure("a NumPy array (.npy)", "other bytes at its start")
        }
        guard (1...3).contains(bytes[6]) else { throw failure("format 1, 2 or 3", "format \(bytes[6])") }
        let start = bytes[6] >= 2 ? 12 : 10
        let length =
            start == 12
            ? Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
            : Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
        guard length <= Self.longestHeader else {
            throw failure("a header of at most \(Self.longestHeader) bytes", "\(length)")
        }
        guard length <= bytes.count - start else { throw failure("a header of \(length) bytes", "the file's end") }
        let header: NPYHeader
        do throws(NPYHeader.Failure) {
            header = try NPYHeader(bytes[start..<start + length])
        } catch {
            throw failure(error.expected, error.got)
        }
        guard let numbers = NPYNumbers(type: header.type) else {
            throw failure("numbers of \(NPYNumbers.kinds)", header.type)
        }
        guard let count = elementCount(header.shape) else {
            throw failure("a shape that fits in memory", "\(header.shape)")
        }
        let data = UnsafeRawBufferPointer(rebasing: bytes[(start + length)...])
        guard data.count / numbers.size == count, data.count % numbers.size == 0 else {
            throw failure("\(count) numbers of \(numbers.size) bytes for shape \(header.shape)", "\(data.count) bytes")
        }
        let values = numbers.values(data, count: count)
        self.init(
            shape: header.shape, values: header.isFortranOrder ? Self.inCOrder(values, header.shape) : values)
    }

    /// Ten times what NumPy itself reads of a header that it does not trust.
    private static let longestHeader = 100_000

    /// Numbers whose first index moves fastest, to those whose last does.
    private static func inCOrder(_ values: [Float], _ shape: [Int]) -> [Float] {
        guard shape.count > 1, !values.isEmpty else { return values }
        // How far a step of each index leads in what is given.
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
        var index = [Int](repeating: 0, count: shape.count)
        var place = 0
        return values.indices.map { _ in
            let value = values[place]
            for axis in shape.indices.reversed() {
                index[axis] += 1
                place += strides[axis]
                if index[axis] < shape[axis] { break }
                place -= strides[axis] * shape[axis]
                index[axis] = 0
            }
            return value
        }
    }

    /// Writes the tensor as little-endian f4; whole or not at all.
    public func writeNPY(to path: FilePath) throws(FileWriteError) {
        var file = try AtomicFile(path)
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

extension Tensor {
    /// Reads the array in the file of that name.
    public init(npy path: String) throws(TensorFileError) { try self.init(npy: FilePath(path)) }

    /// Writes a .npy to the file of that name.
    public func writeNPY(to path: String) throws(FileWriteError) { try writeNPY(to: FilePath(path)) }
}

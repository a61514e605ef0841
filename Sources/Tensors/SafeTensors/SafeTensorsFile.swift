// Weights on disk: the safetensors format, mapped and checked as its reference implementation checks it.

public import SystemPackage

/// A safetensors file, mapped; its tensors are converted as they are asked for.
///
/// The checks are those of the reference (https://github.com/huggingface/safetensors): a header of at most 100 MB,
/// no duplicate keys, no holes or overlaps, every size equal to shape × type, nothing past the last tensor.
public struct SafeTensorsFile: Sendable {
    /// The file's path.
    public let path: FilePath
    private let file: MappedFile
    private let data: Int
    private let declarations: [String: TensorDeclaration]

    /// Opens and checks the file; throws `TensorFileError`.
    public init(path: FilePath) throws(TensorFileError) {
        func failure(_ expected: String, _ got: String) -> TensorFileError {
            TensorFileError(path: path, expected: expected, got: got)
        }
        self.path = path
        file = try MappedFile(path: path, expected: "a safetensors file")
        let bytes = file.bytes
        guard bytes.count >= 8 else { throw failure("a header length of 8 bytes", "\(bytes.count) bytes in all") }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= 100_000_000 else { throw failure("a header of at most 100 MB", "\(length) bytes") }
        guard Int(length) <= bytes.count - 8 else {
            throw failure("a header of \(length) bytes", "the file's end after \(bytes.count) bytes")
        }
        data = 8 + Int(length)
        guard length > 0, bytes[8] == UInt8(ascii: "{") else { throw failure("a header that begins with '{'", "none") }
        do {
            var parser = HeaderParser(UnsafeRawBufferPointer(rebasing: bytes[8..<data]))
            declarations = try parser.parse()
        } catch {
            throw failure("a safetensors header", error.got)
        }
        var end = 0
        for (name, declaration) in declarations.sorted(by: {
            ($0.value.begin, $0.value.end) < ($1.value.begin, $1.value.end)
        }) {
            guard declaration.begin == end, declaration.end >= declaration.begin else {
                throw failure(
                    "\"\(name)\" to begin at byte \(end), without a hole or an overlap",
                    "offsets \(declaration.begin) to \(declaration.end)")
            }
            guard let typeBytes = Self.typeBytes[declaration.dtype] else {
                throw failure("a known type of \"\(name)\"", "\"\(declaration.dtype)\"")
            }
            guard let count = elementCount(declaration.shape), count <= Int.max / typeBytes else {
                throw failure("a shape of \"\(name)\" that fits in memory", "\(declaration.shape)")
            }
            guard count * typeBytes == declaration.end - declaration.begin else {
                throw failure(
                    "\(count * typeBytes) bytes of \"\(name)\" (\(declaration.dtype) \(declaration.shape))",
                    "\(declaration.end - declaration.begin) bytes")
            }
            end = declaration.end
        }
        guard end == bytes.count - data else {
            throw failure("\(end) bytes of data", "\(bytes.count - data) bytes")
        }
    }

    private static let typeBytes = [
        "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2,
        "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
    ]

    /// The tensors' names, sorted.
    public var names: [String] { declarations.keys.sorted() }

    /// The declared shape of a tensor, nil where none has that name.
    public func shape(of name: String) -> [Int]? { declarations[name]?.shape }

    /// The declared type of a tensor ("F32", "BF16", …), nil where none has that name.
    public func type(of name: String) -> String? { declarations[name]?.dtype }

    /// The number of elements of all tensors together.
    public var parameters: Int { declarations.values.reduce(0) { $0 + $1.shape.reduce(1, *) } }

    private func contents(of name: String, shape: [Int]?) throws(TensorFileError) -> (
        TensorDeclaration, UnsafeRawBufferPointer
    ) {
        guard let declaration = declarations[name] else {
            throw TensorFileError(path: path, expected: "a tensor \"\(name)\"", got: "none of that name")
        }
        if let shape, shape != declaration.shape {
            throw TensorFileError(
                path: path, expected: "\"\(name)\" of shape \(shape)", got: "shape \(declaration.shape)")
        }
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[data + declaration.begin..<data + declaration.end])
        return (declaration, bytes)
    }

    /// The tensor of that name as floats; throws when it is missing, of another shape or of another kind of number.
    public func tensor(_ name: String, shape: [Int]? = nil) throws(TensorFileError) -> Tensor {
        let (declaration, bytes) = try contents(of: name, shape: shape)
        let count = declaration.shape.reduce(1, *)
        let values: [Float]
        switch declaration.dtype {
        case "F32":
            values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
                initialized = count
            }
        case "BF16":
            values = (0..<count).map {
                BFloat16(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)).float
            }
        case "F16":
            values = (0..<count).map {
                Float(halfPattern: bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self))
            }
        case "F64":
            values = (0..<count).map { Float(bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self)) }
        default:
            throw TensorFileError(
                path: path, expected: "\"\(name)\" of F32, BF16, F16 or F64", got: declaration.dtype)
        }
        return Tensor(shape: declaration.shape, values: values)
    }

    /// The matrix of that name, `[outputs, inputs]`, brain floats left as they are.
    public func weights(_ name: String, outputs: Int, inputs: Int) throws(TensorFileError) -> StoredWeights {
        let (declaration, bytes) = try contents(of: name, shape: [outputs, inputs])
        guard declaration.dtype == "BF16" else { return .f32(try tensor(name, shape: [outputs, inputs])) }
        let bits = [UInt16](unsafeUninitializedCapacity: outputs * inputs) { buffer, initialized in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            initialized = outputs * inputs
        }
        return .bf16(outputs: outputs, inputs: inputs, bits: bits)
    }
}

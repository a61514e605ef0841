// Writing safetensors, and files by text: for tests, for tensors that a stage hands on, for converted checkpoints.

public import AtomicFiles
public import SystemPackage

extension SafeTensorsFile {
    /// Writes tensors as F32 under their names, whole or not at all.
    ///
    /// The tensors lie in the order of their names, so that the same tensors always make the same bytes.
    public static func write(_ tensors: [String: Tensor], to path: FilePath) throws(FileWriteError) {
        let ordered = tensors.sorted { $0.key < $1.key }
        var file = try AtomicFile(path)
        try file.write(header(of: ordered.map { ($0.key, $0.value.shape) }))
        for (_, tensor) in ordered { try file.write(tensor.values) }
        try file.commit()
    }

    /// What stands before the numbers of f32 tensors that follow one another.
    public static func header(of tensors: [(name: String, shape: [Int])]) -> [UInt8] {
        var members: [String] = []
        var end = 0
        for (name, shape) in tensors {
            let begin = end
            end += shape.reduce(4, *)
            members.append(
                "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape.map(String.init).joined(separator: ","))],"
                    + "\"data_offsets\":[\(begin),\(end)]}")
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        // The data begin at a multiple of eight bytes, as the reference writes it.
        header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
    }

    /// A JSON string; only what JSON demands is escaped.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension SafeTensorsFile {
    /// Opens and checks the file of that name.
    public init(path: String) throws(TensorFileError) { try self.init(path: FilePath(path)) }

    /// Writes tensors to the file of that name.
    public static func write(_ tensors: [String: Tensor], to path: String) throws(FileWriteError) {
        try write(tensors, to: FilePath(path))
    }
}

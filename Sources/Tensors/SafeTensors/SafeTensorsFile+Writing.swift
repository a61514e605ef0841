// Writing safetensors: for tests, for tensors that a stage hands on, for converted checkpoints.

public import AtomicFiles

extension SafeTensorsFile {
    /// Writes tensors as F32 under their names, whole or not at all.
    ///
    /// The tensors lie in the order of their names, so that the same tensors always make the same bytes.
    public static func write(_ tensors: [String: Tensor], to path: String) throws(FileWriteError) {
        let ordered = tensors.sorted { $0.key < $1.key }
        var members: [String] = []
        var end = 0
        for (name, tensor) in ordered {
            let begin = end
            end += tensor.values.count * 4
            members.append(
                "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(tensor.shape.map(String.init).joined(separator: ","))],"
                    + "\"data_offsets\":[\(begin),\(end)]}")
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        // The data begin at a multiple of eight bytes, as the reference writes it.
        header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        let length = UInt64(header.count).littleEndian
        var file = try AtomicFile(path: path)
        try file.write(withUnsafeBytes(of: length) { Array($0) })
        try file.write(header)
        for (_, tensor) in ordered {
            try file.write(tensor.values.withUnsafeBytes { Array($0) })
        }
        try file.commit()
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

// The letters in which byte-level vocabularies write bytes.

/// GPT-2's one-to-one map between bytes and printable characters (openai/gpt-2, `encoder.py`, `bytes_to_unicode`).
enum ByteAlphabet {
    /// The character of every byte.
    private static let letters: [Unicode.Scalar] = {
        var next: UInt32 = 256
        return (0...255).map { (byte: UInt32) in
            switch byte {
            case 33...126, 161...172, 174...255: return Unicode.Scalar(byte)!
            default:
                defer { next += 1 }
                return Unicode.Scalar(next)!
            }
        }
    }()

    private static let bytes = Dictionary(uniqueKeysWithValues: zip(letters, UInt8.min...UInt8.max))

    /// The bytes that a token of the vocabulary stands for; nil where it is not written in these letters.
    static func bytes(of token: String) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in token.unicodeScalars {
            guard let byte = bytes[scalar] else { return nil }
            result.append(byte)
        }
        return result
    }
}

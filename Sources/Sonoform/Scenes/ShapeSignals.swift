// The language model's signals of one object, as a scene keeps them.

import FoundationEssentials
import Tensors

/// What the generator makes an object of, and the words that it stands for.
///
/// Words lead: an object whose words are no longer ``description`` is read again when it is rendered.
public struct ShapeSignals: Codable, Sendable, Equatable {
    /// A matrix of numbers; its JSON has the bytes of little-endian single precision in base64.
    public struct Matrix: Codable, Sendable, Equatable {
        /// The rows.
        public let rows: Int
        /// The columns.
        public let columns: Int
        /// The values, row after row.
        public let values: [Float]

        private enum CodingKeys: String, CodingKey { case shape, float32 }

        init(_ tensor: Tensor) {
            (rows, columns, values) = (tensor.rows, tensor.columns, tensor.values)
        }

        var tensor: Tensor { Tensor(shape: [rows, columns], values: values) }

        /// Reads a matrix whose bytes are as many as its shape says, and whose values are finite.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let shape = try container.decode([Int].self, forKey: .shape)
            let data = try container.decode(Data.self, forKey: .float32)
            guard shape.count == 2, shape.allSatisfy({ (1...65_536).contains($0) }),
                data.count == 4 * shape[0] * shape[1]
            else {
                throw DecodingError.dataCorruptedError(
                    forKey: .float32, in: container,
                    debugDescription: "\(data.count) bytes of single precision for the shape \(shape)")
            }
            let bytes = Array(data)
            values = stride(from: 0, to: bytes.count, by: 4).map { start in
                Float(bitPattern: (0..<4).reduce(0 as UInt32) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
            }
            guard values.allSatisfy(\.isFinite) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .float32, in: container, debugDescription: "values that are not finite")
            }
            (rows, columns) = (shape[0], shape[1])
        }

        /// Writes the shape and the bytes.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode([rows, columns], forKey: .shape)
            let bytes = values.flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            }
            try container.encode(Data(bytes), forKey: .float32)
        }
    }

    /// The object's description when they were made.
    public let description: String
    /// The generator's conditions `[K, C]`.
    public let conditions: Matrix
    /// The shape's latents `[L, 3 + F]` as discrete signals have them; nil until they are written.
    public var codes: [Int]?
    /// Where the object stands by itself, in the description language's units.
    public let position: [Float]
    /// Its size: 1 is a medium object.
    public let scale: Float
}

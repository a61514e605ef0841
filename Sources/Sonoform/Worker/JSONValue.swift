// JSON whose shape is not known beforehand: what a request has beside what it must have.

/// Any JSON.
enum JSONValue: Codable, Equatable, Sendable {
    case null
    case bool(Bool)
    case natural(UInt64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .natural(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .natural(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }

    /// This object with what `other` has put over it, key by key and object by object.
    func overlaid(with other: JSONValue) -> JSONValue {
        guard case .object(let own) = self, case .object(let others) = other else { return other }
        return .object(own.merging(others) { $0.overlaid(with: $1) })
    }

    /// The first key of this object, "a.b" where it lies deeper, that `other` does not have; null counts as not there.
    func firstKey(missingIn other: JSONValue, below path: String) -> String? {
        guard case .object(let own) = self, case .object(let others) = other else { return nil }
        for (key, value) in own.sorted(by: { $0.key < $1.key }) where value != .null {
            let name = path + "." + key
            guard let there = others[key] else { return name }
            if let deeper = value.firstKey(missingIn: there, below: name) { return deeper }
        }
        return nil
    }
}

// Which channels of a recording are read.

/// One channel, the mean of all, or each by itself.
public enum ChannelChoice: Sendable, Hashable, LosslessStringConvertible, Codable {
    /// The mean of all channels; the louder alone where they cancel each other.
    case mix
    /// A channel, from 1.
    case number(Int)
    /// Every channel as a recording of its own; see ``ReadingOptions/each(of:)``.
    case each

    /// Reads `mix`, `each` or a number from 1; nil for anything else.
    public init?(_ description: String) {
        switch description {
        case "mix": self = .mix
        case "each": self = .each
        default:
            guard let number = Int(description), number >= 1, description == String(number) else { return nil }
            self = .number(number)
        }
    }

    /// `mix`, `each` or the number.
    public var description: String {
        switch self {
        case .mix: "mix"
        case .number(let number): String(number)
        case .each: "each"
        }
    }

    /// As ``description``.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let choice = ChannelChoice(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected mix, each or a channel from 1, got \(text)")
        }
        self = choice
    }

    /// As ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

// What the output projector's config.json says.

/// The sizes of an ``OutputProjector``.
public struct OutputProjectorConfiguration: Codable, Sendable, Equatable {
    /// Which kind of projector this is: "mlp".
    public let type: String
    /// The width W of the language model's hidden states.
    public let inputSize: Int
    /// The width between the two layers of the conditions.
    public let hiddenSize: Int
    /// The width C of the generator's condition tokens.
    public let outputSize: Int
    /// The number K of signal tokens of an object.
    public let signals: Int
    /// The width between the two layers of the place.
    public let placeHiddenSize: Int

    enum CodingKeys: String, CodingKey {
        case type, signals
        case inputSize = "input_size"
        case hiddenSize = "hidden_size"
        case outputSize = "output_size"
        case placeHiddenSize = "place_hidden_size"
    }
}

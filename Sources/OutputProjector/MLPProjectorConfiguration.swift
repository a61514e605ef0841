// What the config.json of an output projector "mlp" says.

/// The sizes of an ``MLPProjector``.
public struct MLPProjectorConfiguration: Codable, Sendable, Equatable {
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
        case signals
        case inputSize = "input_size"
        case hiddenSize = "hidden_size"
        case outputSize = "output_size"
        case placeHiddenSize = "place_hidden_size"
    }
}

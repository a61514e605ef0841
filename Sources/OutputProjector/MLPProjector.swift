// The output projector "mlp": every signal by itself through two layers, and the object's place from their mean.

public import Layers
public import Tensors

/// Projects the hidden states of an object's signal tokens by two small MLPs: `[K, W] -> [K, C]` and a ``Place``.
///
/// The first serves each signal token by itself (NExT-GPT's output projection, one layer more); the second reads the
/// mean of all of them.
public struct MLPProjector: SignalProjector {
    /// The configuration that was loaded.
    public let configuration: MLPProjectorConfiguration
    private let expansion: Linear  // fc1
    private let contraction: Linear  // fc2
    private let placeHead: PlaceHead  // place_fc1, place_fc2

    /// Loads config.json and model.safetensors of the folder; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration: MLPProjectorConfiguration = try folder.configuration()
        try folder.require("input_size", configuration.inputSize, in: 1...65_536)
        try folder.require("hidden_size", configuration.hiddenSize, in: 1...262_144)
        try folder.require("output_size", configuration.outputSize, in: 1...65_536)
        try folder.require("signals", configuration.signals, in: 1...1_024)
        try folder.require("place_hidden_size", configuration.placeHiddenSize, in: 1...262_144)
        let weights = try folder.weights(precision: precision)
        expansion = try Linear(
            weights["fc1"], inputs: configuration.inputSize, outputs: configuration.hiddenSize, activation: .gelu)
        contraction = try Linear(weights["fc2"], inputs: configuration.hiddenSize, outputs: configuration.outputSize)
        placeHead = try PlaceHead(weights, inputs: configuration.inputSize, hidden: configuration.placeHiddenSize)
        try weights.requireAllUsed()
        self.configuration = configuration
    }

    /// The number K of signal tokens of an object.
    public var signals: Int { configuration.signals }
    /// The width W of the language model's hidden states.
    public var inputWidth: Int { configuration.inputSize }
    /// A condition a signal.
    public var conditionCount: Int { configuration.signals }
    /// The width C of a condition token.
    public var conditionWidth: Int { configuration.outputSize }

    /// Hidden states `[K, W]` of one object's signal tokens, in their order -> condition tokens `[K, C]` and the place.
    public func callAsFunction(_ hidden: Tensor) -> (conditions: Tensor, place: Place) {
        precondition(hidden.shape == [signals, inputWidth], "hidden states \(hidden.shape)")
        return (contraction(expansion(hidden)), placeHead(hidden))
    }
}

// The output projector: the language model's signals as conditions of the generator, and the object's place.

public import Layers
public import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Projects the hidden states of an object's signal tokens by two small MLPs: `[K, W] -> [K, C]` and a ``Place``.
///
/// The first serves each signal token by itself (NExT-GPT's output projection, one layer more); the second reads the
/// mean of all of them.
public struct OutputProjector: Sendable {
    /// The configuration that was loaded.
    public let configuration: OutputProjectorConfiguration
    private let expansion: Linear  // fc1
    private let contraction: Linear  // fc2
    private let placeExpansion: Linear  // place_fc1
    private let placeContraction: Linear  // place_fc2

    /// Loads config.json and model.safetensors of the folder; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration: OutputProjectorConfiguration = try folder.configuration()
        try folder.require(configuration.type == "mlp", "type \"mlp\"", got: "\"\(configuration.type)\"")
        try folder.require("input_size", configuration.inputSize, in: 1...65_536)
        try folder.require("hidden_size", configuration.hiddenSize, in: 1...262_144)
        try folder.require("output_size", configuration.outputSize, in: 1...65_536)
        try folder.require("signals", configuration.signals, in: 1...1_024)
        try folder.require("place_hidden_size", configuration.placeHiddenSize, in: 1...262_144)
        let weights = try folder.weights(precision: precision)
        expansion = try Linear(
            weights["fc1"], inputs: configuration.inputSize, outputs: configuration.hiddenSize, activation: .gelu)
        contraction = try Linear(weights["fc2"], inputs: configuration.hiddenSize, outputs: configuration.outputSize)
        placeExpansion = try Linear(
            weights["place_fc1"], inputs: configuration.inputSize, outputs: configuration.placeHiddenSize,
            activation: .gelu)
        placeContraction = try Linear(weights["place_fc2"], inputs: configuration.placeHiddenSize, outputs: 4)
        try weights.requireAllUsed()
        self.configuration = configuration
    }

    /// Hidden states `[K, W]` of one object's signal tokens, in their order -> condition tokens `[K, C]` and the place.
    public func callAsFunction(_ hidden: Tensor) -> (conditions: Tensor, place: Place) {
        precondition(hidden.shape == [configuration.signals, configuration.inputSize], "hidden states \(hidden.shape)")
        var mean = Tensor(zeros: 1, configuration.inputSize)
        for row in 0..<hidden.rows {
            for (column, value) in hidden.row(row).enumerated() { mean.values[column] += value }
        }
        mean *= 1 / Float(hidden.rows)
        let place = placeContraction(placeExpansion(mean)).values
        return (
            contraction(expansion(hidden)),
            // A scale that no scene has would only hide the object: e⁵ is about 150 times as large.
            Place(position: SIMD3(place[0], place[1], place[2]), scale: expf(min(max(place[3], -5), 5)))
        )
    }
}

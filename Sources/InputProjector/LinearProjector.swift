// The input projector "linear": one affine map a frame (LLaVA; NExT-GPT's and PandaGPT's input projections).

public import Layers
public import Tensors

/// Projects each of the encoder's hidden states by itself: x · Wᵀ + b, `[T, W] -> [T, W']`.
///
/// Reference: `sonoform_training.language_model.projector.LinearProjector`, PyTorch's `nn.Linear`.
public struct LinearProjector: SpeechProjector {
    /// The configuration of a linear projector.
    public struct Configuration: Codable, Sendable, Equatable {
        /// The width of the encoder's hidden states.
        public let inputSize: Int
        /// The width of the language model's embeddings.
        public let outputSize: Int

        enum CodingKeys: String, CodingKey {
            case inputSize = "input_size"
            case outputSize = "output_size"
        }
    }

    /// The configuration that was loaded.
    public let configuration: Configuration
    private let projection: Linear  // projection

    /// Loads the folder's config.json and model.safetensors; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        configuration = try folder.configuration()
        try folder.require("input_size", configuration.inputSize, in: 1...65_536)
        try folder.require("output_size", configuration.outputSize, in: 1...65_536)
        let weights = try folder.weights(precision: precision)
        projection = try Linear(
            weights["projection"], inputs: configuration.inputSize, outputs: configuration.outputSize)
        try weights.requireAllUsed()
    }

    /// The encoder's hidden states.
    public var input: SpeechProjectorInput { .hiddenStates(width: configuration.inputSize) }

    /// The width W' of the vectors.
    public var outputWidth: Int { configuration.outputSize }

    /// `[T, W] -> [T, W']`
    public func callAsFunction(_ encoded: Tensor) -> Tensor { projection(encoded) }
}

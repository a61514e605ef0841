// The input projector "frame_stacking": frames side by side through a two-layer MLP (LLaVA-1.5, SLAM-ASR).

public import Layers
public import Tensors

/// Stacks `stack` frames and projects them: `[T, W] -> [⌈T/stack⌉, W']`.
public struct FrameStacking: SpeechProjector {
    /// The configuration of a frame-stacking projector.
    public struct Configuration: Codable, Sendable, Equatable {
        /// The width of the encoder's hidden states.
        public let inputSize: Int
        /// How many frames become one vector.
        public let stack: Int
        /// The width between the two layers.
        public let hiddenSize: Int
        /// The width of the language model's embeddings.
        public let outputSize: Int

        enum CodingKeys: String, CodingKey {
            case inputSize = "input_size"
            case stack
            case hiddenSize = "hidden_size"
            case outputSize = "output_size"
        }
    }

    /// The configuration that was loaded.
    public let configuration: Configuration
    private let expansion: Linear  // fc1
    private let contraction: Linear  // fc2

    /// Loads the folder's config.json and model.safetensors; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        configuration = try folder.configuration()
        try folder.require("input_size", configuration.inputSize, in: 1...65_536)
        try folder.require("stack", configuration.stack, in: 1...256)
        try folder.require("hidden_size", configuration.hiddenSize, in: 1...262_144)
        try folder.require("output_size", configuration.outputSize, in: 1...65_536)
        let weights = try folder.weights(precision: precision)
        expansion = try Linear(
            weights["fc1"], inputs: configuration.inputSize * configuration.stack,
            outputs: configuration.hiddenSize, activation: .gelu)
        contraction = try Linear(
            weights["fc2"], inputs: configuration.hiddenSize, outputs: configuration.outputSize)
        try weights.requireAllUsed()
    }

    /// The encoder's hidden states.
    public var input: SpeechProjectorInput { .hiddenStates(width: configuration.inputSize) }

    /// The width W' of the vectors.
    public var outputWidth: Int { configuration.outputSize }

    /// `[T, W] -> [⌈T/stack⌉, W']`; the last stack is filled up with zeros.
    public func callAsFunction(_ hidden: Tensor) -> Tensor {
        let stacks = (hidden.rows + configuration.stack - 1) / configuration.stack
        let width = configuration.stack * hidden.columns
        let missing = stacks * width - hidden.values.count
        return contraction(
            expansion(Tensor(shape: [stacks, width], values: hidden.values + [Float](repeating: 0, count: missing))))
    }
}

// The input projector "ctc_compressor": one vector for every word that the encoder's phone head heard.

public import Layers
public import Tensors

/// Reads the phone posteriors of a word and of its neighbours by a two-layer MLP: `[T, P] -> [N, W']`, N words.
///
/// Much shorter than the frames (nine vectors for three seconds), and learned in minutes where frames take hours.
public struct CTCCompressor: SpeechProjector {
    /// The configuration of a CTC compressor.
    public struct Configuration: Codable, Sendable, Equatable {
        /// The number of classes P of the phone head, the blank included.
        public let phones: Int
        /// The index of the blank.
        public let blank: Int
        /// The index of the phone between words.
        public let wordBoundary: Int
        /// Frames in which the blank has at least this probability are dropped.
        public let blankThreshold: Float
        /// How many phones of a word are read; longer words are read as several.
        public let slots: Int
        /// How many phones before and after the word are read besides.
        public let neighbours: Int
        /// The width between the two layers.
        public let hiddenSize: Int
        /// The width of the language model's embeddings.
        public let outputSize: Int
        /// Words past this number are not read.
        public let maximumWords: Int

        enum CodingKeys: String, CodingKey {
            case phones, blank, slots, neighbours
            case wordBoundary = "word_boundary"
            case blankThreshold = "blank_threshold"
            case hiddenSize = "hidden_size"
            case outputSize = "output_size"
            case maximumWords = "max_words"
        }
    }

    /// The configuration that was loaded.
    public let configuration: Configuration
    private let expansion: Linear  // fc1
    private let contraction: Linear  // fc2

    /// Loads the folder's config.json and model.safetensors; throws `TensorFileError`.
    public init(_ folder: ComponentFolder, precision: Precision = .native) throws(TensorFileError) {
        let configuration: Configuration = try folder.configuration()
        try folder.require("phones", configuration.phones, in: 2...65_536)
        try folder.require("blank", configuration.blank, in: 0...configuration.phones - 1)
        try folder.require("word_boundary", configuration.wordBoundary, in: 0...configuration.phones - 1)
        try folder.require("slots", configuration.slots, in: 1...64)
        try folder.require("neighbours", configuration.neighbours, in: 0...16)
        try folder.require("hidden_size", configuration.hiddenSize, in: 1...262_144)
        try folder.require("output_size", configuration.outputSize, in: 1...65_536)
        try folder.require("max_words", configuration.maximumWords, in: 1...4_096)
        let weights = try folder.weights(precision: precision)
        let read = configuration.slots + 2 * configuration.neighbours
        expansion = try Linear(
            weights["fc1"], inputs: read * configuration.phones, outputs: configuration.hiddenSize, activation: .gelu)
        contraction = try Linear(
            weights["fc2"], inputs: configuration.hiddenSize, outputs: configuration.outputSize)
        try weights.requireAllUsed()
        self.configuration = configuration
    }

    /// The posteriors of the encoder's phone head.
    public var input: SpeechProjectorInput { .phonePosteriors(classes: configuration.phones) }

    /// The width W' of the vectors.
    public var outputWidth: Int { configuration.outputSize }

    /// Phone posteriors to one vector per word: `[T, P] -> [N, W']`; N is 0 when nothing was heard.
    public func callAsFunction(_ posteriors: Tensor) -> Tensor {
        let segments = segments(posteriors)
        let words = segments.words.prefix(configuration.maximumWords)
        guard !words.isEmpty else { return Tensor(zeros: 0, configuration.outputSize) }
        let phones = configuration.phones
        let nothing = [Float](repeating: 0, count: phones)
        var slots: [Float] = []
        slots.reserveCapacity(words.count * (configuration.slots + 2 * configuration.neighbours) * phones)
        for word in words {
            func read(_ index: Int) {
                slots += segments.vectors.indices.contains(index) ? segments.vectors[index] : nothing
            }
            for index in word.lowerBound - configuration.neighbours..<word.lowerBound { read(index) }
            for slot in 0..<configuration.slots {
                if slot < word.count { read(word.lowerBound + slot) } else { slots += nothing }
            }
            for index in word.upperBound..<word.upperBound + configuration.neighbours { read(index) }
        }
        return contraction(expansion(Tensor(shape: [words.count, slots.count / words.count], values: slots)))
    }

    /// The phone segments and words of posteriors `[T, P]`.
    public func segments(_ posteriors: Tensor) -> PhoneSegments {
        PhoneSegments(
            posteriors, blank: configuration.blank, wordBoundary: configuration.wordBoundary,
            blankThreshold: configuration.blankThreshold, longestWord: configuration.slots)
    }
}

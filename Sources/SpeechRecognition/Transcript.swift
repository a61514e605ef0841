// What was said, and when.

/// The transcript of a recording; its JSON has the names of openai/whisper's.
public struct Transcript: Codable, Sendable, Equatable {
    /// A part of the recording that belongs together, about a sentence.
    public struct Segment: Codable, Sendable, Equatable {
        /// When it begins, in seconds.
        public var start: Double
        /// When it ends, in seconds.
        public var end: Double
        /// The words.
        public var text: String
        /// The tokens, timestamps included.
        public var tokens: [Int]
        /// The temperature at which its window was decoded.
        public var temperature: Float
        /// The mean logarithm of the probabilities of its window's tokens.
        public var averageLogProbability: Float
        /// The length of its window's text, divided by its length when compressed.
        public var compressionRatio: Float
        /// The probability that nobody speaks in its window.
        public var noSpeechProbability: Float

        /// A segment of these.
        public init(
            start: Double, end: Double, text: String, tokens: [Int], temperature: Float,
            averageLogProbability: Float, compressionRatio: Float, noSpeechProbability: Float
        ) {
            (self.start, self.end, self.text, self.tokens) = (start, end, text, tokens)
            (self.temperature, self.averageLogProbability) = (temperature, averageLogProbability)
            (self.compressionRatio, self.noSpeechProbability) = (compressionRatio, noSpeechProbability)
        }

        enum CodingKeys: String, CodingKey {
            case start, end, text, tokens, temperature
            case averageLogProbability = "avg_logprob"
            case compressionRatio = "compression_ratio"
            case noSpeechProbability = "no_speech_prob"
        }
    }

    /// The code of the language that was spoken.
    public var language: String
    /// All words.
    public var text: String
    /// The parts, one after the other; those without words are left out.
    public var segments: [Segment]

    /// A transcript of segments.
    public init(language: String, text: String, segments: [Segment]) {
        (self.language, self.text, self.segments) = (language, text, segments)
    }
}

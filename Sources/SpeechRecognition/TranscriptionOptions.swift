// What a transcription is asked for.

/// How speech is to be written down; the defaults are those of openai/whisper's `transcribe`, which decodes greedily.
public struct TranscriptionOptions: Codable, Sendable, Equatable {
    /// Whether the words are those that were spoken, or English ones.
    public enum Task: String, Codable, Sendable, CaseIterable {
        /// The spoken words.
        case transcribe
        /// What they mean in English.
        case translate
    }

    /// The code of the language that is spoken ("de"); nil to find it by the first half minute.
    public var language: String?
    /// What is written.
    public var task = Task.transcribe
    /// The temperatures that are tried one after the other until a window's transcript is likely enough and does not
    /// repeat itself; 0 takes the likeliest tokens, more draws by chance.
    public var temperatures: [Float] = [0, 0.2, 0.4, 0.6, 0.8, 1]
    /// How many transcripts are followed side by side at temperature 0; 1 is greedy.
    public var beam = 1
    /// How many transcripts a beam search ends with, as a multiple of `beam`.
    public var patience: Float = 1
    /// The exponent α of ((5 + length) / 6)^α, by which transcripts of different lengths are compared (Wu et al. 2016);
    /// nil for the mean over their tokens.
    public var lengthPenalty: Float?
    /// How many transcripts are drawn at temperatures above 0, of which the likeliest is taken.
    public var bestOf = 5
    /// What chance is drawn from.
    public var seed: UInt64 = 0
    /// Whether segments get times; without them a window is one segment.
    public var timestamps = true
    /// What was said before, or how names are written; it is read as if it had been heard.
    public var prompt: String?
    /// Whether a window's transcript is read before the next one.
    public var conditionsOnPrevious = true
    /// Above this ratio of text to compressed text, a transcript repeats itself; nil for never.
    public var compressionRatioThreshold: Float? = 2.4
    /// Below this mean logarithm of its tokens' probabilities, a transcript is not likely enough; nil for never.
    public var logProbabilityThreshold: Float? = -1
    /// Above this probability of no speech, a window that is also not likely enough is silence; nil for never.
    public var noSpeechThreshold: Float? = 0.6

    enum CodingKeys: String, CodingKey {
        case language, task, temperatures, beam, patience, seed, timestamps, prompt
        case lengthPenalty = "length_penalty"
        case bestOf = "best_of"
        case conditionsOnPrevious = "condition_on_previous_text"
        case compressionRatioThreshold = "compression_ratio_threshold"
        case logProbabilityThreshold = "logprob_threshold"
        case noSpeechThreshold = "no_speech_threshold"
    }

    /// The defaults.
    public init() {}

    /// The most transcripts that are followed side by side.
    public static let widest = 64

    /// What is wrong with the options, if anything: what was expected, and what was got.
    public var fault: (expected: String, got: String)? {
        if temperatures.isEmpty || !temperatures.allSatisfy({ (0...10).contains($0) }) {
            return ("temperatures of 0 to 10", "\(temperatures)")
        }
        for (name, value) in [("a beam", beam), ("a best of", bestOf)] where !(1...Self.widest).contains(value) {
            return ("\(name) of 1 to \(Self.widest)", "\(value)")
        }
        if !(0.01...100).contains(patience) { return ("a patience of 0.01 to 100", "\(patience)") }
        if let lengthPenalty, !(0...10).contains(lengthPenalty) {
            return ("a length penalty of 0 to 10", "\(lengthPenalty)")
        }
        let longest = 10_000
        if let prompt, prompt.utf8.count > longest {
            return ("a prompt of at most \(longest) bytes", "\(prompt.utf8.count)")
        }
        return nil
    }
}

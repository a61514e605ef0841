// What one window of sound was decoded to, and how good that is.

import CZLib

/// The tokens of a window, and what tells whether to believe them.
struct WindowTranscript: Sendable {
    /// The tokens since the prompt, the end of the text left out.
    let tokens: [Int]
    /// The words.
    let text: String
    /// The mean logarithm of the tokens' probabilities, the end's included.
    let averageLogProbability: Float
    /// The probability that nobody speaks.
    let noSpeechProbability: Float
    /// The temperature at which it was decoded.
    let temperature: Float

    /// How much shorter zlib makes the text; text that repeats itself is made much shorter.
    var compressionRatio: Float {
        let bytes = Array(text.utf8)
        return Float(bytes.count) / Float(compressedCount(bytes))
    }

    /// Whether another temperature is to be tried (openai/whisper, `transcribe.py`, `decode_with_fallback`).
    func needsFallback(_ options: TranscriptionOptions) -> Bool {
        if isSilence(options) { return false }
        if let threshold = options.compressionRatioThreshold, compressionRatio > threshold { return true }
        if let threshold = options.logProbabilityThreshold, averageLogProbability < threshold { return true }
        return false
    }

    /// Whether nobody speaks, most likely, and the words are not believable either.
    func isSilence(_ options: TranscriptionOptions) -> Bool {
        guard let threshold = options.noSpeechThreshold, noSpeechProbability > threshold else { return false }
        guard let least = options.logProbabilityThreshold else { return true }
        return averageLogProbability < least
    }
}

/// The number of bytes that zlib's default compression makes of these.
private func compressedCount(_ bytes: [UInt8]) -> Int {
    var count = compressBound(UInt(bytes.count))
    var compressed = [UInt8](repeating: 0, count: Int(count))
    let status = compress(&compressed, &count, bytes, UInt(bytes.count))
    precondition(status == Z_OK, "zlib cannot compress \(bytes.count) bytes: \(status)")
    return Int(count)
}

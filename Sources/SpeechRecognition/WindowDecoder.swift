// From one window of sound to its transcript: the likeliest tokens, drawn ones, or a beam search.

import Tensors

#if canImport(Glibc)
    import Glibc
#endif

/// Decodes windows under one set of options (openai/whisper, `whisper/decoding.py`, `DecodingTask`).
struct WindowDecoder: Sendable {
    let decoder: WhisperDecoder
    let vocabulary: WhisperVocabulary
    let rules: TokenRules
    let options: TranscriptionOptions
    /// What a transcript begins with: its start, the language, the task.
    let beginning: [Int]
    /// The most tokens of a transcript, its prompt included.
    let longest: Int

    /// A window's sound, after the prompt was read.
    private struct Start {
        let state: DecoderState
        /// The scores of the first token: `[V]`.
        let logits: Tensor
        let noSpeechProbability: Float
        let promptCount: Int
    }

    /// Decodes a window, at one temperature after the other until the transcript is believable.
    ///
    /// - Parameters:
    ///   - memory: the sound.
    ///   - previous: tokens of text that stand before the window's.
    func decode(
        _ memory: SoundMemory, after previous: ArraySlice<Int>, random: inout SampledNumbers
    ) throws(RecognitionFailure) -> WindowTranscript {
        let start = try start(memory, after: previous)
        for temperature in options.temperatures.dropLast() {
            let transcript = try decode(from: start, temperature: temperature, random: &random)
            if !transcript.needsFallback(options) { return transcript }
        }
        return try decode(from: start, temperature: options.temperatures.last ?? 0, random: &random)
    }

    private func start(
        _ memory: SoundMemory, after previous: ArraySlice<Int>
    ) throws(RecognitionFailure) -> Start {
        // A prompt has at most half of the places, its own beginning included.
        let recent = previous.suffix(decoder.configuration.maximumPositions / 2 - 1)
        let prompt = (recent.isEmpty ? [] : [vocabulary.startOfPrevious] + recent) + beginning
        let (hidden, state) = decoder.read(prompt, hearing: memory)
        let logits = decoder.logits(hidden.gatheringRows([prompt.count - beginning.count, prompt.count - 1]))
        let atStart = Array(logits.row(0))
        let total = atStart.withUnsafeBufferPointer(logSumOfExponentials)
        guard !total.isNaN else { throw .notNumbers }
        return Start(
            state: state, logits: logits.rows(1..<2), noSpeechProbability: expf(atStart[vocabulary.noSpeech] - total),
            promptCount: prompt.count)
    }

    private func decode(
        from start: Start, temperature: Float, random: inout SampledNumbers
    ) throws(RecognitionFailure) -> WindowTranscript {
        let hypotheses =
            if temperature == 0, options.beam > 1 {
                try search(from: start)
            } else {
                try sample(temperature == 0 ? 1 : options.bestOf, from: start, temperature, &random)
            }
        let penalty = options.lengthPenalty
        var best = hypotheses.first ?? Hypothesis()
        for other in hypotheses.dropFirst() where other.rank(lengthPenalty: penalty) > best.rank(lengthPenalty: penalty)
        {
            best = other
        }
        let text = vocabulary.text(of: best.tokens)
        return WindowTranscript(
            tokens: best.tokens, text: String(text.trimmed),
            averageLogProbability: best.sum / Float(best.tokens.count + 1),
            noSpeechProbability: start.noSpeechProbability, temperature: temperature)
    }

    /// How many tokens may follow a prompt of so many: half of the places, as far as there are any.
    private func room(after promptCount: Int) -> Int {
        max(0, min(decoder.configuration.maximumPositions / 2, longest - promptCount))
    }

    /// The likeliest tokens, or several transcripts whose tokens are drawn by their probabilities.
    private func sample(
        _ count: Int, from start: Start, _ temperature: Float, _ random: inout SampledNumbers
    ) throws(RecognitionFailure) -> [Hypothesis] {
        var state = start.state
        state.select([Int](repeating: 0, count: count))
        var live = [Hypothesis](repeating: Hypothesis(), count: count)
        var finished: [Hypothesis] = []
        var logits = start.logits.gatheringRows(repeatElement(0, count: count))
        let room = room(after: start.promptCount)
        for written in 0..<room {
            var (kept, parents, tokens) = ([Hypothesis](), [Int](), [Int]())
            for (index, var hypothesis) in live.enumerated() {
                let (token, logProbability) = try choose(
                    &logits, row: index, after: hypothesis.tokens, temperature, &random)
                hypothesis.sum += logProbability
                guard token != vocabulary.endOfText else {
                    finished.append(hypothesis)
                    continue
                }
                hypothesis.tokens.append(token)
                kept.append(hypothesis)
                parents.append(index)
                tokens.append(token)
            }
            live = kept
            if live.isEmpty || written + 1 == room { break }
            if parents.count < state.count { state.select(parents) }
            logits = decoder.logits(decoder.step(tokens, &state))
        }
        return finished + live
    }

    /// A transcript's next token, and the logarithm of its probability under the rules; the end where none may follow.
    private func choose(
        _ logits: inout Tensor, row: Int, after written: [Int], _ temperature: Float, _ random: inout SampledNumbers
    ) throws(RecognitionFailure) -> (token: Int, logProbability: Float) {
        let choice = withScores(&logits, row: row, after: written) { scores, total in
            let token = temperature == 0 ? largest(of: scores) : random.index(of: scores, temperature: temperature)
            return token.map { ($0, scores[$0] - total) }
        }
        guard !choice.total.isNaN else { throw .notNumbers }
        guard choice.total > -.infinity, let (token, logProbability) = choice.result else {
            return (vocabulary.endOfText, 0)
        }
        return (token, logProbability)
    }

    /// Follows the likeliest transcripts side by side.
    private func search(from start: Start) throws(RecognitionFailure) -> [Hypothesis] {
        let width = options.beam
        let enough = max(1, Int((Float(width) * options.patience).rounded(.toNearestOrEven)))
        var state = start.state
        var live = [Hypothesis()]
        var finished: [Hypothesis] = []
        var logits = start.logits
        let room = room(after: start.promptCount)
        for written in 0..<room {
            var candidates: [(parent: Int, token: Int, sum: Float)] = []
            for (index, hypothesis) in live.enumerated() {
                let (total, likeliest) = withScores(&logits, row: index, after: hypothesis.tokens) { scores, total in
                    largest(width + 1, of: scores).map { ($0, scores[$0] - total) }
                }
                guard !total.isNaN else { throw .notNumbers }
                for (token, logProbability) in likeliest where logProbability > -.infinity {
                    candidates.append((index, token, hypothesis.sum + logProbability))
                }
            }
            // Swift's sort is stable: of equals the earlier one stays first.
            candidates.sort { $0.sum > $1.sum }
            var (kept, parents, tokens) = ([Hypothesis](), [Int](), [Int]())
            for (parent, token, sum) in candidates where kept.count < width {
                if token == vocabulary.endOfText {
                    if finished.count < enough { finished.append(Hypothesis(tokens: live[parent].tokens, sum: sum)) }
                } else {
                    kept.append(Hypothesis(tokens: live[parent].tokens + [token], sum: sum))
                    parents.append(parent)
                    tokens.append(token)
                }
            }
            live = kept
            if live.isEmpty || finished.count >= enough || written + 1 == room { break }
            state.select(parents)
            logits = decoder.logits(decoder.step(tokens, &state))
        }
        // Where too few have ended, the likeliest of those that go on do.
        return finished + live.prefix(max(0, width - finished.count))
    }

    /// A row of scores under the rules, with the logarithm of their sum.
    private func withScores<Result>(
        _ logits: inout Tensor, row: Int, after written: [Int],
        _ body: (UnsafeBufferPointer<Float>, _ total: Float) -> Result
    ) -> (total: Float, result: Result) {
        let width = logits.columns
        return logits.values.withUnsafeMutableBufferPointer { values in
            let scores = UnsafeMutableBufferPointer(rebasing: values[row * width..<(row + 1) * width])
            rules.apply(to: scores, after: written)
            let seen = UnsafeBufferPointer(scores)
            let total = logSumOfExponentials(seen)
            return (total, body(seen, total))
        }
    }
}

extension String {
    /// The text without the spaces at its ends.
    var trimmed: Substring {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return self[first...last]
    }
}

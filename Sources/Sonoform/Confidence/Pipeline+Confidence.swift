// How sure a pipeline is of what it heard.

import LanguageModel
import ModalityEncoder
import Tensors

#if canImport(Glibc)
    import Glibc
#endif

private func logarithm(_ share: Float) -> Float { logf(max(share, .leastNormalMagnitude)) }

/// Beyond these, log-probabilities say no more than that something is wrong.
private let leastLogProbability: Float = -8

extension Pipeline {
    /// What is known of a reply beside its words.
    struct Certainty {
        var words: [HeardWord]?
        var evidence: Evidence
        var confidence: Float?
    }

    /// The certainty of what was heard; nil for a reply that describes nothing.
    ///
    /// - Parameter samples: how many samples were heard, for the words' times.
    func certainty(of reply: Reply, heard posteriors: Tensor?, samples: Int) -> Certainty? {
        guard let found = reply.evidence else { return nil }
        var evidence = shared(found, reply)
        evidence["share"] = clipped(logarithm(found.share))
        if let phones = reply.confidence { evidence["phones"] = clipped(phones) }
        guard let lexicon, let posteriors,
            let matches = lexicon.matches(of: reply.transcript, in: posteriors, manifest.decoding)
        else {
            return Certainty(words: nil, evidence: evidence, confidence: manifest.confidence?.heard(evidence))
        }
        evidence["word"] = clipped(matches.map(\.mean).min() ?? 0)
        let secondsPerFrame = Double(samples) / Double(max(1, posteriors.rows)) / Double(encoder.sampleRateHz)
        let words = reply.transcript.indices.map { place in
            let own: Evidence = [
                "phones": clipped(matches[place].mean),
                "language": clipped(found.tokenLogProbabilities[place]),
                "share": clipped(logarithm(found.wordShares[place])),
                "reply": clipped(reply.confidence ?? 0),
            ]
            return HeardWord(
                word: decoder.tokenizer.word(reply.transcript[place]), confidence: manifest.confidence?.word(own),
                start: milliseconds(Double(matches[place].frames.lowerBound) * secondsPerFrame),
                end: milliseconds(Double(matches[place].frames.upperBound) * secondsPerFrame), evidence: own)
        }
        return Certainty(words: words, evidence: evidence, confidence: manifest.confidence?.heard(evidence))
    }

    /// The certainty of what was read: nobody doubts the words, but what they mean.
    func certainty(ofRead reply: Reply) -> Certainty? {
        guard let found = reply.evidence else { return nil }
        let evidence = shared(found, reply)
        return Certainty(words: nil, evidence: evidence, confidence: manifest.confidence?.read(evidence))
    }

    private func shared(_ found: ReplyEvidence, _ reply: Reply) -> Evidence {
        let tokens = found.tokenLogProbabilities
        return [
            "language": clipped(tokens.reduce(0, +) / Float(max(1, tokens.count))),
            "token": clipped(tokens.min() ?? 0),
            "described": clipped(found.leastDescribed),
            "none": (reply.noneProbability * 10_000).rounded() / 10_000,
        ]
    }

    /// Within bounds, and to four decimals: what is beyond is noise, and JSON is read by people, too.
    private func clipped(_ value: Float) -> Float {
        (max(leastLogProbability, min(0, value)) * 10_000).rounded() / 10_000
    }

    /// Throws where a scene is less sure than is asked for: `least`, or the pipeline's own threshold.
    func check(_ scene: Scene, least: Float?, source: String) throws(SonoformError) {
        guard let confidence = scene.confidence, let rules = manifest.confidence else { return }
        let least = least ?? rules.least
        guard confidence < least else { return }
        throw SonoformError(
            .unsure(confidence), source: source, expected: "a confidence of at least \(percent(least))",
            got: "\(percent(confidence)) of \(quoted(scene.heard))")
    }
}

extension Scene {
    /// Keeps how sure it is.
    mutating func take(_ certainty: Pipeline.Certainty?, _ manifest: PipelineManifest) {
        guard let certainty else { return }
        (words, evidence, confidence) = (certainty.words, certainty.evidence, certainty.confidence)
        if let confidence, let rules = manifest.confidence, confidence < rules.low { unsure = true }
    }
}

extension SonoformError {
    /// A refusal that also says which words of a text nobody knows.
    func naming(_ words: [String]) -> SonoformError {
        guard reason == .notADescription, !words.isEmpty else { return self }
        let known = words.map(quoted).joined(separator: ", ")
        return SonoformError(reason, source: source, expected: expected, got: "no known meaning of \(known)")
    }
}

/// Seconds to the millisecond.
private func milliseconds(_ seconds: Double) -> Double { (seconds * 1_000).rounded() / 1_000 }

private func percent(_ share: Float) -> String { "\(Int((share * 100).rounded())) %" }

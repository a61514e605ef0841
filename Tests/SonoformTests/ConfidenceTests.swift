// How sure answers are, and what is done about those that are not.

import AudioFeatures
import Testing

@testable import Sonoform

struct ConfidenceTests {
    @Test func `what is clearly said is said with confidence, word by word`() throws {
        let scene = try builtIn.understand(file: sample("tall-red-chair.wav"))
        #expect(try #require(scene.confidence) > 0.6 && scene.confidence! <= 1 && scene.unsure == nil)
        let words = try #require(scene.words)
        #expect(words.map(\.word).joined(separator: " ") == scene.heard)
        #expect(words.allSatisfy { ($0.confidence ?? -1) > 0.3 && $0.confidence! <= 1 })
        #expect(words.allSatisfy { $0.start < $0.end })
        #expect(zip(words, words.dropFirst()).allSatisfy { $0.end <= $1.start })
        let seconds = try Recording(contentsOf: sample("tall-red-chair.wav")).duration
        #expect(words.last!.end <= Double(seconds.components.seconds) + 1)
    }

    @Test func `noise makes an answer less sure`() throws {
        let recording = try Recording(contentsOf: sample("tall-red-chair.wav"))
        let clean = try #require(try builtIn.understand(recording).confidence)
        var state: UInt32 = 5
        let noisy = recording.samples.map { value -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            return value + 0.3 * (Float(state >> 8) / Float(1 << 23) - 1)
        }
        let heard = try? builtIn.understand(Recording(samples: noisy, sampleRateHz: 16_000))
        #expect((heard?.confidence ?? 0) < clean)
    }

    @Test func `what is less sure than was asked for is refused with both numbers`() throws {
        let options = ConversionOptions(points: 64, leastConfidence: 1)
        let error = #expect(throws: SonoformError.self) {
            try builtIn.convert(file: sample("tall-red-chair.wav"), options: options)
        }
        guard case .unsure(let confidence)? = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(confidence > 0 && confidence < 1)
        #expect(error?.expected == "a confidence of at least 100 %" && error?.got.contains(" % of \"a tall") == true)
        #expect(throws: SonoformError.self) { try builtIn.check(ConversionOptions(leastConfidence: 1.5)) }
    }

    @Test func `what was read has a confidence of its meaning, and no words in time`() throws {
        let scene = try builtIn.understand(text: "a tall red chair")
        #expect(try #require(scene.confidence) > 0.8 && scene.words == nil && scene.unsure == nil)
    }

    @Test func `a record tells of words in the time of the recording`() throws {
        let words = [HeardWord(word: "a", confidence: 0.9, start: 0.5, end: 0.75, evidence: [:])]
        #expect(words[0].later(by: 2).start == 2.5 && words[0].later(by: 2).end == 2.75)
    }

    @Test func `evidence is weighed by name`() {
        let logistic = Logistic(bias: 1, weights: ["phones": 2, "share": 1])
        #expect(abs(logistic(["phones": -0.5, "share": 0, "other": 9]) - 0.5) < 1e-6)
        #expect(logistic(["phones": -8]) < 1e-6 && logistic([:]) > 0.73)
    }

    @Test func `rules that weigh what nobody measures are refused`() {
        let sound = Logistic(bias: 0, weights: ["phones": 1])
        let other = Logistic(bias: 0, weights: ["mood": 1])
        func rules(_ heard: Logistic, low: Float = 0.5) -> ConfidenceRules {
            ConfidenceRules(heard: heard, read: Logistic(bias: 0, weights: [:]), word: sound, low: low, least: 0)
        }
        #expect(rules(sound).fault == nil)
        #expect(rules(other).fault?.got == "\"mood\"")
        #expect(rules(sound, low: 2).fault != nil)
        #expect(rules(Logistic(bias: .nan, weights: [:])).fault != nil)
    }

    @Test func `words so far are heard before there is a meaning`() throws {
        let recording = try Recording(contentsOf: sample("tall-red-chair.wav"))
        let half = Recording(samples: Array(recording.samples[..<20_000]), sampleRateHz: 16_000)
        #expect(try builtIn.transcript(of: half).hasPrefix("a tall"))
        #expect(try builtIn.transcript(of: Recording(samples: [], sampleRateHz: 16_000)) == "")
        #expect(try builtIn.transcript(of: recording) == "a tall red chair with three blue legs")
    }
}

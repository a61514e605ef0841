// A whole reply against the reference's: beam, joint scoring, two objects, their signals.

import GoldenFiles
import Layers
import ModalityEncoder
import Testing

@testable import LanguageModel
@testable import Tensors

struct ReplyDecoderTests {
    struct Numbers: Decodable {
        struct Finished: Decodable {
            let reply: [Int]
            let score: Float
            let joint: Float
            let none_probability: Float
        }
        struct Refused: Decodable {
            let none_threshold: Float
            let transcript: [Int]
            let score: Float
            let none_probability: Float
        }
        struct WholeReply: Decodable {
            let transcript: [Int]
            let objects: [[Int]]
            let score: Float
            let ctc_score: Float
            let confidence: Float
            let none_probability: Float
        }
        struct TokenNumbers: Decodable {
            let unknown: Int
            let speech: Int
            let text: Int
            let begin: Int
            let object: Int
            let signals: [Int]
            let end: Int
            let none: Int
        }
        let tokens: TokenNumbers
        let decoding: DecodingOptions
        let prompt: Prompt
        let pronunciations: [String: [[Int]]]
        /// What the beam finds by the language model alone, and with the phone head.
        let alone: [Finished]
        let joint: [Finished]
        let reply: WholeReply
        let refused: Refused
    }

    let golden: Golden
    let numbers: Numbers
    let model: DecoderModel
    let tokenizer: Tokenizer
    let tokens = SpecialTokens(
        unknown: "<unk>", speech: "<speech>", text: "<text>", begin: "<begin>", object: "<object>",
        signals: (1...8).map { "<signal \($0)>" }, end: "<end>", none: "<none>")

    init() throws {
        golden = try Golden("language_model/beam")
        numbers = try golden.numbers(Numbers.self)
        // The golden checkpoint also carries the projector that made its prefix; the model alone is loaded here.
        model = try DecoderModel.llama(ComponentFolder(golden.folder), precision: .f32)
        tokenizer = try Tokenizer(path: golden.folder + "/tokenizer.json")
    }

    /// The golden's words as its posteriors explain them.
    struct Words: TranscriptScorer {
        let pronunciations: [String: [[Int]]]
        let scorer: CTCPrefixScorer

        var empty: CTCPrefixScorer.Prefix { scorer.empty }
        func extend(_ prefix: CTCPrefixScorer.Prefix, by word: Int) -> CTCPrefixScorer.Prefix {
            let boundary = prefix.isEmpty ? [] : [1]
            return (pronunciations["\(word)"] ?? [])
                .map { scorer.extend(prefix, by: boundary + $0) }
                .max { $0.logProbability < $1.logProbability }!
        }
        func logProbability(of prefix: CTCPrefixScorer.Prefix) -> Float { prefix.logProbability }
        func logProbability(ofAll transcript: CTCPrefixScorer.Prefix) -> Float { scorer.complete(transcript) }
        func score(of transcript: CTCPrefixScorer.Prefix) -> PhoneScore? {
            let excess = scorer.complete(transcript)
            return PhoneScore(
                logProbability: excess + scorer.bestPathLogProbability,
                confidence: excess / Float(max(1, transcript.labels.count)))
        }
    }

    @Test(arguments: [true, false])
    func `finds the hypotheses that the reference finds`(withScorer: Bool) throws {
        let expected = withScorer ? numbers.joint : numbers.alone
        func check<Scorer>(_ found: TranscriptSearch<Scorer>.Found) {
            let replies = found.describing.map { [numbers.tokens.begin] + $0.transcript + [numbers.tokens.object] }
            #expect(replies == expected.map(\.reply))
            for (mine, reference) in zip(found.describing, expected) {
                #expect(abs(mine.score - reference.score) < 1e-3)
                #expect(abs(mine.joint - reference.joint) < 1e-3)
                #expect(abs(mine.noneProbability - reference.none_probability) < 1e-4)
            }
        }
        let prefix = try golden.tensor("prefix")
        if withScorer {
            check(try decoder().hypotheses(to: prefix, scorer: try words()))
        } else {
            check(try decoder().hypotheses(to: prefix, scorer: NoScorer()))
        }
    }

    @Test func `answers what the reference answers`() throws {
        let prefix = try golden.tensor("prefix")
        let reply = try decoder().reply(heard: prefix.rows(1..<prefix.rows), scorer: try words())
        #expect(reply.transcript == numbers.reply.transcript)
        #expect(reply.objects.map(\.description) == numbers.reply.objects)
        #expect(reply.refusal == nil)
        #expect(abs(reply.logProbability - numbers.reply.score) < 1e-3)
        let (phones, confidence) = try (#require(reply.phoneLogProbability), #require(reply.confidence))
        #expect(abs(phones - numbers.reply.ctc_score) < 1e-3 && abs(confidence - numbers.reply.confidence) < 1e-3)
        #expect(abs(reply.noneProbability - numbers.reply.none_probability) < 1e-3)
        let signals = try golden.tensor("signals")
        let mine = Tensor.concatenatingRows(reply.objects.map(\.signals))
        #expect(mine.relativeDifference(from: signals.reshaped(mine.rows, mine.columns)) < 5e-5)
    }

    @Test func `refuses what the reference refuses, and says how far it heard`() throws {
        let prefix = try golden.tensor("prefix")
        let strict = try decoder(noneThreshold: numbers.refused.none_threshold)
        let reply = try strict.reply(heard: prefix.rows(1..<prefix.rows), scorer: try words())
        #expect(reply.refusal == .noObject)
        #expect(reply.objects.isEmpty)
        #expect(reply.transcript == numbers.refused.transcript)
        #expect(abs(reply.logProbability - numbers.refused.score) < 1e-3)
        #expect(abs(reply.noneProbability - numbers.refused.none_probability) < 1e-3)
    }

    @Test func `searches for the likeliest description of what was seen`() throws {
        let prefix = try golden.tensor("prefix")
        let vectors = prefix.rows(1..<prefix.rows)
        let reply = try decoder().reply(seen: vectors)
        let found = try decoder().hypotheses(
            to: .concatenatingRows([model.embed([numbers.tokens.text]), vectors]), scorer: NoScorer(), beam: 1)
        #expect(reply.logProbability > found.describing[0].score)
        #expect(reply.refusal == nil)
    }

    @Test func `asked about finished transcripts only, the phone head chooses among them`() throws {
        let prefix = try golden.tensor("prefix")
        let asked = try words()
        let alone = try decoder().hypotheses(to: prefix, scorer: NoScorer()).describing
        let found = try decoder(asksWhileWriting: false).hypotheses(to: prefix, scorer: asked).describing
        let scores = found.map { asked.logProbability(ofAll: $0.transcript.reduce(asked.empty, asked.extend)) }
        #expect(Set(found.map(\.transcript)) == Set(alone.map(\.transcript)))
        #expect(found.map(\.joint) == zip(found, scores).map { $0.score + numbers.decoding.ctcWeight * $1 })
        #expect(found.map(\.joint) == found.map(\.joint).sorted(by: >))
        #expect(found.map(\.transcript) != alone.map(\.transcript))
    }

    @Test func `does not believe a transcript that the model finds unlikely`() throws {
        let prefix = try golden.tensor("prefix")
        let mean = numbers.reply.score / Float(numbers.reply.transcript.count + 1)
        let below = try decoder(minimumLogProbability: mean - 0.01)
        #expect(try below.reply(heard: prefix.rows(1..<prefix.rows), scorer: try words()).refusal == nil)
        let above = try decoder(minimumLogProbability: mean + 0.01)
        #expect(try above.reply(heard: prefix.rows(1..<prefix.rows), scorer: try words()).refusal == .unintelligible)
    }

    @Test func `a reply always ends, whatever the weights`() throws {
        // From nothing at all, a random model writes something; the grammar bounds it.
        let reply = try decoder().reply(read: [])
        #expect(reply.transcript.count <= numbers.decoding.maximumTranscript)
        #expect(reply.objects.count <= numbers.decoding.maximumObjects)
        for object in reply.objects {
            #expect(object.description.count <= numbers.decoding.maximumDescription)
            #expect(object.signals.shape == [8, 24])
        }
    }

    private func words() throws -> Words {
        let options = numbers.decoding
        let scorer = CTCPrefixScorer(
            posteriors: try golden.tensor("posteriors"), blank: 0, floor: options.ctcFloor,
            negligible: options.ctcNegligible)
        return Words(pronunciations: numbers.pronunciations, scorer: scorer)
    }

    private func decoder(
        noneThreshold: Float? = nil, minimumLogProbability: Float? = nil, asksWhileWriting: Bool = true
    ) throws -> ReplyDecoder {
        let given = numbers.decoding
        let options = DecodingOptions(
            beam: given.beam, ctcWeight: given.ctcWeight, ctcCandidates: asksWhileWriting ? given.ctcCandidates : nil,
            ctcFloor: given.ctcFloor, ctcNegligible: given.ctcNegligible,
            noneThreshold: noneThreshold ?? given.noneThreshold, minimumConfidence: given.minimumConfidence,
            minimumLogProbability: minimumLogProbability ?? given.minimumLogProbability,
            minimumSeenLogProbability: given.minimumSeenLogProbability,
            maximumTranscript: given.maximumTranscript, maximumDescription: given.maximumDescription,
            maximumObjects: given.maximumObjects)
        return try ReplyDecoder(
            model: model, tokenizer: tokenizer, tokens: tokens, prompt: numbers.prompt, options: options)
    }
}

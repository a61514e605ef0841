// A whole reply against the reference's: beam, joint scoring, two objects, their signals.

import GoldenFiles
import Layers
import Testing

@testable import LanguageModel
@testable import Tensors

struct ReplyDecoderTests {
    struct Numbers: Decodable {
        struct Finished: Decodable {
            let reply: [Int]
            let score: Float
            let ctc_score: Float?
        }
        struct WholeReply: Decodable {
            let transcript: [Int]
            let objects: [[Int]]
            let score: Float
            let ctc_score: Float
            let confidence: Float
            let p_none: Float
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
        let finished: [Finished]
        let reply: WholeReply
    }

    let golden: Golden
    let numbers: Numbers
    let model: LanguageModel
    let tokenizer: Tokenizer
    let tokens = SpecialTokens(
        unknown: "<unk>", speech: "<speech>", text: "<text>", begin: "<begin>", object: "<object>",
        signals: (1...8).map { "<signal \($0)>" }, end: "<end>", none: "<none>")

    init() throws {
        golden = try Golden("language_model/beam")
        numbers = try golden.numbers(Numbers.self)
        // The golden checkpoint also carries the projector that made its prefix; the model alone is loaded here.
        model = try LanguageModel(ComponentFolder(golden.folder), precision: .f32)
        tokenizer = try Tokenizer(path: golden.folder + "/tokenizer.json")
    }

    @Test func `finds the hypotheses that the reference finds`() throws {
        let decoder = try decoder()
        let found = decoder.hypotheses(to: try golden.tensor("prefix"))
        #expect(found.map { [numbers.tokens.begin] + $0.transcript + [$0.ending] } == numbers.finished.map(\.reply))
        for (mine, reference) in zip(found, numbers.finished) {
            #expect(abs(mine.score - reference.score) < 1e-3)
        }
    }

    @Test func `answers what the reference answers`() throws {
        let scores = Dictionary(
            uniqueKeysWithValues: numbers.finished.compactMap { finished in
                finished.ctc_score.map { (Array(finished.reply.dropFirst().dropLast()), $0) }
            })
        let prefix = try golden.tensor("prefix")
        let reply = try decoder().reply(heard: prefix.rows(1..<prefix.rows)) {
            PhoneScore(logProbability: scores[$0] ?? -.infinity, confidence: 0)
        }
        #expect(reply.transcript == numbers.reply.transcript)
        #expect(reply.objects.map(\.description) == numbers.reply.objects)
        #expect(reply.refusal == nil)
        #expect(abs(reply.logProbability - numbers.reply.score) < 1e-3)
        #expect(abs(reply.noneShare - numbers.reply.p_none) < 1e-3)
        let signals = try golden.tensor("signals")
        let mine = Tensor.concatenatingRows(reply.objects.map(\.signals))
        #expect(mine.relativeDifference(from: signals.reshaped(mine.rows, mine.columns)) < 5e-5)
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

    private func decoder() throws -> ReplyDecoder {
        try ReplyDecoder(
            model: model, tokenizer: tokenizer, tokens: tokens, prompt: numbers.prompt, options: numbers.decoding)
    }
}

// Tokens of text and of control, against tokenizers and openai-whisper.

import Foundation
import GoldenFiles
import Layers
import Testing

@testable import SpeechRecognition
@testable import Tensors

struct WhisperVocabularyTests {
    let golden: RecognitionGolden
    let vocabulary: WhisperVocabulary

    init() throws {
        golden = try RecognitionGolden()
        vocabulary = try WhisperVocabulary(golden.folder, count: 1_827)
    }

    @Test func `lines become the tokens that tokenizers makes of them, and lines again`() throws {
        let encoder = try vocabulary.encoder()
        for line in golden.cases.lines {
            #expect(encoder.encode(line.text) == line.tokens, "\(line.text)")
            #expect(vocabulary.text(of: line.tokens) == line.text)
        }
    }

    @Test func `half a character is U+FFFD, and tokens of control are no text`() throws {
        let letters = try vocabulary.encoder().encode("é")
        #expect(letters.count == 2)
        #expect(vocabulary.text(of: [letters[0]]) == "\u{fffd}")
        #expect(vocabulary.text(of: [vocabulary.startOfTranscript] + letters + [vocabulary.firstTimestamp]) == "é")
    }

    @Test func `vocab.json with merges.txt gives what tokenizer.json does`() throws {
        let folder = ComponentFolder(GoldenFiles.path("speech_recognition/vocabulary"))
        let other = try WhisperVocabulary(folder, count: 1_827)
        let encoder = try other.encoder()
        for line in golden.cases.lines { #expect(encoder.encode(line.text) == line.tokens) }
        #expect(other.languages == vocabulary.languages && other.languages.count == 5)
        #expect(other.firstTimestamp == vocabulary.firstTimestamp && other.noSpeech == vocabulary.noSpeech)
    }

    @Test func `what is no speech is what openai-whisper has`() throws {
        #expect(try vocabulary.nonSpeechTokens() == golden.cases.suppressed)
    }

    @Test func `languages go by code and by name`() {
        #expect(SpokenLanguage.all.count == 100)
        #expect(SpokenLanguage("DE")?.name == "german")
        #expect(SpokenLanguage("Haitian Creole")?.code == "ht")
        #expect(SpokenLanguage("flemish")?.code == "nl")
        #expect(SpokenLanguage("klingon") == nil)
    }

    @Test(arguments: [
        (#"{"model":{"type":"Unigram","vocab":[]}}"#, "a tokenizer of type BPE"),
        (#"{"model":{"type":"BPE","vocab":{"a":-1}}}"#, "tokens from 0 to 9"),
        (#"{"model":{"type":"BPE","vocab":{"a":10}}}"#, "tokens from 0 to 9"),
        (#"{"model":{"type":"BPE","vocab":{"a":0}}}"#, "a token <|endoftext|>"),
        (
            #"""
            {"model":{"type":"BPE","vocab":{"a":0}},"added_tokens":[{"id":1,"content":"<|endoftext|>"},
            {"id":2,"content":"<|startoftranscript|>"},{"id":3,"content":"<|translate|>"},
            {"id":9,"content":"<|transcribe|>"},{"id":5,"content":"<|startofprev|>"},
            {"id":6,"content":"<|nospeech|>"},{"id":7,"content":"<|notimestamps|>"}]}
            """#, "then timestamps"
        ),
        (
            #"""
            {"model":{"type":"BPE","vocab":{"a b":0}},"added_tokens":[{"id":1,"content":"<|endoftext|>"},
            {"id":2,"content":"<|startoftranscript|>"},{"id":3,"content":"<|translate|>"},
            {"id":4,"content":"<|transcribe|>"},{"id":5,"content":"<|startofprev|>"},
            {"id":6,"content":"<|nospeech|>"},{"id":7,"content":"<|notimestamps|>"}]}
            """#, "a byte-level vocabulary"
        ),
        ("[1]", "to be"), ("", "a JSON file"),
    ])
    func `refuses vocabularies that are no Whisper's`(json: String, expected: String) throws {
        let scratch = try Scratch()
        try scratch.write("tokenizer.json", json.utf8)
        let error = #expect(throws: TensorFileError.self) {
            try WhisperVocabulary(ComponentFolder(scratch.path), count: 10)
        }
        #expect(error.map { "\($0)".contains(expected) } == true, "\(error?.description ?? "accepted")")
    }

    @Test func `refuses merges of what is not in the vocabulary`() throws {
        let scratch = try Scratch()
        let folder = GoldenFiles.path("speech_recognition/vocabulary")
        for name in ["vocab.json", "added_tokens.json"] { try scratch.copy("\(folder)/\(name)") }
        let other = try WhisperVocabulary(ComponentFolder(scratch.path), count: 1_827)
        for (merges, expected) in [("a b c\n", "merges of two tokens"), ("#version: 1\nzz qq\n", "the vocabulary's")] {
            try scratch.write("merges.txt", merges.utf8)
            let error = #expect(throws: TensorFileError.self) { try other.encoder() }
            #expect(error?.expected.contains(expected) == true)
        }
    }
}

// What cannot be made is named, and what can be made is never taken for it.

import Foundation
import GoldenFiles
import Testing

@testable import Sonoform

struct NamingTests {
    private func unknown(_ text: String) -> UnknownObject? {
        let error = #expect(throws: SonoformError.self, "\(text)") { try builtIn.understand(text: text) }
        guard case .unknownObject(let object)? = error?.reason else { return nil }
        return object
    }

    @Test(arguments: [
        ("a red elephant", "elephant"), ("elephant", "elephant"), ("red elephants", "elephant"),
        ("two elephants", "elephant"), ("draw a giraffe", "giraffe"), ("a chair on an elephant", "elephant"),
        ("a horse next to a house", "horse"), ("a chair and a piano", "piano"), ("a tall wooden piano", "piano"),
    ])
    func `a typed object that nobody makes is named`(text: String, noun: String) {
        #expect(unknown(text)?.noun == noun)
        #expect(unknown(text)?.heard == nil)
    }

    @Test func `what comes near is said, and nothing is guessed where nothing does`() {
        #expect(unknown("a red elephant")?.nearest.first == "dog")
        #expect(unknown("a horse")?.nearest.first == "dog")
        #expect(unknown("a banana")?.nearest == [])
        let error = #expect(throws: SonoformError.self) { try builtIn.understand(text: "a red elephant") }
        #expect(error.map { "\($0)" } == "\"a red elephant\": no elephant in this model; nearest: dog")
        let heard = UnknownObject(heard: "a red elephant", noun: "elephant", nearest: ["dog", "horse"])
        #expect("\(heard)" == "heard \"a red elephant\": no elephant in this model; nearest: dog, horse")
    }

    @Test(arguments: [
        ("a red settee", "sofa", "settee"), ("two cottages", "house", "cottage"), ("beagle", "dog", "beagle"),
        ("please draw a huge willow", "tree", "willow"), ("a tall larch", "pine tree", "larch"),
        ("an armchair with blue legs", "chair", "armchair"),
    ])
    func `a kind of an object is made as that object, and it is told`(text: String, noun: String, asked: String) throws
    {
        let scene = try builtIn.understand(text: text)
        #expect(scene.objects.map(\.noun) == [noun])
        #expect(scene.substitutions == [Scene.Substitution(asked: asked, made: noun)])
        #expect(scene.heard == text)
        let conversion = try builtIn.convert(text: text, options: ConversionOptions(points: 16))
        let record = ConversionRecord(input: text, files: ConversionRecord.Files(), conversion)
        #expect(record.substitutions == scene.substitutions)
    }

    @Test func `of several objects each is made as what it is a kind of, and says no more than what was said`() throws {
        let scene = try builtIn.understand(text: "two red settees next to a stone cottage")
        #expect(scene.objects.map(\.noun) == ["sofa", "house"])
        #expect(scene.objects[0].copies == 2 && scene.objects[0].colour == "red" && scene.objects[1].colour == nil)
        #expect(scene.substitutions?.map(\.asked) == ["settee", "cottage"])
        #expect(scene.unplaced == ["stone"])
    }

    @Test func `a kind is refused where only the language's own words will do`() {
        let strict = UnderstandingOptions(isStrict: true)
        let error = #expect(throws: SonoformError.self) {
            try builtIn.understand(text: "a red settee", options: strict)
        }
        #expect(error.map { "\($0)" } == "\"a red settee\": no settee in this model; nearest: sofa, bench, chair")
        #expect(throws: SonoformError.self) {
            try builtIn.convert(text: "a red settee", options: ConversionOptions(points: 16, strict: true))
        }
    }

    @Test func `what is no kind of anything is still refused, beside what is one`() {
        #expect(unknown("a settee next to an elephant")?.noun == "elephant")
        #expect(unknown("a castle")?.noun == "castle")
    }

    @Test func `every object and all its names are known by text`() throws {
        for (name, kind) in builtIn.language.objects {
            for noun in kind.nouns.keys {
                #expect(try builtIn.understand(text: "a \(noun)").objects.map(\.noun) == [name], "\(noun)")
                #expect(try builtIn.understand(text: "\(noun)").objects.map(\.noun) == [name], "\(noun)")
            }
        }
    }

    @Test(arguments: [("a tall wooden chair", "chair", "wooden"), ("a kitchen table", "table", "kitchen")])
    func `what is said of a known object and not known is left out and told`(
        text: String, noun: String, word: String
    ) throws {
        let scene = try builtIn.understand(text: text)
        #expect(scene.objects.map(\.noun) == [noun] && scene.unplaced == [word])
    }

    @Test func `other talk asks for nothing, and words that nobody knows are told`() {
        #expect(unknown("my mother bought a book") == nil)
        #expect(unknown("a cup of tea") == nil)
        let error = #expect(throws: SonoformError.self) { try builtIn.understand(text: "a red flibbertigibbet") }
        #expect(error?.reason == .notADescription && error?.got.contains("\"flibbertigibbet\"") == true)
    }

    @Test func `the record of a refusal has the object by itself`() throws {
        let error = SonoformError.unknown(
            UnknownObject(heard: "a red elephant", noun: "elephant", nearest: ["dog"]), model: "m", source: "a.wav")
        let line = jsonLine(ConversionRecord(input: "a.wav", error: error))
        let record = try JSONDecoder().decode(ConversionRecord.self, from: Data(line.utf8))
        #expect(record.unknown == UnknownObject(heard: "a red elephant", noun: "elephant", nearest: ["dog"]))
        #expect(record.error?.hasPrefix("a.wav: heard \"a red elephant\"") == true)
    }

    @Test func `a vocabulary that is damaged is refused by its file, and a pipeline may do without`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sonoform-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: URL(filePath: builtInDirectory), to: folder)
        let file = folder.appending(path: "vocabulary.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        for (sound, damaged) in [("\"version\":1", "\"version\":9"), ("\"kinds\":\"", "\"kinds\":\"7"), ("{", "")] {
            let place = try #require(text.range(of: sound))
            try text.replacingCharacters(in: place, with: damaged).write(to: file, atomically: true, encoding: .utf8)
            let pipeline = try Pipeline(directory: folder.path())
            let error = #expect(throws: SonoformError.self) { try pipeline.understand(text: "a red elephant") }
            #expect(error?.reason == .damagedPipeline && error?.source.hasSuffix("vocabulary.json") == true)
            #expect(try pipeline.understand(text: "a red chair").objects.count == 1)
        }
        let manifest = folder.appending(path: "pipeline.json")
        var settings = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: manifest)) as? [String: Any])
        settings["naming"] = nil
        try JSONSerialization.data(withJSONObject: settings).write(to: manifest)
        let error = #expect(throws: SonoformError.self) {
            try Pipeline(directory: folder.path()).understand(text: "a red elephant")
        }
        #expect(error?.reason == .notADescription)
    }
}

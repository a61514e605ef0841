// The language's table: words to objects and back, and what was said and is not there.

import GoldenFiles
import SystemPackage
import Testing

@testable import Sonoform

struct DescriptionLanguageTests {
    let language: DescriptionLanguage
    private let proportions = ["tall", "wide", "long", "short", "narrow"]

    init() throws { language = try DescriptionLanguage(directory: FilePath(builtInDirectory)) }

    @Test(arguments: [
        "chair", "tall red chair with three blue legs", "big pine tree with four layers", "wine glass with red bowl",
        "tiny wide black table with two legs and white top", "bookshelf with one shelf",
    ])
    func `a description is read and written the same`(text: String) throws {
        let object = try #require(language.object(text, proportions: proportions))
        #expect(object.unplaced == nil)
        #expect(language.description(of: object) == text)
    }

    @Test func `every word has its meaning`() throws {
        let object = try #require(
            language.object("red tall huge table with three blue legs and top", proportions: proportions))
        #expect(object.noun == "table" && object.size == "huge" && object.proportions == ["tall"])
        #expect(object.colour == "red")
        #expect(object.parts == [Scene.Part(name: "legs", count: 3, colour: "blue"), Scene.Part(name: "top")])
    }

    @Test func `a synonym is the object that it means`() {
        #expect(language.object("blue couch", proportions: [])?.noun == "sofa")
        #expect(language.object("tall fir tree", proportions: proportions)?.noun == "pine tree")
    }

    @Test(arguments: [
        ("huge huge chair", ["huge"]), ("red blue chair", ["blue"]), ("chair with wings", ["wings"]),
        ("tiny tiny tiny car and", ["tiny", "tiny"]), ("chair with three legs and two legs", ["two", "legs"]),
    ])
    func `words without a place are kept`(text: String, unplaced: [String]) {
        let object = language.object(text, proportions: proportions)
        #expect(text == "tiny tiny tiny car and" ? object == nil : object?.unplaced == unplaced)
    }

    @Test(arguments: ["", "red", "elephant", "huge huge huge huge", "with legs"])
    func `what names no object is none`(text: String) {
        #expect(language.object(text, proportions: proportions) == nil)
    }

    private func omissions(_ nouns: [String], _ heard: String, colour: String? = nil) -> DescriptionLanguage.Omissions {
        language.omissions(from: Scene(nouns.map { Scene.Object(noun: $0, colour: colour) }), heard: heard)
    }

    @Test func `an object that was named and is not there is found`() {
        let lost = omissions(["chair", "table", "mug"], "a chair and a table and a lamp and a mug")
        #expect(lost.objects == ["lamp"] && lost.named == 4)
        #expect(omissions(["chair"], "two chairs on a couch").objects == ["couch"])
    }

    @Test func `synonyms, plurals, parts and what is said twice are there`() {
        #expect(omissions(["sphere", "pine tree"], "two balls under a fir tree").objects.isEmpty)
        #expect(omissions(["wine glass"], "a wine glass with a red bowl", colour: "red") == .init(named: 1))
        #expect(omissions(["chair"], "a chair the chair is red", colour: "red") == .init(named: 1))
    }

    @Test func `a colour or a size that was said and is nowhere is found`() {
        #expect(omissions(["tower"], "a blue red roofed tower", colour: "red").words == ["blue"])
        #expect(omissions(["cube"], "a huge red cube", colour: "red").words == ["huge"])
    }

    @Test func `four objects are more than a scene has`() {
        let text = "a red chair and a blue table and a green lamp and a yellow mug"
        let error = #expect(throws: SonoformError.self) { try builtIn.understand(text: text) }
        #expect(error?.reason == .tooManyObjects && error?.expected == "at most 3 objects")
    }
}

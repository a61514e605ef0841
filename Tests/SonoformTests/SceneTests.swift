// Scenes: read from words, written to JSON, edited, and rendered.

import Foundation
import GoldenFiles
import PointClouds
import Testing

@testable import Sonoform

struct SceneTests {
    private let few = ConversionOptions(points: 200)

    @Test func `what is said becomes a scene`() throws {
        let scene = try builtIn.understand(file: sample("tall-red-chair.wav"))
        let chair = try #require(scene.objects.first)
        #expect(scene.heard == "a tall red chair with three blue legs" && scene.objects.count == 1)
        #expect(chair.noun == "chair" && chair.proportions == ["tall"] && chair.colour == "red" && chair.size == nil)
        #expect(chair.parts == [Scene.Part(name: "legs", count: 3, colour: "blue")])
        #expect(chair.copies == 1 && chair.relation == nil && scene.unplaced == nil)
        #expect(try #require(scene.confidence) > 0.5)
    }

    @Test func `relations lead to the objects that they are said of`() throws {
        let scene = try builtIn.understand(text: "two red cubes on top of a table next to a green cone")
        #expect(scene.objects.map(\.noun) == ["cube", "table", "cone"])
        #expect(scene.objects.map(\.copies) == [2, 1, 1])
        #expect(scene.objects.map(\.relation) == [Scene.Relation("on top of", to: 1), .init("next to", to: 2), nil])
    }

    @Test func `understanding and rendering are the two halves of converting`() throws {
        for options in [ConversionOptions(points: 300), ConversionOptions(points: 300, seed: 9, steps: 2)] {
            let path = sample("cube-on-table.wav")
            let whole = try builtIn.convert(file: path, options: options)
            let scene = try builtIn.understand(file: path)
            #expect(try builtIn.render(scene, options: options) == whole.cloud)
            #expect(whole.scene == scene)
        }
    }

    @Test func `a scene's JSON renders to the same cloud`() throws {
        let conversion = try builtIn.convert(text: "three red rockets beside a blue house", options: few)
        let again = try Scene(json: conversion.scene.json())
        #expect(again == conversion.scene)
        #expect(try builtIn.render(again, options: few) == conversion.cloud)
    }

    @Test func `a scene that was written by hand is rendered`() throws {
        let json = """
            {"objects": [
              {"noun": "lamp", "colour": "yellow", "relation": {"kind": "on top of", "to": 1}},
              {"noun": "table", "parts": [{"name": "legs", "count": 3}]},
              {"noun": "chair", "copies": 2, "relation": {"kind": "next to", "to": 1}}]}
            """
        let conversion = try builtIn.convert(try Scene(json: Array(json.utf8)), options: few)
        #expect(
            conversion.objects.map(\.description) == ["yellow lamp", "table with three legs", "chair", "chair"])
        let centers = conversion.objects.map(\.center)
        #expect(centers[0][2] > centers[1][2], "the lamp is on the table")
        #expect(centers[1][0] < centers[2][0] && centers[2][0] < centers[3][0], "the chairs are beside it")
    }

    @Test func `an edited object is made anew, and the others stay`() throws {
        var scene = try builtIn.understand(text: "a red cube next to a green cone")
        let before = try builtIn.convert(scene, options: few)
        scene.objects[0].colour = "blue"
        let after = try builtIn.convert(scene, options: few)
        #expect(after.objects.map(\.description) == ["blue cube", "green cone"])
        func colour(_ conversion: Conversion, _ object: UInt8) -> SIMD3<Int> {
            let colours = zip(conversion.cloud.colours ?? [], conversion.cloud.objects).filter { $0.1 == object }
            return colours.reduce(SIMD3<Int>.zero) { $0 &+ SIMD3<Int>(truncatingIfNeeded: $1.0) }
                / max(1, colours.count)
        }
        #expect(colour(before, 0).x > 150 && colour(after, 0).z > 150)
        #expect(after.scene.objects[1] == before.scene.objects[1])
        #expect(after.scene.objects[0].signals?.description == "blue cube")
    }

    @Test func `an object's own seed leads`() throws {
        var scene = try builtIn.understand(text: "a red chair")
        let drawn = try builtIn.render(scene, options: ConversionOptions(points: 200, seed: 5))
        scene.objects[0].seed = 5
        #expect(try builtIn.render(scene, options: few) == drawn)
    }

    @Test func `objects without a relation stand in a row`() throws {
        let scene = Scene([Scene.Object(noun: "cube"), Scene.Object(noun: "cone"), Scene.Object(noun: "sphere")])
        let conversion = try builtIn.convert(scene, options: few)
        #expect(conversion.objects.map(\.points) == [67, 67, 66])
        let centers = conversion.objects.map { $0.center[0] }
        #expect(centers == centers.sorted() && abs(centers[0] + centers[2]) < 0.3)
    }

    @Test(arguments: [
        ("{\"objects\": []}", SonoformError.Reason.invalidScene, "none"),
        ("{\"objects\": [{\"noun\": \"dragon\"}]}", .unknownObject(UnknownObject(noun: "dragon")), "\"dragon\""),
        ("{\"objects\": [{\"noun\": \"chair\", \"copies\": 0}]}", .invalidScene, "0"),
        ("{\"objects\": [{\"noun\": \"chair\", \"copies\": 9999999999}]}", .invalidScene, "9999999999"),
        ("{\"objects\": [{\"noun\": \"chair\", \"colour\": \"loud\"}]}", .invalidScene, "\"loud\""),
        ("{\"objects\": [{\"noun\": \"chair\", \"size\": \"red\"}]}", .invalidScene, "\"red\""),
        ("{\"objects\": [{\"noun\": \"chair\", \"proportions\": [\"big\"]}]}", .invalidScene, "\"big\""),
        ("{\"objects\": [{\"noun\": \"chair\", \"parts\": [{\"name\": \"wings\"}]}]}", .invalidScene, "\"wings\""),
        (
            "{\"objects\": [{\"noun\": \"chair\", \"parts\": [{\"name\": \"legs\", \"count\": 99}]}]}", .invalidScene,
            "99"
        ),
        (
            "{\"objects\": [{\"noun\": \"chair\", \"relation\": {\"kind\": \"next to\", \"to\": 0}}]}", .invalidScene,
            "object 0 to object 0"
        ),
        (
            "{\"objects\": [{\"noun\": \"chair\", \"relation\": {\"kind\": \"next to\", \"to\": -7}}]}", .invalidScene,
            "to object -7"
        ),
        (
            "{\"objects\": [{\"noun\": \"cube\"}, {\"noun\": \"chair\", \"relation\": {\"kind\": \"inside\", \"to\": 0}}]}",
            .invalidScene, "\"inside\""
        ),
    ])
    func `a scene that cannot be made is refused by name`(json: String, reason: SonoformError.Reason, got: String)
        throws
    {
        let scene = try Scene(json: Array(json.utf8))
        let error = #expect(throws: SonoformError.self) { try builtIn.render(scene) }
        #expect(error?.reason == reason && error?.got.contains(got) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("{\"objects\": 3}", "objects"), ("{", "JSON"), ("{\"objects\": [{\"colour\": \"red\"}]}", "noun"),
        (
            "{\"objects\": [{\"noun\": \"cube\", \"signals\": {\"description\": \"cube\", \"position\": [0, 0, 0], "
                + "\"scale\": 1, \"conditions\": {\"shape\": [8, 9000000], \"float32\": \"AAAA\"}}}]}", "float32"
        ),
    ])
    func `what is not a scene's JSON is refused by its key`(json: String, expected: String) {
        let error = #expect(throws: SonoformError.self) { try Scene(json: Array(json.utf8), source: "scene.json") }
        #expect(error?.reason == .invalidScene && error?.source == "scene.json")
        #expect(error?.expected.contains(expected) == true, "\(String(describing: error))")
    }

    @Test func `signals of another generator are refused`() throws {
        var scene = try builtIn.understand(text: "a red chair")
        let json = String(decoding: scene.json(), as: UTF8.self)
        let rows = try #require(scene.objects[0].signals?.conditions.rows)
        let columns = try #require(scene.objects[0].signals?.conditions.columns)
        let turned = json.replacing("\"shape\":[\(rows),\(columns)]", with: "\"shape\":[\(columns),\(rows)]")
        #expect(turned != json)
        scene = try Scene(json: Array(turned.utf8))
        let error = #expect(throws: SonoformError.self) { try builtIn.render(scene) }
        #expect(error?.reason == .invalidScene && error?.got == "\(columns) x \(rows)")
    }
}

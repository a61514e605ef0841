// What was understood is a value: it is changed and rendered again.

import PointClouds
import Sonoform
import Testing

@Suite struct EditScenes {
    @Test func `a scene is edited before it is rendered`() throws {
        var scene = try pipeline.understand(text: "a tall red chair next to a table")
        scene.objects[0].colour = "blue"
        scene.objects[1].copies = 2
        let cloud = try pipeline.render(scene, options: ConversionOptions(points: 3_000))

        #expect(pipeline.descriptions(of: scene) == ["tall blue chair", "table"])
        #expect(Set(cloud.objects) == [0, 1, 2])
        let chair = zip(cloud.colours ?? [], cloud.objects).filter { $0.1 == 0 }.map(\.0)
        #expect(chair.filter { $0.z > $0.x }.count > chair.count / 2)
    }

    @Test func `a scene goes through a file, and may be written by hand`() throws {
        let understood = try pipeline.understand(text: "a small yellow lamp with a black shade")
        let again = try Scene(json: understood.json())
        #expect(again == understood)

        let written = Scene([
            Scene.Object(noun: "mug", colour: "green", relation: Scene.Relation("on top of", to: 1)),
            Scene.Object(noun: "table", proportions: ["wide"], parts: [Scene.Part(name: "legs", colour: "black")]),
        ])
        let cloud = try pipeline.render(written)
        #expect(cloud.count == 4_096)
    }

    @Test func `a cloud is told in words`() throws {
        let cloud = try pipeline.render(Scene([Scene.Object(noun: "chair", colour: "red")]))
        let scene = try pipeline.understand(cloud, source: "chair.ply")
        #expect(scene.objects.map(\.noun) == ["chair"])
    }
}

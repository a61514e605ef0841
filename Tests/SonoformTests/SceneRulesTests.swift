// Scenes: the blocks' words and the objects' places, as the training package computes them.

import GoldenFiles
import PointClouds
import SystemPackage
import Testing

@testable import Sonoform

struct SceneRulesTests {
    struct Case: Decodable {
        let words: [String]
        let blocks: [SceneRules.Block]
        let stretches: [[Float]]
        let lower: [[Float]]
        let upper: [[Float]]
        let moves: [[[Float]]]
    }

    /// Blocks as a scene has them: each beside the next one.
    func chain(_ blocks: [SceneRules.Block]) -> [Scene.Object] {
        blocks.enumerated().map { index, block in
            let relation =
                index + 1 < blocks.count
                ? Scene.Relation(block.relation ?? rules.unsaidRelation, to: index + 1) : nil
            return Scene.Object(noun: block.description, copies: block.copies, relation: relation)
        }
    }

    let rules: SceneRules
    let language: DescriptionLanguage
    let cases: [Case]

    init() throws {
        rules = try GoldenFiles.decode(SceneRules.self, GoldenFiles.path("scene/rules.json"))
        cases = try GoldenFiles.decode([Case].self, GoldenFiles.path("scene/cases.json"))
        language = try DescriptionLanguage(directory: FilePath(builtInDirectory))
    }

    @Test func `blocks are told apart as in training`() {
        #expect(cases.count >= 40)
        for scene in cases { #expect(scene.words.map(rules.block) == scene.blocks) }
    }

    @Test func `proportions stretch objects as in training`() throws {
        for scene in cases {
            for (block, expected) in zip(scene.blocks, scene.stretches) {
                let object = try #require(
                    language.object(block.description, proportions: (rules.proportions ?? [:]).keys))
                let stretch = rules.stretch(object.proportions)
                #expect([stretch.x, stretch.y, stretch.z] == expected, "\(block.description)")
            }
        }
        #expect(cases.contains { $0.stretches.contains { $0 != [1, 1, 1] } })
        #expect(rules.stretch(["tall"]) == SIMD3(1, 1, 1.6) && rules.stretch([]) == SIMD3(1, 1, 1))
    }

    @Test func `objects stand where training has them`() {
        func vector(_ row: [Float]) -> SIMD3<Float> { SIMD3(row[0], row[1], row[2]) }
        for scene in cases {
            let bounds = zip(scene.lower, scene.upper).map { (lower: vector($0), upper: vector($1)) }
            let moves = rules.moves(chain(scene.blocks), bounds: bounds)
            #expect(moves.map(\.count) == scene.blocks.map(\.copies))
            for (row, expected) in zip(moves, scene.moves) {
                for (move, other) in zip(row, expected) {
                    let difference = move - vector(other)
                    #expect((difference * difference).sum() < 1e-8, "\(scene.words)")
                }
            }
        }
    }

    @Test func `one object alone stays where it is`() {
        let block = rules.block("tall red chair with three blue legs")
        #expect(block == SceneRules.Block(description: "tall red chair with three blue legs", copies: 1, relation: nil))
        #expect(rules.moves(chain([block]), bounds: [(SIMD3(1, 2, 3), SIMD3(4, 5, 6))]) == [[.zero]])
    }

    @Test func `a lone relation or number is left as it is`() {
        #expect(rules.block("two").description == "two")
        #expect(rules.block("next to").description == "next to")
        #expect(rules.block("").description == "")
    }

    @Test func `a block without a relation stands beside the next one, as with "and"`() {
        let box = (lower: SIMD3<Float>(-0.5, -0.5, 0), upper: SIMD3<Float>(0.5, 0.5, 1))
        let blocks = [rules.block("cube"), rules.block("sphere")]
        let moves = rules.moves(chain(blocks), bounds: [box, box])
        #expect(moves[0][0] == SIMD3(-0.625, 0, 0) && moves[1][0] == SIMD3(0.625, 0, 0))
    }

    @Test func `missing objects are not made`() {
        let few = SceneRules(
            counts: [:], copiesGap: 0.25, relations: [:], unsaidRelation: "and", groupsGap: 0.25, pointsPerStray: 2_048,
            proportions: nil, missing: ["pine tree", "bowl"])
        #expect(few.makes("tree") && few.makes("wine glass"))
        #expect(!few.makes("pine tree") && !few.makes("bowl"))
        #expect(rules.makes("bowl"))
    }

    @Test func `a stray point does not count for the bounds`() throws {
        var positions = (0..<4_096).map { SIMD3<Float>(repeating: Float($0) / 4_096) }
        positions[100] = SIMD3(repeating: 9)
        let bounds = try #require(PointCloud(positions: positions).bounds(pointsPerStray: 2_048))
        #expect(bounds.upper.max() < 1 && bounds.upper.min() > 0.99 && bounds.lower.max() < 0.01)
    }
}

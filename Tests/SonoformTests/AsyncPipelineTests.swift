// Converting without waiting: the same clouds, in order, and an end when nobody wants them any more.

import AudioFeatures
import Foundation
import GoldenFiles
import PointClouds
import Testing

@testable import Sonoform

struct AsyncPipelineTests {
    private let few = ConversionOptions(points: 100)

    @Test func `what comes is what comes when one waits`() async throws {
        let pipeline = AsyncPipeline(builtIn)
        let scene = try await pipeline.understand(text: "a red chair")
        #expect(try await pipeline.render(scene, options: few) == builtIn.render(scene, options: few))
        #expect(try await pipeline.convert(text: "a red chair", options: few).scene == scene)
    }

    @Test func `many are converted side by side, a few at once`() async throws {
        let pipeline = AsyncPipeline(builtIn, width: 2)
        let texts = ["a red ball", "a blue cube", "a green cone", "a yellow ring", "a white mug"]
        let heard = try await withThrowingTaskGroup(of: String.self) { group in
            for text in texts { group.addTask { try await pipeline.convert(text: text, options: few).heard } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(heard == Set(texts))
    }

    @Test func `utterances come one at a time, in order`() async throws {
        let scratch = try Scratch()
        let names = ["tall-red-chair.wav", "brown-table.flac"]
        let samples = try names.map { try Recording(contentsOf: sample($0)).samples }
            .joined(separator: [Float](repeating: 0, count: 24_000))
        let path = try scratch.write("several.wav", WaveFile(Array(samples), coding: .pcm16).bytes)
        var descriptions: [String] = []
        for try await utterance in AsyncPipeline(builtIn).utterances(of: path, options: few) {
            #expect(utterance.index == descriptions.count && utterance.count == 2)
            descriptions.append(try utterance.outcome.get().description)
        }
        #expect(descriptions == ["tall red chair with three blue legs", "brown table with four white legs"])
    }

    @Test func `a refusal has its reason`() async {
        let error = await #expect(throws: SonoformError.self) {
            try await AsyncPipeline(builtIn).convert(text: "the weather was fine on sunday")
        }
        #expect(error?.reason == .notADescription)
    }

    @Test func `a task that is cancelled ends`() async throws {
        let pipeline = AsyncPipeline(builtIn)
        let task = Task {
            try await Task.sleep(for: .seconds(0.01))
            return try await pipeline.convert(text: "a red chair", options: few)
        }
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await pipeline.convert(text: "a red chair", options: few)
        }
        late.cancel()
        let error = await #expect(throws: SonoformError.self) { try await late.value }
        #expect(error?.reason == .cancelled)
        #expect(try await task.value.heard == "a red chair")
    }
}

// The whole way by discrete signals, with a code writer of random weights beside the shipped components.

import Foundation
import GoldenFiles
import PointClouds
import Testing

@testable import Sonoform
@testable import Tensors

struct DiscreteSignalTests {
    private let scratch: Scratch
    private let folder: String

    init() throws {
        scratch = try Scratch()
        folder = scratch.file("pipeline")
        try copyWithRandomCodeWriter(of: builtInDirectory, to: folder)
    }

    @Test func `a description becomes a cloud, which hangs on its words and its seed`() throws {
        let pipeline = try Pipeline(directory: folder)
        func convert(_ text: String, seed: UInt64 = 0, _ signals: ModalitySignals = .discrete) throws -> Conversion {
            try pipeline.convert(text: text, options: ConversionOptions(points: 500, seed: seed, signals: signals))
        }
        let chair = try convert("a red chair")
        #expect(chair.signals == .discrete && chair.cloud.count == 500)
        #expect(chair.objects.map(\.description) == ["red chair"])
        #expect(try convert("a red chair").cloud == chair.cloud)
        #expect(try convert("a blue ball").cloud.positions != chair.cloud.positions)
        #expect(try convert("a red chair", seed: 1).cloud != chair.cloud)
        let continuous = try convert("a red chair", .continuous)
        #expect(continuous.signals == .continuous && continuous.cloud != chair.cloud)
        let shipped = try builtIn.convert(text: "a red chair", options: ConversionOptions(points: 500))
        #expect(shipped.cloud == continuous.cloud)
    }

    @Test func `a joined recording keeps its signals`() throws {
        let pipeline = try Pipeline(directory: folder)
        let joined = try pipeline.convertJoined(
            sample("tall-red-chair.wav"), options: ConversionOptions(points: 100, signals: .discrete))
        #expect(joined.conversion.signals == .discrete && joined.conversion.cloud.count == 100)
    }

    @Test func `a pipeline without a code writer says so`() throws {
        let plain = scratch.file("plain")
        try copyWithoutCodeWriter(of: builtInDirectory, to: plain)
        let pipeline = try Pipeline(directory: plain)
        let options = ConversionOptions(signals: .discrete)
        let error = #expect(throws: SonoformError.self) {
            try pipeline.convert(text: "a red chair", options: options)
        }
        #expect(error?.expected.contains("code_writer") == true)
    }

    @Test func `steps and guidance are the flow's`() throws {
        let pipeline = try Pipeline(directory: folder)
        for (options, got) in [
            (ConversionOptions(steps: 4, signals: .discrete), "steps 4"),
            (ConversionOptions(steps: 4, guidance: 1.5, signals: .discrete), "steps 4 and guidance 1.5"),
        ] {
            let error = #expect(throws: SonoformError.self) {
                try pipeline.convert(text: "a red chair", options: options)
            }
            #expect(error?.got == got)
        }
    }

    @Test(arguments: [
        ("\"latents\": 32", "\"latents\": 31", "latents [32, 11]"),
        ("\"features\": 8, \"levels\": 5", "\"features\": 2, \"levels\": 625", "latents [32, 11]"),
    ])
    func `a writer of another generator's codes is refused`(from: String, to: String, expected: String) throws {
        let path = folder + "/code_writer/config.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(from))
        try Data(text.replacing(from, with: to).utf8).write(to: URL(filePath: path))
        let error = #expect(throws: SonoformError.self) { try Pipeline(directory: folder) }
        #expect(error?.expected.contains(expected) == true, "\(String(describing: error))")
    }

    @Test func `an unknown kind of writer is refused`() throws {
        let path = folder + "/code_writer/config.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try Data(text.replacing("\"model_type\": \"llama\"", with: "\"model_type\": \"mamba\"").utf8)
            .write(to: URL(filePath: path))
        let error = #expect(throws: SonoformError.self) { try Pipeline(directory: folder) }
        #expect(error?.reason == .damagedPipeline && error?.source == path && error?.got == "\"mamba\"")
    }

    @Test func `a summary tells of the writer`() throws {
        let summary = try PipelineSummary(directory: folder)
        #expect(summary.components.contains { $0.name == "code_writer" && $0.variant == "llama" })
        #expect(summary.checks.contains { $0.contains("code writer") })
        #expect(try ComponentSummary(directory: folder + "/code_writer").name == "code_writer")
        #expect(try ComponentSummary(directory: folder + "/language_model").name == "language_model")
    }
}

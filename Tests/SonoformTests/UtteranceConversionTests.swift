// Several utterances in one recording: a cloud each, or one scene.

import AudioFeatures
import Foundation
import GoldenFiles
import PointClouds
import Testing

@testable import Sonoform

struct UtteranceConversionTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A recording of samples with silences between.
    private func recording(_ names: [String], silence seconds: Double = 1.5) throws -> String {
        var samples: [Float] = []
        for (index, name) in names.enumerated() {
            if index > 0 { samples += [Float](repeating: 0, count: Int(seconds * 16_000)) }
            samples += try Recording(contentsOf: sample(name)).samples
        }
        return try scratch.write("several.wav", WaveFile(samples, coding: .pcm16).bytes)
    }

    @Test func `a recording with one utterance becomes what it always became`() throws {
        let expected = try builtIn.convert(file: sample("tall-red-chair.wav"))
        var seen = 0
        try builtIn.convertUtterances(of: sample("tall-red-chair.wav")) { utterance in
            seen += 1
            #expect(utterance.isAlone)
            let cloud = try utterance.outcome.get().cloud
            #expect(cloud == expected.cloud)
        }
        #expect(seen == 1)
        #expect(try builtIn.convertJoined(sample("tall-red-chair.wav")).conversion.cloud == expected.cloud)
    }

    @Test func `every utterance becomes a cloud, with its times`() throws {
        let path = try recording(["tall-red-chair.wav", "brown-table.flac"])
        var found: [UtteranceConversion] = []
        try builtIn.convertUtterances(of: path) { found.append($0) }
        #expect(found.map(\.count) == [2, 2])
        let descriptions = try found.map { try $0.outcome.get().objects.map(\.description) }
        #expect(descriptions == [["tall red chair with three blue legs"], ["brown table with four white legs"]])
        let first = try Recording(contentsOf: sample("tall-red-chair.wav")).duration.inSeconds
        #expect(found[0].seconds.lowerBound < 0.6 && abs(found[0].seconds.upperBound - first) < 0.6)
        #expect(found[1].seconds.lowerBound > first + 1)
    }

    @Test func `joined utterances stand side by side and share the points`() throws {
        let path = try recording(["tall-red-chair.wav", "brown-table.flac", "red-ball.flac"])
        let joined = try builtIn.convertJoined(path, options: ConversionOptions(points: 1_000))
        #expect(joined.conversion.cloud.count == 1_000)
        #expect(joined.conversion.objects.map(\.points) == [334, 333, 333])
        #expect(Set(joined.conversion.cloud.objects) == [0, 1, 2])
        let centers = joined.conversion.objects.map { $0.center[0] }
        #expect(centers == centers.sorted())
        for (left, right) in zip(0..<2, 1..<3) {
            let xs = { (object: Int) in
                zip(joined.conversion.cloud.positions, joined.conversion.cloud.objects)
                    .filter { $0.1 == object }.map(\.0.x)
            }
            #expect(try #require(xs(left).max()) < #require(xs(right).min()))
        }
    }

    @Test func `an utterance that says nothing is told, and does not take the others' points`() throws {
        let path = try recording(["tall-red-chair.wav", "noise.flac", "red-ball.flac"])
        var refused = 0
        try builtIn.convertUtterances(of: path) { utterance in
            guard case .failure(let error) = utterance.outcome else { return }
            refused += 1
            #expect("\(error)".contains(path) && "\(error)".contains(" s: expected"))
        }
        let joined = try builtIn.convertJoined(path, options: ConversionOptions(points: 500))
        #expect(joined.conversion.cloud.count == 500)
        #expect(refused == joined.utterances.count - 2)
    }

    @Test func `talk that goes on too long is parted at its best pause`() throws {
        let chair = try Recording(contentsOf: sample("tall-red-chair.wav")).samples
        let long = (0..<(31 * 16_000 / chair.count + 1)).flatMap { _ in chair }
        let path = try scratch.write("long.wav", WaveFile(long, coding: .pcm16).bytes)
        var seconds: [Range<Double>] = []
        _ = try? builtIn.convertUtterances(of: path) { seconds.append($0.seconds) }
        #expect(seconds.count >= 2 && seconds.allSatisfy { $0.upperBound - $0.lowerBound <= 30 })
        #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound + 0.01 })
    }
}

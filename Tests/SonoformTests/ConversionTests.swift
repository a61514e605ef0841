// The whole way, with the shipped pipeline: what is said is what is made.

import AudioFeatures
import PointClouds
import Testing

@testable import Sonoform

struct ConversionTests {
    @Test func `the samples are there`() {
        #expect(Sample.spoken.count >= 12)
        #expect(Set(Sample.spoken.map(\.voice)).count >= 6)
    }

    @Test(arguments: Sample.spoken.filter { !$0.file.contains("stereo") })
    func `a recording becomes the cloud of its description`(recording: Sample) throws {
        let conversion = try builtIn.convert(file: sample(recording.file))
        // Of the words only an article may be another: nothing of the description hangs on it.
        #expect(contentWords(conversion.heard) == contentWords(recording.text))
        #expect(conversion.objects.map(\.description) == recording.objects)
        #expect(conversion.cloud.count == 4_096)
        #expect(conversion.cloud.normals != nil && conversion.cloud.colours != nil)
        let bounds = try #require(conversion.cloud.bounds)
        #expect(abs(bounds.lower.z) < 0.06, "stands on the ground")
    }

    @Test func `a stereo recording at 44.1 kHz is mixed and resampled`() throws {
        let recording = try #require(Sample.spoken.first { $0.file.contains("stereo") })
        #expect(try builtIn.convert(file: sample(recording.file)).heard == recording.text)
    }

    @Test func `text and speech make the same cloud`() throws {
        let said = try builtIn.convert(file: sample("tall-red-chair.wav"))
        let typed = try builtIn.convert(text: "A tall red chair with three blue legs.")
        #expect(said.objects.map(\.description) == typed.objects.map(\.description))
        #expect(CloudComparison(said.cloud, typed.cloud).chamferDistance < 0.05)
    }

    @Test func `colours are the description's`() throws {
        for (name, rgb) in [("red", (214, 39, 40)), ("blue", (31, 96, 200)), ("black", (25, 25, 25))] {
            let colours = try #require(try builtIn.convert(text: "a \(name) cube").cloud.colours)
            let near = colours.count {
                abs(Int($0.x) - rgb.0) < 40 && abs(Int($0.y) - rgb.1) < 40 && abs(Int($0.z) - rgb.2) < 40
            }
            #expect(near > colours.count * 9 / 10, "\(name)")
        }
    }

    @Test(arguments: [("tiny", 0.4), ("small", 0.65), ("big", 1.5), ("huge", 2.0)])
    func `sizes are the description language's`(word: String, factor: Float) throws {
        let conversion = try builtIn.convert(text: "a \(word) cube")
        let bounds = try #require(conversion.cloud.bounds)
        #expect(abs(conversion.objects[0].scale - factor) < 0.05 * factor)
        #expect(abs((bounds.upper - bounds.lower).max() - factor) < 0.12 * factor)
    }

    @Test func `a tall object is higher than it is wide`() throws {
        let bounds = try #require(try builtIn.convert(text: "a tall cube").cloud.bounds)
        let extent = bounds.upper - bounds.lower
        #expect(extent.z / extent.x > 1.4 && extent.z / extent.x < 1.8)
    }

    @Test func `the same input and seed give the same cloud, another seed another`() throws {
        let first = try builtIn.convert(file: sample("tall-red-chair.wav"))
        let again = try builtIn.convert(file: sample("tall-red-chair.wav"))
        let other = try builtIn.convert(
            file: sample("tall-red-chair.wav"), options: ConversionOptions(seed: 1))
        #expect(first.cloud == again.cloud)
        #expect(first.cloud != other.cloud)
    }

    @Test(arguments: [1, 7, 1_000, 10_000])
    func `a cloud has as many points as were asked for`(points: Int) throws {
        let conversion = try builtIn.convert(text: "a red chair", options: ConversionOptions(points: points))
        #expect(conversion.cloud.count == points)
        #expect(conversion.objects.map(\.points) == [points])
    }

    @Test(arguments: ["noise.flac", "silence.wav"])
    func `what describes nothing is refused`(name: String) {
        let error = #expect(throws: SonoformError.self) { try builtIn.convert(file: sample(name)) }
        #expect(error?.reason == .noSpeech)
    }

    @Test(arguments: ["", "  ", "please make", "the weather was fine on sunday", "xyzzy"])
    func `text that describes nothing is refused`(text: String) {
        let error = #expect(throws: SonoformError.self) { try builtIn.convert(text: text) }
        #expect(error?.reason == .notADescription)
    }

    @Test func `a recording that is too long or at another rate is refused`() {
        let long = Recording(samples: [Float](repeating: 0.01, count: 31 * 16_000), sampleRateHz: 16_000)
        let tooLong = #expect(throws: SonoformError.self) { try builtIn.convert(long, source: "long") }
        #expect(tooLong?.reason == .tooLong && tooLong?.source == "long")
        let slow = Recording(samples: [Float](repeating: 0.01, count: 8_000), sampleRateHz: 8_000)
        let wrongRate = #expect(throws: SonoformError.self) { try builtIn.convert(slow, source: "slow") }
        #expect(wrongRate?.reason == .wrongRate)
    }

    @Test func `one pipeline serves several threads`() async throws {
        let expected = try builtIn.convert(text: "a red ball").cloud
        try await withThrowingTaskGroup(of: PointCloud.self) { group in
            for _ in 0..<4 { group.addTask { try builtIn.convert(text: "a red ball").cloud } }
            for try await cloud in group { #expect(cloud == expected) }
        }
    }
}

/// The words of a text but for its articles.
private func contentWords(_ text: String) -> [Substring] {
    text.split(separator: " ").filter { $0 != "a" && $0 != "the" }
}

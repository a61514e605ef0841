// From sound to a cloud: a file, a file's bytes, samples.

import AudioFeatures
import Foundation
import PointClouds
import Sonoform
import Testing

@Suite struct ConvertRecordings {
    @Test func `a recording on disk becomes a PLY file`() throws {
        let folder = try TemporaryFolder()
        let output = folder.path + "/chair.ply"

        let pipeline = try Pipeline(directory: PipelineLocation.find())
        let conversion = try pipeline.convert(file: sample("tall-red-chair.wav"))
        try conversion.cloud.writePLY(to: output)

        #expect(conversion.heard == "a tall red chair with three blue legs")
        #expect(try PointCloud(reading: output).count == 4_096)
    }

    @Test func `bytes that came over a network become bytes to send back`() throws {
        let received = try Data(contentsOf: URL(filePath: sample("yellow-lamp.flac")))

        let input = try AudioInput(bytes: received, name: "request 7")
        let recording = try Recording(contentsOf: input)
        let conversion = try pipeline.convert(recording, source: "request 7")
        let sent = conversion.cloud.bytes(format: .glb)

        #expect(conversion.description == "yellow lamp with black shade")
        #expect(sent.starts(with: "glTF".utf8))
    }

    @Test func `samples from a microphone need no file`() throws {
        let samples = try Recording(contentsOf: sample("red-ball.flac")).samples

        let recording = Recording(samples: samples, sampleRateHz: 16_000)
        var options = ConversionOptions(points: 1_000, seed: 7)
        options.signals = .discrete
        let conversion = try pipeline.convert(recording, options: options)

        #expect(conversion.objects.map(\.description) == ["red sphere"])
        #expect(conversion.cloud.count == 1_000)
    }
}

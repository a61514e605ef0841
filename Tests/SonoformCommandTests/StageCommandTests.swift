// The stages by themselves give what the whole gives; inspect and compare say what things are.

import Foundation
import GoldenFiles
import PointClouds
import Tensors
import Testing

@testable import SonoformCommand

struct StageCommandTests {
    let scratch: Scratch
    let chair = GoldenFiles.root + "/audio-samples/tall-red-chair.wav"
    let pipeline = GoldenFiles.root + "/Sources/Sonoform/Resources/built-in"

    init() throws { scratch = try Scratch() }

    @Test func `features, encoder and projector run one after the other`() throws {
        let (features, phones, words) = (scratch.file("f.npy"), scratch.file("p.npy"), scratch.file("w.npy"))
        #expect(try Run("features", chair, "-o", features).status == 0)
        let spectrogram = try Tensor(npy: features)
        #expect(spectrogram.rows == 80)
        #expect(try Run("run-stage", "phones", pipeline, "--input", features, "--output", phones).status == 0)
        let posteriors = try Tensor(npy: phones)
        #expect(posteriors.rows == (spectrogram.columns + 1) / 2)
        #expect((0..<posteriors.rows).allSatisfy { abs(posteriors.row($0).reduce(0, +) - 1) < 1e-3 })
        #expect(
            try Run("run-stage", "input-projector", pipeline, "--input", phones, "--output", words, "--json").status
                == 0)
        #expect((4...12).contains(try Tensor(npy: words).rows), "eight words, more or less")
    }

    @Test func `a stage given the wrong tensor says so`() throws {
        try Tensor(zeros: 3, 5).writeNPY(to: scratch.file("x.npy"))
        let run = try Run(
            "run-stage", "generator", pipeline, "--input", scratch.file("x.npy"), "--output", scratch.file("y.npy"))
        #expect(run.status == 1 && run.errorLines.count == 1)
        #expect(run.errors.contains("x.npy") && run.errors.contains("[3, 5]"))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("y.npy")))
    }

    @Test func `inspect tells what a pipeline, a recording and a cloud are`() throws {
        #expect(try Run("inspect").output.contains("a sound pipeline"))
        #expect(try Run("inspect", chair).output.contains("16000 Hz"))
        _ = try Run("convert", "--text", "a red ball", "-o", scratch.file("ball.ply"), "--points", "64")
        #expect(try Run("inspect", scratch.file("ball.ply")).output.contains("64 points, normals, colours"))
        let missing = try Run("inspect", scratch.file("nothing.ply"))
        #expect(missing.status == 1 && missing.errorLines.count == 1)
    }

    @Test func `compare finds a cloud equal to itself and unlike another`() throws {
        let ball = scratch.file("ball.ply")
        let chair = scratch.file("chair.ply")
        _ = try Run("convert", "--text", "a red ball", "-o", ball, "--points", "500")
        _ = try Run("convert", "--text", "a red chair", "-o", chair, "--points", "500")
        struct Figures: Decodable { let chamferDistance: Double, fScore: Double }
        let same = try JSONDecoder().decode(
            Figures.self, from: Data(try Run("compare", ball, ball, "--json").output.utf8))
        let other = try JSONDecoder().decode(
            Figures.self, from: Data(try Run("compare", ball, chair, "--json").output.utf8))
        #expect(same.chamferDistance == 0 && same.fScore == 1)
        #expect(other.chamferDistance > 0.05 && other.fScore < 0.9)
    }
}

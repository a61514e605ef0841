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

    @Test func `codes are written, and points read from them`() throws {
        let folder = scratch.file("pipeline")
        try copyWithRandomCodeWriter(of: pipeline, to: folder)
        let (conditions, codes, points) = (scratch.file("c.npy"), scratch.file("l.npy"), scratch.file("p.npy"))
        try scattered(8, 192).writeNPY(to: conditions)
        #expect(try Run("run-stage", "code-writer", folder, "--input", conditions, "--output", codes).status == 0)
        let latents = try Tensor(npy: codes)
        #expect(latents.shape == [32, 11])
        #expect(
            latents.columns(3..<11).values.allSatisfy { [-1, -0.5, 0, 0.5, 1].contains($0) }, "five levels a feature")
        #expect(
            try Run("run-stage", "generator", folder, "--input", codes, "--output", points, "--points", "50").status
                == 0)
        #expect(try Tensor(npy: points).shape == [50, 9])
        let inspection = try Run("inspect", folder).output
        #expect(inspection.contains("code_writer") && inspection.contains("ok: the code writer"))
        let plain = scratch.file("plain")
        try copyWithoutCodeWriter(of: pipeline, to: plain)
        let without = try Run("run-stage", "code-writer", plain, "--input", conditions, "--output", codes)
        #expect(without.status == 1 && without.errorLines.count == 1 && without.errors.contains("code_writer"))
    }

    @Test func `a stage given the wrong tensor says so`() throws {
        try Tensor(zeros: 3, 5).writeNPY(to: scratch.file("x.npy"))
        let run = try Run(
            "run-stage", "generator", pipeline, "--input", scratch.file("x.npy"), "--output", scratch.file("y.npy"))
        #expect(run.status == 1 && run.errorLines.count == 1)
        #expect(run.errors.contains("x.npy") && run.errors.contains("[3, 5]"))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("y.npy")))
    }

    @Test func `inspect tells what a pipeline, a component, a recording and a cloud are`() throws {
        #expect(try Run("inspect").output.contains("a sound pipeline"))
        #expect(try Run("inspect", pipeline + "/language_model").output.contains("a sound language_model, llama"))
        #expect(try Run("inspect", chair).output.contains("16000 Hz"))
        _ = try Run("convert", "--text", "a red ball", "-o", scratch.file("ball.ply"), "--points", "64")
        let ball = try Run("inspect", scratch.file("ball.ply")).output
        #expect(ball.contains("64 points, normals, colours, 1 object") && ball.contains("float nx"))
        for thing in ["nothing.ply", "."] {
            let missing = try Run("inspect", scratch.file(thing))
            #expect(missing.status == 1 && missing.errorLines.count == 1)
        }
    }

    @Test func `inspect's JSON has the kind and the figures`() throws {
        func facts(_ path: String) throws -> [String: Any] {
            let line = try Run("inspect", path, "--json").output
            return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let all = try facts(pipeline)
        #expect(all["kind"] as? String == "pipeline" && ((all["components"] as? [Any])?.count ?? 0) >= 5)
        #expect(try facts(pipeline + "/modality_encoder")["kind"] as? String == "component")
        let sound = try facts(chair)
        #expect(sound["sample_rate_hz"] as? Int == 16_000 && sound["channels"] as? Int == 1)
        #expect(abs(try #require(sound["level_dbfs"] as? Double) + 20) < 1)
        _ = try Run("convert", "--text", "a red ball", "-o", scratch.file("ball.ply"), "--points", "64")
        #expect(try facts(scratch.file("ball.ply"))["points"] as? Int == 64)
    }

    @Test func `convert writes the format asked for, or the one that the path names`() throws {
        for (arguments, file, start) in [
            (["--format", "glb", "-o", scratch.path + "/"], "a-red-ball.glb", "glTF"),
            (["-o", scratch.file("b.obj")], "b.obj", "# Points"),
            (["--format", "ply-ascii", "-o", scratch.file("c.ply")], "c.ply", "ply\nformat ascii"),
            (["--format", "xyz", "-o", scratch.file("d")], "d", ""),
        ] {
            #expect(try Run(list: ["convert", "--text", "a red ball", "--points", "64"] + arguments).status == 0)
            let written = try Data(contentsOf: URL(filePath: scratch.file(file)))
            #expect(written.starts(with: start.utf8), "\(file)")
        }
        #expect(try Run("convert", "--text", "a red ball", "--format", "pcd").status == 2)
    }

    @Test func `compare gives a score for every threshold`() throws {
        let (a, b) = (GoldenFiles.path("pointclouds/a.ply"), GoldenFiles.path("pointclouds/b.ply"))
        let run = try Run("compare", a, b, "--threshold", "0.01", "--threshold", "0.1")
        #expect(run.output.contains("F-score at 0.01") && run.output.contains("F-score at 0.1 "))
        #expect(try Run("compare", a, b, "--threshold", "-1").status == 2)
    }

    @Test func `compare finds a cloud equal to itself and unlike another`() throws {
        let ball = scratch.file("ball.ply")
        let chair = scratch.file("chair.ply")
        _ = try Run("convert", "--text", "a red ball", "-o", ball, "--points", "500")
        _ = try Run("convert", "--text", "a red chair", "-o", chair, "--points", "500")
        struct Score: Decodable { let f_score: Double }
        struct Figures: Decodable { let chamfer_distance: Double, f_scores: [Score] }
        let same = try JSONDecoder().decode(
            Figures.self, from: Data(try Run("compare", ball, ball, "--json").output.utf8))
        let other = try JSONDecoder().decode(
            Figures.self, from: Data(try Run("compare", ball, chair, "--json").output.utf8))
        #expect(same.chamfer_distance == 0 && same.f_scores.map(\.f_score) == [1])
        #expect(other.chamfer_distance > 0.05 && other.f_scores[0].f_score < 0.9)
    }
}

// The program as users run it: outputs, exit codes, and one line for everything that goes wrong.

import Foundation
import GoldenFiles
import PointClouds
import Testing

@testable import SonoformCommand

/// What a run of the program gave.
struct Run {
    let status: Int32
    let output: String
    let errors: String

    /// Runs the program.
    init(_ arguments: String..., environment: [String: String] = [:]) throws {
        try self.init(list: arguments, environment: environment)
    }

    /// The same with the arguments in an array.
    init(list arguments: [String], environment: [String: String] = [:]) throws {
        let folder = FileManager.default.temporaryDirectory.path()
        try self.init(program: Self.program, arguments, in: folder, environment: environment)
    }

    /// Runs a script of bash in a folder, for what only a shell has: names of any bytes, pipes, links.
    ///
    /// `$SF` is the program, `$S` the folder of recordings, `$P` options that make conversions quick.
    init(script: String, in folder: String, environment: [String: String] = [:]) throws {
        let own = [
            "SF": try Self.program, "S": GoldenFiles.root + "/audio-samples", "P": "--points 64 --threads 1",
            "G": GoldenFiles.root + "/Tests/Goldens",
        ]
        try self.init(
            program: "/bin/bash", ["-c", script], in: folder, environment: own.merging(environment) { $1 })
    }

    /// The program that was built beside these tests.
    static var program: String {
        get throws {
            let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: here).deletingLastPathComponent().appending(path: "sonoform").path()
        }
    }

    private init(program: String, _ arguments: [String], in folder: String, environment: [String: String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = URL(filePath: folder)
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }

    var lines: [Substring] { output.split(separator: "\n") }
    var errorLines: [Substring] { errors.split(separator: "\n") }
}

private func sample(_ name: String) -> String { GoldenFiles.root + "/audio-samples/" + name }

struct ConvertTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `a recording becomes a PLY and a picture, and the user is told`() throws {
        let ply = scratch.file("chair.ply")
        let run = try Run("convert", sample("tall-red-chair.wav"), "-o", ply, "--picture")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("heard \"a tall red chair with three blue legs\""))
        #expect(run.output.contains(ply))
        #expect(try PointCloud(reading: ply).count == 4_096)
        let png = try Data(contentsOf: URL(filePath: scratch.file("chair.png")))
        #expect(png.starts(with: [0x89, 0x50, 0x4e, 0x47]))
        #expect(scratch.contents == ["chair.ply", "chair.png"])
    }

    @Test func `json tells what was heard, what was made and what it took`() throws {
        struct Line: Decodable {
            struct Object: Decodable {
                let description: String
                let center: [Float]
                let scale: Float
                let points: Int
            }
            let input: String
            let heard: String
            let objects: [Object]
            let output: String
            let seconds: [String: Double]
            let peak_memory_bytes: Int
        }
        let run = try Run(
            "convert", "--text", "a tall red chair", "-o", scratch.file("c.ply"), "--json", "--points", "500")
        #expect(run.status == 0, "\(run.errors)")
        let line = try JSONDecoder().decode(Line.self, from: Data(run.output.utf8))
        #expect(line.input == "a tall red chair" && line.heard == "a tall red chair")
        #expect(line.objects.map(\.points) == [500] && line.objects[0].center.count == 3)
        #expect(
            Set(line.seconds.keys) == [
                "load", "features", "encode", "project", "language", "generate", "write", "total",
            ])
        #expect(line.seconds["total"]! > line.seconds["generate"]!)
        #expect(line.peak_memory_bytes > 1_000_000)
    }

    @Test func `discrete signals need a pipeline with a code writer, and no flow`() throws {
        let shipped = GoldenFiles.root + "/Sources/Sonoform/Resources/built-in"
        let (folder, plain) = (scratch.file("pipeline"), scratch.file("plain"))
        try copyWithRandomCodeWriter(of: shipped, to: folder)
        try copyWithoutCodeWriter(of: shipped, to: plain)
        func convert(_ options: String...) throws -> Run {
            let own = ["convert", "--text", "a red ball", "--points", "100", "--signals", "discrete", "--json"]
            return try Run(list: own + ["-o", scratch.file("ball.ply")] + options)
        }
        let run = try convert("--model", folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("\"signals\":\"discrete\""))
        #expect(try PointCloud(reading: scratch.file("ball.ply")).count == 100)
        let without = try convert("--model", plain)
        #expect(without.status == 1 && without.errorLines.count == 1 && without.errors.contains("code_writer"))
        #expect(try convert("--model", folder, "--steps", "4").status == 2)
        #expect(try convert("--model", folder, "--guidance", "2").status == 2)
        #expect(try Run("convert", "--text", "a red ball", "--signals", "smoke").status == 2)
    }

    @Test func `one bad recording does not stop the others`() throws {
        let bad = try scratch.write("bad.wav", "hello, this is text".utf8)
        let run = try Run("convert", bad, sample("red-ball.flac"), "-o", scratch.file("out/"), "--points", "100")
        #expect(run.status == 1)
        #expect(run.errorLines.count == 1 && run.errors.contains(bad))
        #expect(try PointCloud(reading: scratch.file("out/red-ball.ply")).count == 100)
    }

    @Test func `recordings of the same name are kept apart`() throws {
        let files = FileManager.default
        try files.copyItem(atPath: sample("red-ball.flac"), toPath: scratch.file("a.flac"))
        try files.copyItem(atPath: sample("tall-red-chair.wav"), toPath: scratch.file("a.wav"))
        let run = try Run(
            "convert", scratch.file("a.flac"), scratch.file("a.wav"), "-o", scratch.file("out"), "--points", "10")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try files.contentsOfDirectory(atPath: scratch.file("out")).sorted() == ["a.flac.ply", "a.wav.ply"])
    }

    @Test func `the same input, seed and thread count give the same bytes`() throws {
        for name in ["1.ply", "2.ply"] {
            let run = try Run(
                "convert", sample("tall-red-chair.wav"), "-o", scratch.file(name), "--seed", "3", "--threads", "2")
            #expect(run.status == 0, "\(run.errors)")
        }
        #expect(
            try Data(contentsOf: URL(filePath: scratch.file("1.ply")))
                == Data(contentsOf: URL(filePath: scratch.file("2.ply"))))
    }

    @Test func `bad recordings get one line and leave nothing`() throws {
        var truncated = try Data(contentsOf: URL(filePath: sample("tall-red-chair.wav")))
        truncated.removeLast(truncated.count / 2)
        let header = truncated.prefix(44)
        var empty = header  // a WAV of no samples: both lengths are corrected
        empty.replaceSubrange(4..<8, with: [36, 0, 0, 0])
        empty.replaceSubrange(40..<44, with: [0, 0, 0, 0])
        let bad = [
            scratch.file("missing.wav"),
            scratch.path,
            try scratch.write("empty.wav", []),
            try scratch.write("text.wav", "a tall red chair\n".utf8),
            try scratch.write("truncated.wav", truncated),
            try scratch.write("nothing.wav", empty),
            try scratch.write("nan.wav", WaveFile([Float](repeating: .nan, count: 16_000)).bytes),
            sample("noise.flac"),
            sample("silence.wav"),
        ]
        for path in bad {
            let ply = scratch.file("out.ply")
            let run = try Run("convert", path, "-o", ply)
            #expect(run.status == 1, "\(path)")
            #expect(run.errorLines.count == 1, "\(run.errors)")
            #expect(run.errors.contains(path) && run.errors.contains("expected") && run.errors.contains("got"))
            #expect(!FileManager.default.fileExists(atPath: ply))
        }
        #expect(!scratch.contents.contains { $0.contains("partial") })
    }

    @Test func `an output that cannot be written gets one line`() throws {
        for target in ["/nowhere/at/all/chair.ply", "/proc/chair.ply", scratch.path + "/tall-red-chair.wav/x.ply"] {
            let run = try Run("convert", "--text", "a red chair", "-o", target, "--points", "10")
            #expect(run.status == 1)
            #expect(run.errorLines.count == 1, "\(run.errors)")
            #expect(run.errors.contains("chair"))
        }
    }

    @Test func `a pipeline that is none gets one line`() throws {
        for run in [
            try Run("convert", "--text", "a red chair", "--model", scratch.path, "-o", scratch.file("x.ply")),
            try Run(
                "convert", "--text", "a red chair", "-o", scratch.file("x.ply"),
                environment: ["SONOFORM_MODEL": "/nowhere"]),
        ] {
            #expect(run.status == 1)
            #expect(run.errorLines.count == 1 && run.errors.contains("pipeline.json"), "\(run.errors)")
        }
        #expect(scratch.contents.isEmpty)
    }

    @Test(arguments: [
        ["convert"], ["convert", "--text", "a cube", "a.wav"], ["convert", "--points", "0", "a.wav"],
        ["convert", "--steps", "x", "a.wav"], ["convert", "--unheard-of"], ["nonsense"],
        ["run-stage", "kitchen", "x", "--input", "a", "--output", "b"],
    ])
    func `wrong usage exits with 2`(arguments: [String]) throws {
        let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(filePath: here).deletingLastPathComponent().appending(path: "sonoform")
        process.arguments = arguments
        process.standardError = Pipe()
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 2)
    }
}

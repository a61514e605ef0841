// A batch leaves nothing half done, redoes what changed, and keeps the rest.

import AtomicFiles
import Foundation
import GoldenFiles
import PointClouds
import Synchronization
import SystemPackage
import Testing

@testable import Sonoform

struct BatchTests {
    let scratch: Scratch
    private let files = FileManager.default

    init() throws {
        scratch = try Scratch()
        try files.createDirectory(atPath: scratch.file("in/sub"), withIntermediateDirectories: true)
    }

    private func copy(_ name: String, to path: String) throws {
        try? files.removeItem(atPath: scratch.file(path))
        try files.copyItem(atPath: sample(name), toPath: scratch.file(path))
    }

    private func batch(_ change: (inout Batch) -> Void = { _ in }) -> Batch {
        var batch = Batch(
            directory: FilePath(scratch.file("in")), output: FilePath(scratch.file("out")), version: "test")
        batch.options.conversion.points = 64
        change(&batch)
        return batch
    }

    @discardableResult private func run(_ change: (inout Batch) -> Void = { _ in }) throws -> Batch.Summary {
        try batch(change).run(builtIn) { _, _ in }
    }

    private var records: [BatchRecord] {
        get throws {
            try String(contentsOfFile: scratch.file("out/report.jsonl"), encoding: .utf8).split(separator: "\n")
                .map { try #require(BatchRecord(line: $0.utf8)) }
        }
    }

    /// Every file of the output with its bytes, but for the report.
    private var clouds: [String: Data] {
        get throws {
            var clouds: [String: Data] = [:]
            for path in try files.subpathsOfDirectory(atPath: scratch.file("out")) {
                var isFolder: ObjCBool = false
                _ = files.fileExists(atPath: scratch.file("out/" + path), isDirectory: &isFolder)
                if !isFolder.boolValue, !path.hasPrefix("report") {
                    clouds[path] = files.contents(atPath: scratch.file("out/" + path))
                }
            }
            return clouds
        }
    }

    @Test func `the tree is mirrored, and files of the same name are kept apart`() throws {
        try copy("tall-red-chair.wav", to: "in/a.wav")
        try copy("red-ball.flac", to: "in/a.flac")
        try copy("cyan-donut.flac", to: "in/sub/a.wav")
        try scratch.write("in/notes.txt", "no recording")
        let summary = try run { $0.workers = 2 }
        #expect(summary.converted == 3 && summary.failed == 0 && summary.left == 0)
        #expect(try Set(clouds.keys) == ["a.wav.ply", "a.flac.ply", "sub/a.wav.ply"])
        #expect(try records.map(\.input) == ["a.flac", "a.wav", "sub/a.wav"])
        #expect(try records.map(\.conversion.output) == ["a.flac.ply", "a.wav.ply", "sub/a.wav.ply"])
        let cloud = try PointCloud(reading: scratch.file("out/a.wav.ply"))
        let expected = try builtIn.convert(file: sample("tall-red-chair.wav"), options: ConversionOptions(points: 64))
        #expect(cloud.count == 64 && expected.cloud.objects == cloud.objects)
    }

    @Test func `hidden files, links that lead out and the output itself are left alone`() throws {
        try copy("red-ball.flac", to: "in/a.flac")
        try copy("red-ball.flac", to: "in/.hidden.flac")
        try files.createDirectory(atPath: scratch.file("in/.folder"), withIntermediateDirectories: true)
        try copy("red-ball.flac", to: "in/.folder/b.flac")
        try copy("red-ball.flac", to: "outside.flac")
        try files.createDirectory(atPath: scratch.file("in/out"), withIntermediateDirectories: true)
        try copy("red-ball.flac", to: "in/out/old.flac")
        for (link, target) in [
            ("in/out.flac", "../outside.flac"), ("in/inside.flac", "a.flac"), ("in/nowhere.flac", "nothing.flac"),
            ("in/loop", "."), ("in/up", ".."),
        ] { try files.createSymbolicLink(atPath: scratch.file(link), withDestinationPath: target) }
        let inputs = try BatchInputs(
            directory: FilePath(scratch.file("in")), output: FilePath(scratch.file("in/out")))
        #expect(inputs.paths == ["a.flac", "inside.flac"])
        #expect(
            inputs.passedOver == [
                "links that lead nowhere": 1, "links that lead out of the folder (--follow-links takes them)": 1,
                "links to folders (--follow-links takes them)": 1,
            ])
        let none = FilePath(scratch.file("none"))
        let error = #expect(throws: BatchError.self) { try BatchInputs(directory: none, output: "x") }
        #expect(error?.source == scratch.file("none") && error?.expected == "a folder of recordings")
        #expect(error?.got == "\"No such file or directory\"")
    }

    @Test func `bad recordings are reported, and the others converted`() throws {
        try copy("red-ball.flac", to: "in/b.flac")
        try scratch.write("in/a.wav", "text")
        try scratch.write("in/c.wav", "")
        try copy("silence.wav", to: "in/sub/d.wav")
        let summary = try run { $0.workers = 2 }
        #expect(summary.converted == 1 && summary.failed == 3)
        for record in try records where record.input != "b.flac" {
            let error = try #require(record.error)
            #expect(error.contains(record.input.string) && !error.contains("\n") && record.files.isEmpty)
        }
        #expect(try records.map(\.input) == ["a.wav", "b.flac", "c.wav", "sub/d.wav"])
        #expect(try Set(clouds.keys) == ["b.flac.ply"])
    }

    @Test func `resuming keeps what is as it was, and makes again what is not`() throws {
        let names = ["tall-red-chair.wav", "wide-black-chair.wav", "big-blue-cube.wav", "small-green-cone.wav"]
        for (index, name) in names.enumerated() { try copy(name, to: "in/\(index).wav") }
        try run()
        let before = try clouds
        #expect(try run { $0.resumes = true }.kept == 4)
        // A changed recording, a changed output, a lost one.
        try copy("tall-orange-cylinder.wav", to: "in/0.wav")
        try scratch.write("out/1.wav.ply", "spoiled")
        try files.removeItem(atPath: scratch.file("out/2.wav.ply"))
        let plan = try batch { $0.resumes = true }.plan(pipelineDirectory: FilePath(builtInDirectory))
        #expect(plan.map(\.isKept) == [false, false, false, true])
        let summary = try run { $0.resumes = true }
        #expect(summary.converted == 3 && summary.kept == 1)
        for name in ["1.wav.ply", "2.wav.ply", "3.wav.ply"] { #expect(try clouds[name] == before[name]) }
        #expect(try clouds["0.wav.ply"] != before["0.wav.ply"])
        #expect(try records.count == 4)
        // Other options, another version.
        #expect(try run { ($0.resumes, $0.options.conversion.seed) = (true, 3) }.converted == 4)
        #expect(try run { ($0.resumes, $0.options.conversion.seed, $0.version) = (true, 3, "other") }.converted == 4)
    }

    @Test func `other signals are made again, and a pipeline without them begins nothing`() throws {
        let pipelineFolder = scratch.file("pipeline")
        try copyWithRandomCodeWriter(of: builtInDirectory, to: pipelineFolder)
        let pipeline = try Pipeline(directory: pipelineFolder)
        try copy("tall-red-chair.wav", to: "in/a.wav")
        func run(_ signals: ModalitySignals) throws -> Batch.Summary {
            try batch {
                $0.resumes = true
                $0.options.conversion.signals = signals
            }.run(pipeline) { _, _ in }
        }
        #expect(try run(.continuous).converted == 1)
        let continuous = try clouds
        #expect(try run(.discrete).converted == 1)
        #expect(
            try records.last?.conversion.signals == .discrete
                && records.last?.origin.options.conversion.signals == .discrete)
        #expect(try clouds.keys == continuous.keys && clouds != continuous)
        #expect(try run(.discrete).kept == 1)

        try copyWithoutCodeWriter(of: builtInDirectory, to: scratch.file("plain"))
        let plain = try Pipeline(directory: scratch.file("plain"))
        try files.removeItem(atPath: scratch.file("out"))
        let error = #expect(throws: SonoformError.self) {
            try batch { $0.options.conversion.signals = .discrete }.run(plain) { _, _ in }
        }
        #expect(error?.reason == .unsupportedOption)
        #expect(!files.fileExists(atPath: scratch.file("out")))
    }

    @Test func `what an earlier version of a recording was made into goes with it`() throws {
        try copy("red-ball.flac", to: "in/a.flac")
        try run()
        try copy("noise.flac", to: "in/a.flac")
        #expect(try run { $0.resumes = true }.failed == 1)
        #expect(try clouds.isEmpty)
        // What somebody has changed since is theirs.
        try copy("red-ball.flac", to: "in/a.flac")
        try run()
        try scratch.write("out/a.flac.ply", "mine")
        try copy("noise.flac", to: "in/a.flac")
        try run { $0.resumes = true }
        #expect(try Set(clouds.keys) == ["a.flac.ply"])
    }

    @Test func `a torn last line is cut off, and its input made again`() throws {
        for index in 0..<3 { try copy("red-ball.flac", to: "in/\(index).flac") }
        try run()
        let whole = try Data(contentsOf: URL(filePath: scratch.file("out/report.jsonl")))
        let expected = try clouds
        let last = try #require(whole.dropLast().lastIndex(of: UInt8(ascii: "\n"))) + 1
        for (lost, kept) in [(1, 2), (40, 2), (whole.count - last, 2), (whole.count - last + 10, 1)] {
            try whole.dropLast(lost).write(to: URL(filePath: scratch.file("out/report.jsonl")))
            let summary = try run { $0.resumes = true }
            #expect(summary.kept == kept, "\(lost)")
            #expect(try records.map(\.input) == ["0.flac", "1.flac", "2.flac"])
            #expect(try clouds == expected)
        }
        let first = try #require(whole.firstIndex(of: UInt8(ascii: "\n"))) + 1
        try scratch.write("out/report.jsonl", whole[..<first] + Data("{}\nno JSON\n\n\u{0}\n".utf8))
        #expect(try run { $0.resumes = true }.converted == 2)
        #expect(try records.count == 3)
    }

    @Test(arguments: [
        "{\"text\":\"mine\"}\n", "{}\n{\"input\":\"b\"}\n", "my notes, without an end of line", "\n",
    ])
    func `a file of the report's name that is none is not written over`(content: String) throws {
        try copy("red-ball.flac", to: "in/a.flac")
        try files.createDirectory(atPath: scratch.file("out"), withIntermediateDirectories: true)
        try scratch.write("out/report.jsonl", content)
        let error = try #require(throws: BatchError.self) { try run() }
        #expect(error.expected == "a batch's report" && error.got == "another file of that name")
        #expect(try String(contentsOfFile: scratch.file("out/report.jsonl"), encoding: .utf8) == content)
        #expect(try clouds.isEmpty)
    }

    @Test func `what a report names outside of the output is not removed`() throws {
        try copy("red-ball.flac", to: "in/a.flac")
        try run()
        let ply = try Data(contentsOf: URL(filePath: scratch.file("out/a.flac.ply")))
        try scratch.write("elsewhere.ply", ply)
        let report = try String(contentsOfFile: scratch.file("out/report.jsonl"), encoding: .utf8)
        for path in ["../elsewhere.ply", scratch.file("elsewhere.ply"), "sub/../../elsewhere.ply"] {
            let shown = path.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "\\/")
            let changed = report.replacing("\"path\":\"a.flac.ply\"", with: "\"path\":\"\(shown)\"")
            try scratch.write("out/report.jsonl", changed)
            try copy("silence.wav", to: "in/a.flac")
            #expect(try run { $0.resumes = true }.failed == 1)
            #expect(files.fileExists(atPath: scratch.file("elsewhere.ply")), "\(path)")
            try copy("red-ball.flac", to: "in/a.flac")
        }
    }

    @Test func `a recording, or a file that may not be written, in an output's place fails that input alone`() throws {
        for name in ["a", "b", "c", "d"] { try copy("red-ball.flac", to: "in/\(name).flac") }
        try files.createDirectory(atPath: scratch.file("out"), withIntermediateDirectories: true)
        try copy("cyan-donut.flac", to: "out/a.flac.ply")
        try scratch.write("out/b.flac.ply", "mine")
        chmod(scratch.file("out/b.flac.ply"), 0o444)
        try scratch.write("real.ply", "old")
        symlink("../real.ply", scratch.file("out/c.flac.ply"))
        let summary = try run()
        #expect(summary.failed == 2 && summary.converted == 2)
        let errors = try records.compactMap(\.error)
        #expect(errors.count == 2 && errors[0].hasSuffix("a recording, which is not overwritten"), "\(errors)")
        #expect(errors.last?.hasSuffix("a file that may be written, got one that may not") == true, "\(errors)")
        #expect(
            try Data(contentsOf: URL(filePath: scratch.file("out/a.flac.ply")))
                == Data(contentsOf: URL(filePath: GoldenFiles.root + "/audio-samples/cyan-donut.flac")))
        #expect(try String(contentsOfFile: scratch.file("out/b.flac.ply"), encoding: .utf8) == "mine")
        // A link is written through.
        #expect(try FilePath(scratch.file("out/c.flac.ply")).stat(followTargetSymlink: false).type == .symbolicLink)
        #expect(try Data(contentsOf: URL(filePath: scratch.file("real.ply"))).starts(with: Data("ply".utf8)))
        #expect(try run { $0.resumes = true }.kept == 2)
    }

    @Test func `a link in the place of the folder for files in hand is not followed`() throws {
        try copy("red-ball.flac", to: "in/a.flac")
        try files.createDirectory(atPath: scratch.file("out"), withIntermediateDirectories: true)
        symlink("../in", scratch.file("out/.report.jsonl.staging"))
        #expect(throws: FileWriteError.self) { try run() }
        #expect(files.fileExists(atPath: scratch.file("in/a.flac")))
    }

    @Test func `what a killed run left half done is removed`() throws {
        try copy("red-ball.flac", to: "in/a.flac")
        try files.createDirectory(
            atPath: scratch.file("out/.report.jsonl.staging"), withIntermediateDirectories: true)
        try scratch.write("out/.report.jsonl.staging/0-0.ply", "half")
        try scratch.write("out/.report.jsonl.staging/.0-0.ply.xyz.partial", "half")
        try run { $0.resumes = true }
        #expect(try files.contentsOfDirectory(atPath: scratch.file("out")).sorted() == ["a.flac.ply", "report.jsonl"])
    }

    @Test func `shards have reports of their own, and a run over all takes them in`() throws {
        for index in 0..<6 { try copy("red-ball.flac", to: "in/\(index).flac") }
        var converted = 0
        for index in 0..<3 {
            converted += try run { $0.shard = Shard("\(index)/3") ?? .all }.converted
        }
        #expect(converted == 6)
        let summary = try run { $0.resumes = true }
        #expect(summary.kept == 6 && summary.converted == 0)
        #expect(try records.count == 6)
    }

    @Test func `two runs on one report are not allowed, on two they are`() throws {
        try files.createDirectory(atPath: scratch.file("out"), withIntermediateDirectories: true)
        let held = try BatchReport(path: FilePath(scratch.file("out/report.jsonl")))
        try copy("red-ball.flac", to: "in/a.flac")
        let error = #expect(throws: BatchError.self) { try run() }
        #expect(error?.expected == "one batch at a time")
        try run { $0.shard = Shard("0/2") ?? .all }
        withExtendedLifetime(held) {}
    }

    @Test func `failing fast stops at the first failure, and resuming does the rest`() throws {
        try scratch.write("in/0.wav", "text")
        for index in 1..<4 { try copy("red-ball.flac", to: "in/\(index).flac") }
        let stopped = try run { $0.failsFast = true }
        #expect(stopped.failed == 1 && stopped.left == 3)
        #expect(try run { $0.resumes = true }.converted == 3)
    }

    @Test func `a stopped run has done what it says, and resuming does the rest`() throws {
        for index in 0..<6 { try copy("red-ball.flac", to: "in/\(index).flac") }
        let stop = StopRequest()
        let summary = try batch { $0.workers = 2 }.run(builtIn, stop: stop) { event, _ in
            if case .finished(let record) = event, record.input == "1.flac" { stop.request() }
        }
        #expect(summary.left > 0 && summary.converted + summary.left == 6)
        #expect(try records.count == summary.converted && clouds.count == summary.converted)
        let rest = try run { $0.resumes = true }
        #expect(rest.kept == summary.converted && rest.converted == summary.left)
    }

    @Test func `utterances become files with numbers, joined ones one`() throws {
        let red = try Data(contentsOf: URL(filePath: sample("tall-red-chair.wav"))).dropFirst(44)
        let blue = try Data(contentsOf: URL(filePath: sample("big-blue-cube.wav"))).dropFirst(44)
        let samples = (red + Data(count: 48_000) + blue).withUnsafeBytes { bytes in
            (0..<bytes.count / 2).map {
                Float(bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)) / 32_768
            }
        }
        try scratch.write("in/two.wav", WaveFile(samples, coding: .pcm16).bytes)
        try run()
        #expect(try Set(clouds.keys) == ["two.wav-01.ply", "two.wav-02.ply"])
        let utterances = try #require(try records.first?.conversion.utterances)
        #expect(utterances.map(\.output) == ["two.wav-01.ply", "two.wav-02.ply"])
        #expect(utterances[0].end <= utterances[1].start)
        #expect(try run { ($0.resumes, $0.options.joins) = (true, true) }.converted == 1)
        #expect(try Set(clouds.keys) == ["two.wav.ply"], "what the other options made is gone")
    }

    @Test func `an output that cannot be made is told before anything is done`() throws {
        try copy("red-ball.flac", to: "in/a.flac")
        try scratch.write("out", "a file")
        let error = #expect(throws: FileWriteError.self) { try run() }
        #expect(error?.path == FilePath(scratch.file("out")))
    }

    @Test func `a folder where a file should be fails that input alone`() throws {
        try copy("red-ball.flac", to: "in/a.flac")
        try copy("red-ball.flac", to: "in/b.flac")
        try files.createDirectory(atPath: scratch.file("out/a.flac.ply"), withIntermediateDirectories: true)
        let summary = try run()
        #expect(summary.failed == 1 && summary.converted == 1)
        #expect(try records[0].error?.contains("out/a.flac.ply") == true)
    }
}

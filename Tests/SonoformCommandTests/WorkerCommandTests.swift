// `sonoform worker` as a program drives it: lines in, lines out, and nothing that ends it but the end of its input.

import Foundation
import GoldenFiles
import PointClouds
import SystemPackage
import Testing

@testable import Sonoform
@testable import SonoformCommand

struct WorkerCommandTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private struct Answer: Decodable {
        struct Problem: Decodable {
            let reason: String
            let detail: String
        }
        let id: JSONValue
        let record: BatchRecord?
        let problem: Problem?
    }

    /// Runs a worker over requests, which are there before it begins.
    private func worker(_ options: String = "", _ requests: String...) throws -> (run: Run, answers: [Answer]) {
        try scratch.write("requests", requests.joined(separator: "\n") + "\n")
        let run = try Run(script: "$SF worker -o out --points 64 \(options) < requests", in: scratch.path)
        let answers = try run.lines.dropFirst().map { try JSONDecoder().decode(Answer.self, from: Data($0.utf8)) }
        return (run, answers)
    }

    private func sample(_ name: String) -> String { GoldenFiles.root + "/audio-samples/" + name }

    @Test func `it greets, and answers every request with the record and the bytes of a batch`() throws {
        let batch = try Run(
            script: """
                mkdir -p in/sub; cp $S/tall-red-chair.wav in/sub/a.wav; cp $S/silence.wav in/b.wav
                $SF batch in -o expected --points 64
                """, in: scratch.path)
        #expect(batch.status == 1)
        let (run, answers) = try worker(
            "", #"{"id":1,"input":"in/sub/a.wav","name":"sub/a.wav"}"#,
            #"{"id":"two","input":"in/b.wav","name":"b.wav","output":"b.wav.ply"}"#)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        var records = try String(contentsOfFile: scratch.file("expected/report.jsonl"), encoding: .utf8)
            .split(separator: "\n").map { try #require(BatchRecord(line: $0.utf8)) }
        var answered = try answers.map { try #require($0.record) }
        for index in 0..<2 {
            (records[index].conversion.seconds, records[index].conversion.peakMemoryBytes) = (nil, nil)
            (answered[index].conversion.seconds, answered[index].conversion.peakMemoryBytes) = (nil, nil)
        }
        #expect(answered == records.reversed())
        #expect(answers.map(\.id) == [.natural(1), .string("two")])
        #expect(answers.map(\.problem?.reason) == [nil, "no-speech"])
        #expect(answers[1].problem?.detail == records[0].error)
        #expect(
            FileManager.default.contents(atPath: scratch.file("out/sub/a.wav.ply"))
                == FileManager.default.contents(atPath: scratch.file("expected/sub/a.wav.ply")))
        let made = try FileManager.default.subpathsOfDirectory(atPath: scratch.file("out")).sorted()
        #expect(made == ["sub", "sub/a.wav.ply"])

        struct Greeting: Decodable { let ready: BatchRecord.Origin }
        let greeting = try JSONDecoder().decode(Greeting.self, from: Data(try #require(run.lines.first).utf8)).ready
        var origin = records[0].origin
        origin.inputSHA256 = nil
        #expect(greeting == origin)
    }

    @Test func `a request has options of its own, and its files their places`() throws {
        let input = sample("tall-red-chair.wav")
        let (run, answers) = try worker(
            "--seed 3 --picture",
            #"{"id":1,"input":"\#(input)","output":"x.glb","options":{"format":"glb","conversion":{"points":32}}}"#,
            #"{"id":2,"input":"\#(input)","options":{"picture":false,"conversion":{"steps":2}}}"#)
        #expect(run.status == 0, "\(run.errors)")
        let options = try answers.map { try #require($0.record?.origin.options) }
        #expect(options.map(\.conversion.points) == [32, 64] && options.map(\.conversion.seed) == [3, 3])
        #expect(options.map(\.conversion.steps) == [nil, 2] && options.map(\.picture) == [true, false])
        #expect(answers[0].record?.files.map(\.path) == ["x.png", "x.glb"])
        #expect(answers[1].record?.files.map(\.path) == ["tall-red-chair.wav.ply"])
        #expect(try PointCloud(reading: scratch.file("out/tall-red-chair.wav.ply")).count == 64)
    }

    @Test func `a line that is no request gets one answer, and the next is served`() throws {
        let input = sample("red-ball.flac")
        let bad: [(line: String, id: JSONValue, got: String)] = [
            ("hello", .null, "expected valid JSON"), ("[1]", .null, "expected a JSON object"),
            (#"{"input":"a.wav"}"#, .null, #"expected a key "id", got none"#),
            (#"{"id":1.5,"input":"a.wav"}"#, .null, "a whole number"),
            (#"{"id":1}"#, .natural(1), #"expected a key "input", got none"#),
            (#"{"id":1,"input":7}"#, .natural(1), #"expected "input" to be String"#),
            (#"{"id":1,"input":""}"#, .natural(1), "no text"),
            (#"{"id":1,"input":"a.wav","colour":"red"}"#, .natural(1), #"got "colour""#),
            (#"{"id":1,"input":"a.wav","output":"../a.ply"}"#, .natural(1), "below the output folder"),
            (#"{"id":1,"input":"a.wav","output":"/tmp/a.ply"}"#, .natural(1), "below the output folder"),
            (#"{"id":1,"input":"a.wav","output":"a.stl"}"#, .natural(1), "ends in .ply"),
            (#"{"id":1,"input":"a.wav","output":".ply"}"#, .natural(1), "below the output folder"),
            (#"{"id":1,"input":"a.wav","options":4}"#, .natural(1), "to be an object"),
            (#"{"id":1,"input":"a.wav","options":{"conversion":{"pionts":4}}}"#, .natural(1), "conversion.pionts"),
            (#"{"id":1,"input":"a.wav","options":{"conversion":{"points":"4"}}}"#, .natural(1), "conversion.points"),
            (#"{"id":1,"input":"\#(String(repeating: "a", count: 1 << 20))"}"#, .null, "at most 1048576 bytes"),
        ]
        let (run, answers) = try worker(
            "", bad.map(\.line).joined(separator: "\n"), "", #"{"id":1,"input":"\#(input)"}"#)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(answers.count == bad.count + 1)
        for (answer, expected) in zip(answers, bad) {
            #expect(answer.id == expected.id && answer.record == nil && answer.problem?.reason == "bad-request")
            #expect(answer.problem?.detail.contains(expected.got) == true, "\(answer.problem?.detail ?? "")")
        }
        #expect(answers.last?.problem == nil && answers.last?.record?.files.count == 1)
    }

    @Test func `what cannot be converted or written is told with its reason, and leaves nothing`() throws {
        let red = sample("red-ball.flac")
        let setup = try Run(
            script: "mkdir -p out; cp $S/red-ball.flac out/taken.ply; echo x > out/file; echo text > b.wav",
            in: scratch.path)
        #expect(setup.status == 0)
        let (run, answers) = try worker(
            "", #"{"id":1,"input":"none.wav"}"#, #"{"id":2,"input":"b.wav"}"#,
            #"{"id":3,"input":"\#(red)","output":"taken.ply"}"#, #"{"id":4,"input":"\#(red)","output":"file/a.ply"}"#,
            #"{"id":5,"input":"\#(red)","options":{"conversion":{"points":0}}}"#,
            #"{"id":6,"input":"\#(red)","output":"good.ply"}"#)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(
            answers.map(\.problem?.reason) == [
                "unreadable-recording", "unreadable-recording", "output-refused", "output-refused",
                "unsupported-option", nil,
            ])
        for answer in answers.dropLast() {
            #expect(answer.record?.error == answer.problem?.detail && answer.record?.files.isEmpty == true)
        }
        let made = try FileManager.default.subpathsOfDirectory(atPath: scratch.file("out")).sorted()
        #expect(made == ["file", "good.ply", "taken.ply"])
    }

    @Test func `an answer comes as soon as it is there, and a killed worker leaves no file with its name`() throws {
        let process = Process()
        process.executableURL = URL(filePath: try Run.program)
        let out = scratch.file("out")
        process.arguments = ["worker", "-o", out, "--points", "64", "--staging", out + "/.s"]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let descriptor = FileDescriptor(rawValue: output.fileHandleForReading.fileDescriptor)
        var lines = LineReader(descriptor, longest: 1 << 20)
        guard case .whole(let greeting) = try lines.next() else { throw CancellationError() }
        #expect(greeting.starts(with: Array(#"{"ready":{"#.utf8)))
        for id in 1...3 {
            let request = #"{"id":\#(id),"input":"\#(sample("red-ball.flac"))","output":"\#(id).ply"}"# + "\n"
            try input.fileHandleForWriting.write(contentsOf: Data(request.utf8))
            guard case .whole(let line) = try lines.next() else { throw CancellationError() }
            #expect(try JSONDecoder().decode(Answer.self, from: Data(line)).id == .natural(UInt64(id)))
        }
        let request = #"{"id":4,"input":"\#(sample("tall-red-chair.wav"))","output":"4.ply"}"# + "\n"
        try input.fileHandleForWriting.write(contentsOf: Data(request.utf8))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(try lines.next() == nil)
        let made = try FileManager.default.contentsOfDirectory(atPath: scratch.file("out")).sorted()
        #expect(made == [".s", "1.ply", "2.ply", "3.ply"])
    }

    @Test func `a pipeline that cannot be loaded is one line and exit code 1`() throws {
        let run = try Run("worker", "--model", scratch.file("none"))
        #expect(run.status == 1 && run.errorLines.count == 1 && run.output.isEmpty, "\(run.errors)")
        #expect(try Run("worker", "--points", "0").status == 2)
    }
}

struct LineReaderTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `lines come whole, long ones are passed over, and the last needs no line feed`() throws {
        let long = String(repeating: "x", count: 200_000)
        try scratch.write("lines", "a\n\n\(long)\nbcde\n12345\nlast")
        let descriptor = try FileDescriptor.open(FilePath(scratch.file("lines")), .readOnly)
        try descriptor.closeAfter {
            var reader = LineReader(descriptor, longest: 4)
            var lines: [LineReader.Line] = []
            while let line = try reader.next() { lines.append(line) }
            #expect(
                lines == [
                    .whole(Array("a".utf8)), .whole([]), .tooLong, .whole(Array("bcde".utf8)), .tooLong,
                    .whole(Array("last".utf8)),
                ])
        }
    }
}

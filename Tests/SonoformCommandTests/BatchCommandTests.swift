// `sonoform batch` as users run it: left running, killed, interrupted, and given a disk that takes no more.

import Foundation
import GoldenFiles
import Testing

@testable import Sonoform

struct BatchCommandTests {
    let scratch: Scratch
    private let files = FileManager.default
    private let inputs: String

    /// Forty recordings of six voices at forty levels, four of them bad.
    init() throws {
        scratch = try Scratch()
        inputs = scratch.file("in")
        for index in 0..<40 {
            let folder = "\(inputs)/speaker-\(index % 3)"
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = URL(filePath: "\(folder)/\(index).wav")
            let name = ["tall-red-chair", "big-blue-cube", "small-green-cone", "wide-black-chair"][index % 4]
            var bytes = [UInt8](try Data(contentsOf: URL(filePath: sample("\(name).wav"))))
            if index % 10 == 3 {
                try Data([[], Array("text".utf8), Array(bytes.prefix(5_000)), Array(bytes.prefix(20))][index / 10])
                    .write(to: path)
                continue
            }
            // Another level: another file, which says the same.
            for place in stride(from: 44, to: bytes.count - 1, by: 2) {
                let value = Int(Int16(truncatingIfNeeded: Int(bytes[place]) | Int(bytes[place + 1]) << 8))
                let quieter = value * (100 - index) / 100
                (bytes[place], bytes[place + 1]) = (
                    UInt8(truncatingIfNeeded: quieter), UInt8(truncatingIfNeeded: quieter >> 8)
                )
            }
            try Data(bytes).write(to: path)
        }
    }

    private func sample(_ name: String) -> String { GoldenFiles.root + "/audio-samples/" + name }

    private func batch(_ out: String, _ options: String...) throws -> Run {
        try Run(list: ["batch", inputs, "-o", scratch.file(out), "--points", "256"] + options)
    }

    /// The program, begun and not waited for.
    private func begin(_ out: String) throws -> Process {
        let here = try files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(filePath: here).deletingLastPathComponent().appending(path: "sonoform")
        process.arguments = ["batch", inputs, "-o", scratch.file(out), "--points", "256", "--resume"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Every file of an output with its bytes; of the report's lines what does not depend on the clock.
    private func tree(_ out: String) throws -> [String: Data] {
        var tree: [String: Data] = [:]
        for path in try files.subpathsOfDirectory(atPath: scratch.file(out)) {
            guard let data = try? Data(contentsOf: URL(filePath: scratch.file("\(out)/\(path)"))) else { continue }
            guard path.hasPrefix("report") else {
                tree[path] = data
                continue
            }
            let lines = try data.split(separator: UInt8(ascii: "\n")).map { line in
                var record = try #require(BatchRecord(line: line))
                (record.conversion.seconds, record.conversion.peakMemoryBytes) = (nil, nil)
                return jsonLine(record)
            }
            tree[path] = Data(lines.joined(separator: "\n").utf8)
        }
        return tree
    }

    /// How many inputs a batch's report tells of so far.
    private func reportLines(_ out: String) -> Int {
        let report = try? Data(contentsOf: URL(filePath: scratch.file("\(out)/report.jsonl")))
        return report?.count { $0 == UInt8(ascii: "\n") } ?? 0
    }

    @Test func `killed again and again, it ends with the tree of an undisturbed run`() throws {
        let whole = try batch("whole", "--workers", "2")
        #expect(whole.status == 1)
        #expect(whole.output.hasPrefix("36 converted, 4 failed"), "\(whole.output)")
        for index in [3, 13, 23, 33] {
            #expect(whole.errorLines.count { $0.contains("/\(index).wav: expected") } == 1, "\(whole.errors)")
        }
        let expected = try tree("whole")
        #expect(expected.keys.count { $0.hasSuffix(".wav.ply") } == 36 && expected.count == 37)

        for lines in [0, 1, 2, 5, 12, 25] {
            let process = try begin("killed")
            // Killed when so many inputs are done: near the beginning, in the middle, near the end.
            while process.isRunning, reportLines("killed") < lines { usleep(1_000) }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            // Whatever has its final name is whole.
            for (path, data) in (try? tree("killed")) ?? [:] where path.hasSuffix(".wav.ply") {
                #expect(data == expected[path], "\(path)")
            }
        }
        #expect(try batch("killed", "--resume").status == 1)
        #expect(try tree("killed") == expected)
        // And one worker makes what two make.
        #expect(try batch("alone", "--workers", "1").status == 1)
        #expect(try tree("alone") == expected)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal stops it after the files in hand, and it says how to go on`(signal: Int32) throws {
        let here = try files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        // Tests that run in the background ignore SIGINT, and so would the program.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "--default-signal=INT,TERM",
            URL(filePath: here).deletingLastPathComponent().appending(path: "sonoform").path(),
            "batch", inputs, "-o", scratch.file("stopped"), "--workers", "1", "--points", "256",
        ]
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let report = scratch.file("stopped/report.jsonl")
        while (try? Data(contentsOf: URL(filePath: report)))?.isEmpty ?? true { usleep(2_000) }
        kill(process.processIdentifier, signal)
        let told = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 128 + signal)
        let last = try #require(told.split(separator: "\n").last)
        #expect(last.contains("to go on: ") && last.hasSuffix("--resume"))
        #expect(!files.fileExists(atPath: scratch.file("stopped/.report.jsonl.staging")))
        let rest = try batch("stopped", "--resume")
        #expect(rest.output.contains(" kept"), "\(rest.output)")
        #expect(try batch("whole").status == 1)
        #expect(try tree("stopped") == tree("whole"))
    }

    @Test func `an output that takes no more costs one line, and nothing that was done`() throws {
        // A limit on the size of files stands for the disk: the report outgrows it after some inputs.
        let here = try files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(filePath: here).deletingLastPathComponent().appending(path: "sonoform").path()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [
            "-c", "trap '' XFSZ; ulimit -f 12; exec \"$0\" batch \"$1\" -o \"$2\" --workers 1 --points 256", program,
            inputs, scratch.file("full"),
        ]
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let lines = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n").filter { !$0.contains(".wav: expected") }
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(lines.count == 1, "\(lines)")
        #expect(lines.first?.contains("report.jsonl: cannot be written: File too large") == true, "\(lines)")
        let kept = try tree("full").filter { $0.key.hasSuffix(".wav.ply") }
        #expect(kept.count >= 3)
        #expect(try batch("full", "--resume").status == 1)
        #expect(try batch("whole").status == 1)
        let expected = try tree("whole")
        #expect(try tree("full") == expected)
        for (path, data) in kept { #expect(data == expected[path]) }
    }

    @Test func `an output that cannot be written gets one line`() throws {
        for target in ["/proc/out", "/dev/null/out"] {
            let run = try Run("batch", inputs, "-o", target)
            #expect(run.status == 1)
            #expect(run.errorLines.count == 1 && run.errors.contains("cannot be written"), "\(run.errors)")
        }
        let none = try Run("batch", scratch.file("nothing"), "-o", scratch.file("out"))
        #expect(none.status == 1 && none.errorLines.count == 1, "\(none.errors)")
        #expect(!files.fileExists(atPath: scratch.file("out")))
    }

    @Test func `a dry run tells what would be done and does nothing`() throws {
        let run = try batch("dry", "--dry-run", "--shard", "1/4")
        #expect(run.status == 0)
        #expect(run.output.hasSuffix(" to convert, 0 to keep\n"))
        #expect(!files.fileExists(atPath: scratch.file("dry")))
        for shard in ["4/4", "x", "1"] { #expect(try batch("dry", "--shard", shard).status == 2) }
    }
}

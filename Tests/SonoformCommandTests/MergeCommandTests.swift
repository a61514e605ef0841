// `sonoform batch --merge`: the reports of parts become the one of the whole, and what is missing is named.

import Foundation
import GoldenFiles
import Testing

@testable import Sonoform

struct MergeCommandTests {
    let scratch: Scratch

    /// Nine recordings in three folders, two of them bad, converted in three parts and in one go.
    init() throws {
        scratch = try Scratch()
        let made = try Run(
            script: """
                for n in 0 1 2 3 4 5 6; do mkdir -p in/$((n % 3)); cp $S/red-ball.flac in/$((n % 3))/$n.flac; done
                cp $S/silence.wav in/0/silent.wav; echo text > in/1/text.wav
                $SF batch in -o whole $B; for i in 0 1 2; do $SF batch in -o out $B --shard $i/3; done; true
                """, in: scratch.path, environment: ["B": "--points 64"])
        #expect(made.status == 0)
    }

    private func merge(_ before: String = "true", _ options: String = "--points 64") throws -> Run {
        try Run(script: "\(before); $SF batch in -o out \(options) --merge", in: scratch.path)
    }

    /// A report's records without what depends on the clock.
    private func records(_ report: String) throws -> [BatchRecord] {
        try String(contentsOfFile: scratch.file(report), encoding: .utf8).split(separator: "\n").map {
            var record = try #require(BatchRecord(line: $0.utf8))
            (record.conversion.seconds, record.conversion.peakMemoryBytes) = (nil, nil)
            return record
        }
    }

    @Test func `the merged report is the one that an unsharded run writes`() throws {
        let run = try merge()
        #expect(run.status == 1, "two recordings are bad")
        #expect(run.output.hasPrefix("7 merged, 2 failed, 0 missing in "), "\(run.output)")
        #expect(run.errorLines.count == 2 && run.errors.contains("in/0/silent.wav: expected a spoken description"))
        #expect(try records("out/report.jsonl") == records("whole/report.jsonl"))
        // Where all is well, so is the exit code; and a merged report is as good as others to resume from.
        let clean = try Run(
            script: """
                rm in/0/silent.wav in/1/text.wav out/report.jsonl
                $SF batch in -o out --points 64 --merge && $SF batch in -o out --points 64 --resume
                """, in: scratch.path)
        #expect(clean.status == 0 && clean.output.contains("7 merged, 0 failed, 0 missing"), "\(clean.output)")
        #expect(clean.output.contains("0 converted, 0 failed, 7 kept"), "\(clean.output)")
    }

    @Test func `what no part did, what is gone and what has changed is named`() throws {
        let run = try merge(
            """
            cp $S/red-ball.flac in/2/new.flac; rm out/0/0.flac.ply; echo x >> out/1/1.flac.ply
            cp $S/cyan-donut.flac in/2/2.flac
            """)
        #expect(run.status == 1 && run.output.hasPrefix("4 merged, 2 failed, 4 missing in "), "\(run.output)")
        for told in [
            "in/2/new.flac: expected a line in a report, got none",
            "out/0/0.flac.ply: expected the file that the report tells of, got none",
            "out/1/1.flac.ply: expected the file that the report tells of, got another",
            "in/2/2.flac: expected a line of the recording as it is now, got one of another",
        ] { #expect(run.errorLines.contains { $0 == "sonoform: \(told)" }, "\(run.errors)") }
        #expect(
            run.errorLines.last == "sonoform: to make what is missing: sonoform batch in -o out --points 64 --resume")
        #expect(try records("out/report.jsonl").count == 6)
        // As it says.
        let rest = try Run(
            script: "$SF batch in -o out --points 64 --resume; $SF batch in -o out --points 64 --merge",
            in: scratch.path)
        #expect(rest.output.contains("4 converted, 2 failed, 4 kept"), "\(rest.output)")
        #expect(rest.output.contains("8 merged, 2 failed, 0 missing"), "\(rest.output)")
    }

    @Test func `a part that was made otherwise is named`() throws {
        let run = try merge("true", "--points 65")
        #expect(run.status == 1 && run.output.hasPrefix("0 merged, 0 failed, 9 missing"), "\(run.output)")
        #expect(run.errors.contains("in/0/0.flac: expected the options of this command, got others in the report"))
        let precision = try merge(
            "$SF batch in -o out --points 64 --precision f32 --shard 0/3 2> told", "--points 64 --precision bf16")
        #expect(precision.status == 1)
        #expect(precision.errors.contains("expected products in bf16, got f32 in the report"), "\(precision.errors)")
    }

    @Test func `a lost part is named, recording by recording`() throws {
        let lost = try records("out/report-1-of-3.jsonl").map(\.conversion.input)
        let run = try merge("rm out/report-1-of-3.jsonl")
        #expect(!lost.isEmpty && run.status == 1)
        for input in lost {
            #expect(run.errors.contains("sonoform: in/\(input): expected a line in a report, got none\n"))
        }
        #expect(run.errors.split(separator: "\n").count { $0.hasSuffix("got none") } == lost.count)
    }

    @Test func `a part without recordings is no fault, a folder without any is`() throws {
        let parts = try Run(
            script: """
                mkdir one none; cp $S/red-ball.flac one
                for i in 0 1 2 3; do $SF batch one -o parts --points 64 --shard $i/4 || exit; done
                $SF batch one -o parts --points 64 --merge
                """, in: scratch.path)
        #expect(parts.status == 0 && parts.output.contains("1 merged, 0 failed, 0 missing"), "\(parts.errors)")
        let none = try Run(script: "$SF batch none -o parts --points 64 --merge", in: scratch.path)
        #expect(none.status == 1 && none.errors == "sonoform: none: expected recordings, got none\n")
    }

    @Test func `a merge of nothing, and a merge that converts, are refused`() throws {
        let nothing = try Run(script: "$SF batch in -o empty --merge", in: scratch.path)
        #expect(nothing.status == 1 && nothing.errorLines.count == 1)
        #expect(nothing.errors.contains("empty: expected reports of parts"), "\(nothing.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch.file("empty")))
        for option in ["--shard 0/2", "--resume", "--watch", "--fail-fast", "--dry-run"] {
            #expect(try merge("true", option).status == 2)
        }
    }
}

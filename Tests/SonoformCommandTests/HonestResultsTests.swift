// Success means success: what failed in part, what was passed over, and what was found at all.

import Foundation
import GoldenFiles
import Testing

struct HonestResultsTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.file("in/sub"), withIntermediateDirectories: true)
    }

    private func script(_ text: String) throws -> Run { try Run(script: text, in: scratch.path) }

    /// The samples of a recording of `audio-samples` that is 16-bit WAV at 16 kHz.
    private func speech(_ name: String) throws -> [Float] {
        let bytes = try Data(contentsOf: URL(filePath: GoldenFiles.root + "/audio-samples/\(name).wav")).dropFirst(44)
        return stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
            Float(Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8)) / 32_768
        }
    }

    private func silence(_ seconds: Double) -> [Float] { [Float](repeating: 0, count: Int(16_000 * seconds)) }

    private func noise(_ seconds: Double) -> [Float] {
        var state: UInt32 = 1
        return (0..<Int(16_000 * seconds)).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return 0.27 * (Float(state >> 8) / Float(1 << 23) - 1)
        }
    }

    private func writeStereo(_ name: String, _ left: [Float], _ right: [Float]) throws {
        let count = max(left.count, right.count)
        func padded(_ samples: [Float]) -> [Float] { samples + [Float](repeating: 0, count: count - samples.count) }
        let samples = zip(padded(left), padded(right)).flatMap { [$0, $1] }
        try scratch.write(name, WaveFile(samples, channels: 2, coding: .pcm16).bytes)
    }

    @Test func `a recording of which one utterance is lost has failed, and is done again`() throws {
        let samples =
            try speech("tall-red-chair") + silence(1.5) + noise(2) + silence(1.5) + speech("big-blue-cube")
        try scratch.write("in/three.wav", WaveFile(samples, coding: .pcm16).bytes)
        let convert = try script("$SF convert in/three.wav $P -o out/; code=$?; ls out; exit $code")
        #expect(convert.status == 1)
        #expect(convert.output.hasSuffix("three-01.ply\nthree-03.ply\n"), "\(convert.output)")
        #expect(convert.errorLines.count == 1 && convert.errors.contains("three.wav"), "\(convert.errors)")
        let json = try script("$SF convert in/three.wav $P -o out/ --json")
        #expect(json.status == 1 && json.output.contains("\"error\":"))
        for options in ["", "--resume", "--resume"] {
            let batch = try script("$SF batch in -o clouds --points 64 \(options)")
            #expect(batch.status == 1)
            #expect(batch.output.hasPrefix("0 converted, 0 failed, 1 in part in "), "\(batch.output)")
            #expect(batch.errorLines.count == 1, "\(batch.errors)")
        }
        let report = try script("cat clouds/report.jsonl; ls clouds")
        #expect(report.output.contains("\"error\":"))
        #expect(report.output.hasSuffix("report.jsonl\nthree.wav-01.ply\nthree.wav-03.ply\n"))
    }

    @Test func `a batch that finds nothing fails, and tells what it passed over`() throws {
        let run = try script(
            #"""
            mkdir elsewhere && cp $S/red-ball.flac elsewhere/a.flac
            ln -s ../elsewhere/a.flac in/link.flac && ln -s gone.wav in/dangling.wav
            cp $S/red-ball.flac in/voice.m4a && cp $S/red-ball.flac in/other.m4a && cp $S/red-ball.flac in/README
            $SF batch in -o out; echo exit $?
            $SF batch in -o out --follow-links --points 64 2>/dev/null
            """#)
        #expect(run.status == 0, "\(run.errors)")
        try #require(run.lines.count == 3, "\(run.output)")
        #expect(run.lines[0].hasPrefix("0 converted, 0 failed in ") && run.lines[1] == "exit 1")
        #expect(run.lines.last?.hasPrefix("1 converted, 0 failed in ") == true, "\(run.output)")
        #expect(
            run.errorLines == [
                "sonoform: passed over: files that end in .m4a (2), files without an ending (1), "
                    + "links that lead nowhere (1), links that lead out of the folder (--follow-links takes them) (1)",
                "sonoform: in: expected recordings, got none",
            ])
        #expect(try script("mkdir empty; $SF batch empty -o out").status == 1)
    }

    @Test func `lists and patterns choose the recordings`() throws {
        let run = try script(
            #"""
            n=new$'\n'line$'\xe9'.flac
            for f in a.flac sub/b.flac "sub/$n"; do cp $S/red-ball.flac "in/$f"; done
            cp $S/tall-red-chair.wav in/c.wav
            batch() { $SF batch in --points 64 "$@" 2>/dev/null | cut -d' ' -f1-4; }
            printf 'a.flac\nsub/b.flac\r\n' > list && batch -o lines --files-from list
            printf 'c.wav\0sub/%s\0' "$n" | batch -o nul --files-from - && [ -s "nul/sub/$n.ply" ] || exit 1
            batch -o patterns --include '*.flac' --exclude 'sub/*' && [ -s patterns/a.flac.ply ] || exit 2
            batch -o several --include 'c.*' --include 'sub/b*'
            $SF batch in -o none --include '*.ogg'; echo exit $?
            """#)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(
            run.lines.prefix(4) == [
                "2 converted, 0 failed", "2 converted, 0 failed", "1 converted, 0 failed", "2 converted, 0 failed",
            ])
        #expect(run.lines.last == "exit 1")
        #expect(run.errorLines.first == "sonoform: passed over: recordings that are not asked for (4)")
    }

    @Test func `channels that cancel each other are heard, and the user is told`() throws {
        let chair = try speech("tall-red-chair")
        try writeStereo("in/opposite.wav", chair, chair.map { -$0 })
        let note = "note: the channels cancel each other: channel "
        let run = try script("$SF convert in/opposite.wav $P -o x.ply")
        #expect(run.status == 0 && run.output.contains("heard \"a tall red chair with three blue legs\""))
        #expect(run.errorLines.count == 1 && run.errors.hasPrefix("sonoform: in/opposite.wav: \(note)"))
        let batch = try script("$SF batch in -o out --points 64; grep -c 'channels cancel each other' out/report.jsonl")
        #expect(batch.lines.last == "1", "\(batch.output)")
        #expect(batch.errors.hasPrefix("sonoform: opposite.wav: \(note)"), "\(batch.errors)")
        #expect(try script("$SF inspect in/opposite.wav").output.contains("  \(note)"))
    }

    @Test func `a channel, the mix or each is heard, in convert and in batch`() throws {
        let (chair, cube) = try (speech("tall-red-chair"), speech("big-blue-cube"))
        try writeStereo("in/two.wav", chair, cube)
        for (channel, heard) in [("1", "a tall red chair with three blue legs"), ("2", "draw a big blue cube")] {
            let run = try script("$SF convert in/two.wav $P -o x.ply --channel \(channel)")
            #expect(run.status == 0 && run.output.contains("heard \"\(heard)\""), "\(run.output)\(run.errors)")
        }
        let each = try script("$SF convert in/two.wav $P -o x/ --channel each; ls x | wc -l")
        #expect(each.output.contains("channel 1, ") && each.output.contains("channel 2, "), "\(each.output)")
        #expect(each.lines.last == "2")
        let batch = try script("$SF batch in -o out --points 64 --channel each && ls out/*.ply | wc -l")
        #expect(batch.status == 0 && batch.lines.last == "2", "\(batch.errors)")
        let none = try script("$SF convert in/two.wav $P -o y.ply --channel 3")
        #expect(none.status == 1 && none.errorLines.count == 1 && none.errors.contains("channel"), "\(none.errors)")
        for wrong in ["0", "x", "-1"] { #expect(try script("$SF convert in/two.wav --channel=\(wrong)").status == 2) }
        try writeStereo("in/dead.wav", chair, silence(1))
        let dead = try script("$SF convert in/dead.wav $P -o z.ply")
        #expect(dead.status == 0 && dead.errors == "sonoform: in/dead.wav: note: channel 2 is silent\n")
    }

    @Test func `talk of more than half a minute without a pause is split, not refused`() throws {
        // Its best pause stands behind a description; what follows has none, and describes nothing.
        var samples = try speech("tall-red-chair") + silence(0.7)
        let voices = try ["big-blue-cube", "small-green-cone"].map(speech)
        while samples.count < 31 * 16_000 { samples += voices[samples.count % 2] + silence(0.1) }
        try scratch.write("talk.wav", WaveFile(Array(samples.prefix(31 * 16_000)), coding: .pcm16).bytes)
        let run = try script("$SF convert talk.wav $P -o out/; ls out | wc -l")
        #expect(run.output.hasPrefix("talk.wav: "), "\(run.errors)")
        #expect(run.output.contains(" utterances\n"), "\(run.output)")
        #expect(!run.errors.contains("at most 30"), "\(run.errors)")
        #expect(Int(run.lines.last ?? "") ?? 0 >= 1, "\(run.output)")
    }

    @Test func `a scene's JSON makes the cloud that it was written with`() throws {
        let run = try script(
            #"""
            $SF convert $S/tall-red-chair.wav $P --scene-json -o c.ply &&
                $SF convert --scene c.scene.json $P -o d.ply || exit 1
            ls && cmp c.ply d.ply
            """#)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.hasSuffix("c.ply\nc.scene.json\nd.ply\nin\n"))
        let bad = try script("echo '{\"objects\": 3}' > bad.json; $SF convert --scene bad.json -o e.ply")
        #expect(bad.status == 1 && bad.errorLines.count == 1 && bad.errors.contains("bad.json"), "\(bad.errors)")
    }

    @Test func `what is made as a kind of something is told, and refused by the strict`() throws {
        let run = try script("$SF convert --text 'two red settees' -o a.ply $P --json && ls")
        #expect(run.status == 0 && run.output.contains(#""substitutions":[{"asked":"settee","made":"sofa"}]"#))
        #expect(run.errors == "sonoform: two red settees: note: \"settee\" is made as a kind of \"sofa\"\n")
        let strict = try script("$SF convert --text 'a red settee' -o b.ply $P --strict; echo $?; ls b.ply")
        #expect(strict.lines == ["1"])
        #expect(strict.errors.contains("no settee in this model; nearest: sofa, bench, chair"))
    }

    @Test func `a watch that is stopped with nothing left to do ends as a finished batch does`() throws {
        let watched = #"""
            watch() {
                $SF batch in -o "$1" --points 64 --watch 2>errors & p=$!
                until [ "$(wc -l 2>/dev/null < "$1/report.jsonl")" = "$2" ]; do sleep 0.1; done
                kill -TERM $p; wait $p; echo exit $?
            }
            """#
        let run = try script(
            watched + #"""

                watch out 0
                cp $S/red-ball.flac in/ && watch out 1 && [ -s out/red-ball.flac.ply ] || exit 1
                echo text > in/bad.wav && watch out 2
                cat errors
                """#)
        let lines = run.lines
        try #require(lines.count == 8, "\(run.output)\(run.errors)")
        #expect(lines[0].hasPrefix("0 converted, 0 failed in ") && lines[1] == "exit 0")
        #expect(lines[2].hasPrefix("1 converted, 0 failed in ") && lines[3] == "exit 0")
        #expect(lines[4].hasPrefix("0 converted, 1 failed, 1 kept in ") && lines[5] == "exit 1", "\(run.output)")
        #expect(lines[6] == "sonoform: in: watched for recordings; Ctrl-C ends it")
        #expect(lines[7].hasPrefix("sonoform: in/bad.wav: expected "))
    }
}

// Listening: pipes that play samples, a recorder that is a script, and Ctrl-C. No microphone.

import Foundation
import GoldenFiles
import PointClouds
import Testing

@testable import SonoformCommand

struct ListenCommandTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        // What a recorder would give: 16-bit samples, with a second of silence after each description.
        try scratch.write(
            "play",
            #"""
            #!/bin/bash
            silence() { head -c 32000 /dev/zero; }
            plain() { tail -c +45 $S/$1.wav; }
            silence; plain tall-red-chair; silence; plain big-blue-cube; silence
            """#)
    }

    private func script(_ text: String) throws -> Run {
        try Run(script: "chmod +x play; export S; " + text, in: scratch.path)
    }

    @Test func `every utterance of a pipe becomes a numbered cloud`() throws {
        let run = try script("./play | $SF listen - -o clouds --points 64 --threads 1")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("heard \"a tall red chair with three blue legs\""))
        #expect(run.output.contains("heard \"draw a big blue cube\""))
        #expect(try PointCloud(reading: scratch.file("clouds/001.ply")).count == 64)
        #expect(try PointCloud(reading: scratch.file("clouds/002.ply")).count == 64)
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.file("clouds"))
        #expect(files.sorted() == ["001.ply", "002.ply"])
    }

    @Test func `what is there is never overwritten`() throws {
        let run = try script(
            #"""
            mkdir clouds; echo mine > clouds/007.scene.json; echo mine > clouds/002-old.txt
            ./play | $SF listen - -o clouds --points 64 --threads 1 --scene-json --json
            cat clouds/007.scene.json clouds/002-old.txt; ls clouds
            """#)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("mine\nmine\n"))
        #expect(run.output.contains("008.ply\n008.scene.json\n009.ply\n009.scene.json"), "\(run.output)")
    }

    @Test func `a microphone is what arecord gives, until Ctrl-C; what is being said is still converted`() throws {
        let run = try script(
            #"""
            mkdir bin
            printf '#!/bin/bash\necho "$@" > arguments\n./play\ntail -c +45 $S/tall-red-chair.wav\nexec sleep 100\n' > bin/arecord
            chmod +x bin/arecord
            PATH=$PWD/bin:$PATH $SF listen -o clouds --points 64 --threads 1 --device hw:7 > told &
            for i in $(seq 600); do [ -e clouds/002.ply ] && break; sleep 0.1; done
            sleep 0.5; kill -INT $!; wait $!; echo "status $?"
            cat arguments told
            """#)
        #expect(run.output.contains("status 0"), "\(run.output) \(run.errors)")
        #expect(run.output.contains("-f S16_LE -c 1 -r 16000 -D hw:7"))
        #expect(
            run.output.split(separator: "\n").count {
                $0.contains("a tall red chair with three") && $0.contains("heard")
            } == 2)
        #expect(FileManager.default.fileExists(atPath: scratch.file("clouds/003.ply")))
    }

    @Test func `no recorder is one line that says what to install`() throws {
        let run = try script("mkdir empty; PATH=$PWD/empty $SF listen -o clouds")
        #expect(run.status == 1 && run.errorLines.count == 1)
        #expect(run.errors.contains("arecord or pw-record") && run.errors.contains("apt install alsa-utils"))
    }

    @Test func `a recorder that fails is told, with its own words`() throws {
        let run = try script(
            #"""
            mkdir bin; printf '#!/bin/bash\necho "no such device" >&2; exit 3\n' > bin/arecord; chmod +x bin/arecord
            PATH=$PWD/bin:$PATH $SF listen -o clouds
            """#)
        #expect(run.status == 1 && run.errors.contains("no such device"))
        #expect(run.errorLines.last?.contains("arecord: expected a recorder that goes on, got exit code 3") == true)
    }

    @Test func `programs get the words so far, then the record`() throws {
        // As fast as it is spoken, so that there is a while in which only a part was said.
        let run = try script(
            #"""
            ./play > sound
            { for i in $(seq 0 40); do tail -c +$((i * 6400 + 1)) sound | head -c 6400; sleep 0.2; done; } \
                | $SF listen - -o clouds --points 64 --threads 1 --json
            """#)
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.lines.compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        #expect(lines.count == run.lines.count)
        let first = try #require(lines.firstIndex { $0["partial"] == nil })
        #expect(lines[..<first].contains { ($0["partial"] as? String)?.hasPrefix("a tall") == true }, "\(run.output)")
        #expect(lines[first]["heard"] as? String == "a tall red chair with three blue legs")
        #expect((lines[first]["input"] as? String)?.hasPrefix("from ") == true)
    }

    @Test func `what is no sound is refused with one line, and wrong usage is told`() throws {
        let run = try script(
            "printf 'RIFF....WAVEfmt \\20\\0\\0\\0\\21\\0\\1\\0@\\37\\0\\0@\\37\\0\\0\\4\\0\\4\\0' | $SF listen - -o c")
        #expect(run.status == 1 && run.errorLines.count == 1 && run.errors.contains("-: expected PCM"), "\(run.errors)")
        #expect(try script("$SF listen chair.wav").status == 2)
        #expect(try script("$SF listen - --device hw:1 < /dev/null").status == 2)
        #expect(try script("$SF listen - --pause 0 < /dev/null").status == 2)
    }

    @Test func `a meter shows decibels below full scale`() {
        #expect(meter(nil, width: 4) == "[    ]")
    }
}

// Names of any bytes: what is not UTF-8, two names that look the same, long ones, and those that a terminal would obey.

import GoldenFiles
import Testing

struct HostileNamesTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func script(_ text: String) throws -> Run { try Run(script: text, in: scratch.path) }

    @Test func `a batch converts recordings and folders whose names are no UTF-8, and keeps them`() throws {
        let run = try script(
            #"""
            mkdir -p in/d$'\xfc'r && cp $S/red-ball.flac in/stimme$'\xe9'.flac && cp $S/red-ball.flac in/d$'\xfc'r/ok.flac
            $SF batch in -o out --points 64 || exit 1
            [ -s out/stimme$'\xe9'.flac.ply ] && [ -s out/d$'\xfc'r/ok.flac.ply ] && echo both there
            grep -o '"input":"[^"]*"' out/report.jsonl
            $SF batch in -o out --points 64 --resume
            """#)
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.lines
        try #require(lines.count == 5, "\(run.output)")
        #expect(lines[0].hasPrefix("2 converted, 0 failed in "))
        #expect(lines[1] == "both there")
        #expect(lines[2] == #""input":"d\\xFCr/ok.flac""# && lines[3] == #""input":"stimme\\xE9.flac""#)
        #expect(lines[4].hasPrefix("0 converted, 0 failed, 2 kept in "))
    }

    @Test func `every command opens a name that is not UTF-8, writes to one, and shows it spelt out`() throws {
        let run = try script(
            #"""
            n=ball$'\xe9'
            cp $S/red-ball.flac $n.flac
            $SF convert $n.flac && [ -s $n.ply ] || exit 1
            $SF convert $n.flac -o new$n.xyz --points 64 && [ -s new$n.xyz ] || exit 2
            $SF features $n.flac -o $n.npy && [ -s $n.npy ] || exit 3
            $SF inspect $n.flac || exit 4
            $SF inspect $n.ply || exit 5
            $SF describe $n.ply || exit 6
            ls | wc -l
            """#)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains(#"-> ball\xE9.ply in "#) && run.output.contains(#"-> newball\xE9.xyz in "#))
        #expect(run.output.contains(#"ball\xE9.npy: "#) && run.output.contains(#"ball\xE9.flac: FLAC"#))
        #expect(run.output.contains(#"ball\xE9.ply: red sphere"#), "\(run.output)")
        #expect(run.lines.last == "4")
    }

    @Test func `a pipeline in a folder whose name is no UTF-8 is used by every command`() throws {
        let run = try script(
            #"""
            m=mod$'\xe8'le\\x41
            cp -r $G/../../Sources/Sonoform/Resources/built-in $m && mkdir in && cp $S/red-ball.flac in/
            r=in/red-ball.flac
            $SF convert $r $P --model $m -o a.ply || exit 1
            SONOFORM_MODEL=$m $SF convert $r $P -o b.ply >/dev/null && cmp a.ply b.ply || exit 2
            $SF batch in -o out --model $m --points 64 >/dev/null || exit 3
            $SF batch in -o out --model $m --points 64 --resume | grep -o '1 kept' || exit 4
            $SF batch in -o out --model $m --points 64 --resume --dry-run || exit 5
            $SF describe a.ply --model $m || exit 6
            $SF inspect $m | head -n 1 && $SF inspect $m/language_model | head -n 1 || exit 7
            $SF features $r -o f$'\xe9'.npy >/dev/null || exit 8
            $SF run-stage encoder $m --input f$'\xe9'.npy --output h$'\xe9'.npy >/dev/null || exit 9
            $SF run-stage encoder $m/modality_encoder --input f$'\xe9'.npy --output i.npy || exit 10
            cmp h$'\xe9'.npy i.npy || exit 11
            rm $m/language_model/config.json && ! $SF convert $r $P --model $m -o c.ply
            """#)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("1 kept\nkeep    red-ball.flac\n"), "\(run.output)")
        #expect(run.output.contains(": a sound pipeline of "), "\(run.output)")
        #expect(run.output.contains(#"mod\xE8le\\x41/language_model: a sound language_model, "#), "\(run.output)")
        #expect(run.errorLines.count == 1, "\(run.errors)")
        #expect(run.errors.hasPrefix(#"sonoform: mod\xE8le\\x41/language_model/config.json: expected a JSON file"#))
    }

    @Test func `the program finds its own pipeline in a folder whose name is no UTF-8`() throws {
        let run = try script(
            #"""
            b=b$'\xfc'ro/bin && mkdir -p $b b$'\xfc'ro/share/sonoform
            cp $SF $b/ && ln -s $G/../../Sources/Sonoform/Resources/built-in b$'\xfc'ro/share/sonoform/built-in
            $b/sonoform convert --text "a red ball" $P -o x.ply && ln -s $b/sonoform link && ./link inspect | head -n 1
            """#)
        #expect(run.status == 0 && run.lines.count == 4, "\(run.output)\(run.errors)")
        #expect(run.lines.last?.contains(": a sound pipeline of ") == true, "\(run.output)")
    }

    @Test func `a description and a scene do not reach the terminal as they are`() throws {
        let run = try script(
            #"""
            $SF convert --text $'a \e[2J zorp\n' $P -o x.ply
            echo '{"objects":[{"copies":1,"noun":"zo\u001b[2J\nrp","parts":[],"proportions":[]}]}' > a.json
            echo '{"objects":[{"copies":1,"noun":"cube","size":"\u001b]0;\u0007","parts":[],"proportions":[]}]}' > b.json
            for scene in a b; do $SF convert --scene $scene.json $P -o x.ply; done
            """#)
        #expect(run.errorLines.count == 3 && run.output.isEmpty, "\(run.errors)")
        #expect(!run.errors.unicodeScalars.contains { $0.value < 32 && $0 != "\n" }, "\(run.errors)")
        #expect(run.errorLines[0].hasPrefix(#"sonoform: "a \u{1B}[2J zorp\n": expected "#))
        #expect(run.errorLines[1] == #"sonoform: a.json: no zo\u{1B}[2J\nrp in this model"#)
    }

    @Test func `two names that differ only in their normalisation are two recordings`() throws {
        let run = try script(
            #"""
            mkdir in && cp $S/red-ball.flac in/cafe$'\xcc\x81'.flac && cp $S/cyan-donut.flac in/caf$'\xc3\xa9'.flac
            $SF batch in -o out --points 64 || exit 1
            ls out/*.ply | wc -l
            $SF batch in -o out --points 64 --resume || exit 2
            cp $S/silence.wav in/caf$'\xc3\xa9'.flac
            $SF batch in -o out --points 64 --resume; echo exit $?
            [ -s out/cafe$'\xcc\x81'.flac.ply ] && [ ! -e out/caf$'\xc3\xa9'.flac.ply ] && wc -l < out/report.jsonl
            """#)
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.lines
        try #require(lines.count == 6, "\(run.output)")
        #expect(lines[0].hasPrefix("2 converted, 0 failed in ") && lines[1] == "2")
        #expect(lines[2].hasPrefix("0 converted, 0 failed, 2 kept in "))
        #expect(lines[3].hasPrefix("0 converted, 1 failed, 1 kept in ") && lines[4] == "exit 1")
        #expect(lines[5] == "2")
    }

    @Test func `names as long as the file system has them are converted, and stay apart`() throws {
        let run = try script(
            #"""
            long=$(printf 'a%.0s' $(seq 250)); chairs=$(printf '🪑%.0s' $(seq 60))
            mkdir in && cp $S/red-ball.flac in/${long}.flac && cp $S/red-ball.flac in/${long:1}b.flac
            cp $S/tall-red-chair.wav in/$chairs.wav
            $SF batch in -o out --points 64 || exit 1
            ls out/*.ply | wc -l
            $SF batch in -o out --points 64 --resume || exit 2
            cd in && $SF convert $long.flac $P && $SF convert $chairs.wav $P && [ -s $chairs.ply ] && ls *.ply | wc -l
            """#)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.lines.first?.hasPrefix("3 converted, 0 failed in ") == true)
        #expect(run.lines.dropFirst().first == "3")
        #expect(run.lines.dropFirst(2).first?.hasPrefix("0 converted, 0 failed, 3 kept in ") == true)
        #expect(run.lines.last == "2")
    }

    @Test func `what a terminal would obey is spelt out, on one line`() throws {
        let run = try script(
            #"""
            bad=bad$'\e[2J\n'second$'\xe2\x80\xae'.wav
            echo 'not audio' > "$bad"
            for command in "convert" "inspect" "features -o x.npy"; do $SF $command "$bad"; echo exit $?; done
            mkdir in && cp "$bad" in/ && $SF batch in -o out >/dev/null; echo exit $?
            $SF describe "$bad"; echo exit $?
            """#)
        #expect(run.output == "exit 1\nexit 1\nexit 1\nexit 1\nexit 1\n")
        #expect(run.errorLines.count == 5, "\(run.errors)")
        for line in run.errorLines {
            #expect(line.contains(#"bad\u{1B}[2J\nsecond\u{202E}.wav: "#), "\(line)")
            #expect(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E })
        }
    }

    @Test func `a recording that a shell's pattern hands over as an option is told apart from one`() throws {
        let run = try script(
            #"""
            cp $S/red-ball.flac ./-dash.flac && cp $S/red-ball.flac ./-h.flac
            $SF convert *.flac -o out/; echo exit $?
            [ ! -e out ] && $SF convert $P -o out/ -- *.flac >/dev/null && ls out
            """#)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output == "exit 2\n-dash.ply\n-h.ply\n")
        #expect(
            run.errors == "sonoform: -dash.flac: expected an option, got a file of that name; "
                + "write ./-dash.flac, or -- before the files\n")
    }
}

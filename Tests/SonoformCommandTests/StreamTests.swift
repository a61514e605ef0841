// Standard input and output, pipes, and outputs that take no more.

import GoldenFiles
import Testing

struct StreamTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func script(_ text: String) throws -> Run { try Run(script: text, in: scratch.path) }

    @Test func `a recording comes from the standard input, a pipe or a named pipe, and makes the same cloud`() throws {
        let run = try script(
            #"""
            r=$S/tall-red-chair.wav
            $SF convert $r $P -o file.ply || exit 1
            cat $r | $SF convert - $P -o dash.ply || exit 2
            cat $r | $SF convert /dev/stdin $P -o device.ply || exit 3
            $SF convert <(cat $r) $P -o substitution.ply || exit 4
            mkfifo pipe.wav && { cat $r > pipe.wav & } && $SF convert pipe.wav $P -o named.ply || exit 5
            cat $r | $SF convert - $P || exit 6
            for cloud in dash device substitution named stdin; do cmp file.ply $cloud.ply || exit 7; done
            """#)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("heard \"a tall red chair with three blue legs\""))
    }

    @Test func `the standard output takes the cloud, and what is told goes to standard error`() throws {
        let run = try script(
            #"""
            r=$S/tall-red-chair.wav
            $SF convert $r $P -o file.ply >/dev/null && $SF convert - -o - $P < $r > out.ply || exit 1
            $SF features $r -o file.npy >/dev/null && $SF features - -o - < $r | cat > out.npy || exit 2
            cmp file.ply out.ply && cmp file.npy out.npy || exit 3
            [ ! -e - ] && $SF inspect - < $r
            """#)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.lines.count == 1 && run.output.hasPrefix("-: WAV, "), "\(run.output)")
        #expect(run.errors.contains("heard \"a tall red chair with three blue legs\""))
        for usage in ["convert - - -o -", "convert a.wav -o - --json", "convert a.wav -o - --picture"] {
            #expect(try script("$SF \(usage)").status == 2)
        }
    }

    @Test func `what stands in a redirected output is kept, and the cloud follows it`() throws {
        let run = try script(
            #"""
            r=$S/tall-red-chair.wav
            $SF convert $r $P -o one.xyz >/dev/null || exit 1
            { echo first; $SF convert $r $P -o - --format xyz; $SF convert $r $P -o /dev/stdout --format xyz --json >/dev/fd/3
            } 3>/dev/null > all.xyz 2>/dev/null || exit 2
            $SF convert $r $P -o - --format xyz >> all.xyz 2>/dev/null || exit 3
            { echo first; cat one.xyz one.xyz; } | cmp - all.xyz || exit 4
            $SF features $r -o one.npy >/dev/null || exit 5
            { printf x; $SF features $r -o - 2>/dev/null; } > all.npy || exit 6
            { printf x; cat one.npy; } | cmp - all.npy || exit 7
            ls
            """#)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output == "all.npy\nall.xyz\none.npy\none.xyz\n")
    }

    @Test func `the standard output may be a socket`() throws {
        let run = try script(
            #"""
            python3 - <<'END'
            import os, socket, subprocess
            ours, theirs = socket.socketpair()
            subprocess.run([os.environ["SF"], "convert", "--text", "cube", "-o", "-", "--points", "64", "--threads", "1"],
                           stdout=theirs, stderr=subprocess.DEVNULL, check=True)
            theirs.close()
            print(ours.recv(3).decode())
            END
            """#)
        #expect(run.output == "ply\n", "\(run.errors)")
    }

    @Test func `a closed stream is a failure, and no file of ours takes its place`() throws {
        let run = try script(
            #"""
            cp $S/red-ball.flac a.flac && cp a.flac same.flac
            for command in "convert a.flac $P -o -" "features a.flac -o -" "inspect a.flac" "convert a.flac $P -o x.ply"; do
                $SF $command >&- ; echo exit $?
            done
            $SF convert - $P -o x.ply <&- ; echo exit $?
            $SF convert a.flac $P -o y.ply <&- 2>&- >/dev/null; echo exit $?
            cmp a.flac same.flac && echo unharmed
            """#)
        #expect(
            run.output == "exit 1\nexit 1\nexit 1\nexit 1\nexit 1\nexit 0\nunharmed\n", "\(run.output)\(run.errors)")
        #expect(run.errors.contains("Bad file descriptor"))
    }

    @Test func `a reader of a pipe gets a line as soon as it is there`() throws {
        // The second recording comes only when the first one's line was read.
        let run = try script(
            #"""
            mkfifo later.wav
            $SF convert $S/red-ball.flac later.wav -o out/ $P | {
                read -r -t 100 line || exit 1
                echo "first: $line"
                cat $S/tall-red-chair.wav > later.wav
                cat
            }
            """#)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.lines.first?.hasPrefix("first: ") == true && run.lines.first?.contains("red-ball.flac") == true)
        #expect(run.output.contains("later.wav: heard \"a tall red chair"))
    }

    @Test func `what was told before the program was killed is told`() throws {
        // The second recording never comes.
        let run = try script(
            #"""
            mkfifo never.wav
            $SF convert $S/red-ball.flac never.wav -o out/ $P > log & p=$!
            for turn in $(seq 1200); do [ -s log ] && break; sleep 0.1; done
            kill -KILL $p; wait $p; echo exit $?
            cat log; ls out
            """#)
        #expect(run.output.hasPrefix("exit 137\n") && run.output.contains("red-ball.flac: heard "), "\(run.output)")
        #expect(run.lines.last == "red-ball.ply")
    }

    @Test(arguments: [
        "inspect $S/red-ball.flac --json", "convert $S/red-ball.flac -o x.ply --json $P",
        "convert --text cube -o x.ply $P", "features $S/red-ball.flac -o x.npy",
        "batch in -o out --json --points 64", "--version", "--help",
        "convert --text cube -o - $P", "features $S/red-ball.flac -o -",
    ])
    func `what cannot be said is a failure`(command: String) throws {
        let run = try script("mkdir in && cp $S/red-ball.flac in/; $SF \(command) > /dev/full")
        #expect(run.status == 1)
        #expect(run.errors.contains("No space left on device"), "\(run.errors)")
    }

    @Test func `ffmpeg decodes what this package does not, when it is asked for and there`() throws {
        let mp3 = "$G/audio/refused/mpeg_layer_iii.mp3"
        let refused = try script("$SF features \(mp3) -o x.npy")
        #expect(refused.status == 1 && refused.errorLines.count == 1)
        #expect(refused.errors.contains("MP3"), "\(refused.errors)")
        let without = try script("PATH=/nowhere $SF features \(mp3) -o x.npy --decoder ffmpeg")
        #expect(without.status == 1 && without.errorLines.count == 1)
        let refusal = "expected the program ffmpeg to be installed, got none in PATH\n"
        #expect(without.errors.hasSuffix(refusal), "\(without.errors)")
        #expect(scratch.contents.isEmpty)
        guard try script("command -v ffmpeg").status == 0 else { return }
        let run = try script("$SF features \(mp3) -o x.npy --decoder ffmpeg")
        #expect(run.status == 0 && scratch.contents == ["x.npy"], "\(run.errors)")
        let spoken = try script(
            #"""
            ffmpeg -v error -i $S/red-ball.flac -c:a aac ball.m4a && mkdir in && cp ball.m4a in/$'b\xe4ll.m4a' || exit 1
            $SF convert ball.m4a $P -o x.ply; echo exit $?
            for input in ball.m4a /dev/stdin -; do $SF convert $input $P -o x.ply --decoder ffmpeg < ball.m4a || exit 2; done
            cat ball.m4a | $SF convert - $P -o x.ply --decoder ffmpeg || exit 3
            $SF batch in -o out --points 64 --decoder ffmpeg
            """#)
        #expect(spoken.status == 0, "\(spoken.errors)")
        #expect(spoken.output.split(separator: "heard \"show me a red ball\"").count == 5, "\(spoken.output)")
        #expect(spoken.output.hasPrefix("exit 1\n") && spoken.lines.last?.hasPrefix("1 converted, 0 failed") == true)
        #expect(spoken.errorLines.count == 1 && spoken.errors.contains("got MP4 or M4A"), "\(spoken.errors)")
    }
}

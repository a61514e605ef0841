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
    }
}

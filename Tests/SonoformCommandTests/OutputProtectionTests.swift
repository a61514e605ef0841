// Outputs never destroy inputs: what is refused, what is written through, and what stays as it is.

import GoldenFiles
import Testing

struct OutputProtectionTests {
    let scratch: Scratch

    /// Two recordings, which have other names too.
    init() throws {
        scratch = try Scratch()
        let run = try Run(
            script: #"""
                cp $S/red-ball.flac a.flac && cp $S/tall-red-chair.wav b.wav && mkdir originals
                cp a.flac b.wav originals/
                for e in ply npy html; do ln a.flac hard.$e; ln -s a.flac soft.$e; cp b.wav other.$e; done
                ln a.flac p.png && head -c 9000 b.wav > cut.ply && cp $G/audio/refused/mpeg_layer_iii.mp3 mp3.ply
                echo '{"objects":[{"copies":1,"noun":"cube","parts":[],"proportions":[]}]}' > c.scene.json
                mkdir folder && ln a.flac folder/a.ply && ln a.flac folder/a.npy
                """#, in: scratch.path)
        try #require(run.status == 0, "\(run.errors)")
    }

    @Test(arguments: [
        ("convert a.flac $P -o a.flac --format ply", "a.flac: expected another file than the input, got the input it"),
        ("convert a.flac $P -o hard.ply", "hard.ply: expected another file than the input, got a.flac by another name"),
        ("convert a.flac $P -o soft.ply", "soft.ply: expected another file than the input, got a.flac by another name"),
        ("convert a.flac $P -o other.ply", "other.ply: expected a file that is not a recording"),
        ("convert a.flac $P -o folder", "folder/a.ply: expected another file than the input, got a.flac by another"),
        ("convert a.flac b.wav $P -o folder", "folder/a.ply: expected another file than the input"),
        ("convert --text cube $P -o other.ply", "other.ply: expected a file that is not a recording"),
        ("convert a.flac $P -o x.ply --contact-sheet hard.html", "hard.html: expected another file than the input"),
        (
            "convert a.flac $P -o x.ply --contact-sheet other.html",
            "other.html: expected a file that is not a recording"
        ),
        ("features a.flac -o hard.npy", "hard.npy: expected another file than the input, got a.flac by another name"),
        ("features a.flac -o soft.npy", "soft.npy: expected another file than the input, got a.flac by another name"),
        ("features a.flac -o other.npy", "other.npy: expected a file that is not a recording"),
        ("features a.flac -o folder", "folder/a.npy: expected another file than the input"),
        ("batch originals -o out --contact-sheet other.html", "other.html: expected a file that is not a recording"),
        ("batch originals -o out --contact-sheet soft.html", "soft.html: expected a file that is not a recording"),
    ])
    func `a recording is not written over, by whatever name`(command: String, refusal: String) throws {
        let run = try Run(
            script: "$SF \(command); echo exit $?; cmp a.flac originals/a.flac && cmp b.wav originals/b.wav"
                + " && cmp other.ply b.wav && cmp other.npy b.wav && cmp other.html b.wav"
                + " && cmp mp3.ply $G/audio/refused/mpeg_layer_iii.mp3 && [ $(stat -c %s cut.ply) = 9000 ] && echo unharmed",
            in: scratch.path)
        #expect(run.output == "exit 1\nunharmed\n", "\(run.output)\(run.errors)")
        #expect(run.errors.hasPrefix("sonoform: \(refusal)"), "\(run.errors)")
        #expect(run.errorLines.count == 1)
    }

    @Test(arguments: [
        ("convert --text cube -o x.", ["pcd", "las", "gltf", "obj.gz", "wav"], ".3mf, .glb, .obj, .ply, .stl, .xyz"),
        ("features a.flac -o x.", ["npz", "wav", "csv"], ".npy, .safetensors"),
        ("convert --text cube -o x.ply --contact-sheet x.", ["pdf", "wav"], ".html, .htm"),
    ])
    func `an ending that says another format is refused with those that are known`(
        command: String, endings: [String], known: String
    ) throws {
        for ending in endings {
            let run = try Run(script: "$SF \(command)\(ending); code=$?; ls | grep '^x'; exit $code", in: scratch.path)
            let last = ending.split(separator: ".").last!
            #expect(run.status == 1 && run.output.isEmpty)
            #expect(run.errors == "sonoform: x.\(ending): expected a name that ends in \(known), got .\(last)\n")
        }
    }

    @Test func `a link is written through, also one to a file that does not exist yet`() throws {
        let run = try Run(
            script: #"""
                mkdir store && echo old > store/real.ply
                ln -s store/real.ply link.ply && ln -s store/new.ply to-new.ply
                for output in link.ply to-new.ply; do
                    $SF convert --text "a red ball" $P -o $output >/dev/null || exit 1
                done
                [ -L link.ply ] && [ -L to-new.ply ] && head -c 3 store/real.ply && head -c 3 store/new.ply
                """#, in: scratch.path)
        #expect(run.status == 0 && run.output == "plyply", "\(run.output)\(run.errors)")
    }

    @Test func `a file that nobody may write stays`() throws {
        let run = try Run(
            script: #"""
                for name in x.ply x.npy x.html; do echo mine > $name; chmod 444 $name; done
                $SF convert --text "a red ball" $P -o x.ply; echo exit $?
                $SF features a.flac -o x.npy; echo exit $?
                $SF convert --text "a red ball" $P -o y.ply --contact-sheet x.html >/dev/null; echo exit $?
                cat x.ply x.npy x.html
                """#, in: scratch.path)
        #expect(run.output == "exit 1\nexit 1\nexit 1\nmine\nmine\nmine\n", "\(run.output)")
        #expect(run.errorLines.count == 3, "\(run.errors)")
        #expect(run.errorLines.allSatisfy { $0.contains("Permission denied") }, "\(run.errors)")
    }
}

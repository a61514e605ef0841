// `sonoform features` as users run it: kinds, layouts, several inputs, pictures, and options that do not belong.

import Foundation
import GoldenFiles
import Tensors
import Testing

private func sample(_ name: String) -> String { GoldenFiles.root + "/audio-samples/" + name }

struct FeaturesCommandTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: [
        ("whisper", [80, 100]), ("mfcc", [20, 32]), ("power", [1_025, 32]), ("amplitude", [1_025, 32]),
        ("kaldi-fbank", [98, 80]), ("kaldi-mfcc", [98, 13]), ("ast", [98, 128]), ("beats", [98, 128]),
        ("seamless", [49, 160]),
    ])
    func `every kind is laid out as its reference lays it out`(kind: String, shape: [Int]) throws {
        let file = scratch.file("f.npy")
        let run = try Run(
            "features", sample("tall-red-chair.wav"), "-o", file, "--kind", kind, "--to", "1", "--picture")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try Tensor(npy: file).shape == shape)
        #expect(scratch.contents == ["f.npy", "f.png"])
    }

    @Test(arguments: ["whisper", "mfcc", "power", "kaldi-mfcc", "seamless", "ast"])
    func `blocks make the file that all at once makes`(kind: String) throws {
        for format in ["npy", "safetensors"] {
            let (blocks, whole) = (scratch.file("blocks.\(format)"), scratch.file("whole.\(format)"))
            for arguments in [[blocks], [whole, "--picture"]] {
                let run = try Run(
                    list: ["features", sample("pink-house-44100-stereo.flac"), "--kind", kind, "-o"] + arguments)
                #expect(run.status == 0, "\(run.errors)")
            }
            #expect(try Data(contentsOf: URL(filePath: blocks)) == Data(contentsOf: URL(filePath: whole)))
        }
    }

    @Test func `several recordings go to a folder, one line each`() throws {
        struct Line: Decodable {
            let input: String
            let output: String
            let shape: [Int]
            let sample_rate_hz: Int
            let duration_seconds: Double
        }
        let run = try Run(
            "features", sample("red-ball.flac"), sample("pink-house-44100-stereo.flac"), "-o", scratch.file("out"),
            "--kind", "mfcc", "--format", "safetensors", "--channel", "1", "--json")
        #expect(run.status == 0, "\(run.errors)")
        let lines = try run.output.split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        #expect(lines.map(\.sample_rate_hz) == [16_000, 44_100])
        for line in lines {
            #expect(try SafeTensorsFile(path: line.output).shape(of: "features") == line.shape)
            #expect(line.shape[1] == 1 + Int(line.duration_seconds * Double(line.sample_rate_hz) + 0.5) / 512)
        }
    }

    @Test func `one bad recording does not stop the others`() throws {
        let bad = try scratch.write("bad.wav", "hello".utf8)
        let run = try Run("features", bad, sample("red-ball.flac"), "-o", scratch.file("out/"))
        #expect(run.status == 1)
        #expect(run.errorLines.count == 1 && run.errors.contains(bad))
        #expect(try Tensor(npy: scratch.file("out/red-ball.npy")).shape[0] == 80)
    }

    @Test func `options that do not belong to the kind are refused`() throws {
        for arguments in [
            ["--coefficients", "3"], ["--kind", "beats", "--mel-bands", "80"], ["--from", "2", "--to", "1"],
        ] {
            let process = ["features", sample("red-ball.flac"), "-o", scratch.file("f.npy")] + arguments
            let run = try Run(list: process)
            #expect(run.status == 2, "\(arguments)")
        }
        #expect(scratch.contents.isEmpty)
    }

    @Test func `settings of which no features can be made get one line`() throws {
        let run = try Run(
            "features", sample("red-ball.flac"), "-o", scratch.file("f.npy"), "--kind", "mfcc", "--window", "401")
        #expect(run.status == 1)
        #expect(run.errorLines.count == 1 && run.errors.contains("even window"), "\(run.errors)")
    }
}

// Where recordings come from: names of any bytes, pipes, memory, and other programs' decoders.

import AudioFeatures
import Foundation
import GoldenFiles
import SystemPackage
import Testing

@Suite struct AudioInputTests {
    private let folder: Scratch
    private let wave = WaveFile(noise(70_000)).bytes

    init() throws { folder = try Scratch() }

    @Test func aNameOfAnyBytesIsRead() throws {
        var bytes = Array("\(folder.path)/stimme".utf8CString.dropLast())
        bytes += [CChar(bitPattern: 0xE9)] + ".wav".utf8CString
        let path = FilePath(platformString: bytes)
        let file = try FileDescriptor.open(path, .writeOnly, options: .create, permissions: .ownerReadWrite)
        try file.closeAfter { _ = try file.writeAll(wave) }
        #expect(try Recording(contentsOf: path).samples == noise(70_000))
        #expect(throws: AudioFileError.self) { try Recording(contentsOf: path.string) }
    }

    @Test func bytesInMemoryAreRead() throws {
        #expect(try Recording(contentsOf: AudioInput(bytes: wave)).samples == noise(70_000))
        #expect(try Recording(contentsOf: AudioInput(bytes: Data(wave))).samples == noise(70_000))
        let error = try #require(throws: AudioFileError.self) { try AudioInput(bytes: [], name: "upload") }
        #expect(error.description == "upload: expected an audio file, got no bytes")
    }

    /// A named pipe with a thread that writes to it.
    private func pipe(_ bytes: [UInt8]) throws -> FilePath {
        let path = "\(folder.path)/pipe-\(UUID().uuidString)"
        try #require(mkfifo(path, 0o600) == 0)
        Thread.detachNewThread {
            signal(SIGPIPE, SIG_IGN)
            guard let writer = fopen(path, "w") else { return }
            fwrite(bytes, 1, bytes.count, writer)
            fclose(writer)
        }
        return FilePath(path)
    }

    @Test func aPipeIsReadTwice() throws {
        let input = try AudioInput(opening: pipe(wave))
        for _ in 0..<2 { #expect(try Recording(contentsOf: input).samples == noise(70_000)) }
        #expect(try Recording(contentsOf: pipe(wave)).samples == noise(70_000))
    }

    @Test func aPipeOfTooMuchOrOfSomethingElseIsRefused() throws {
        let options = ReadingOptions(limits: AudioLimits(spooledBytes: 100_000))
        let long = try #require(throws: AudioFileError.self) { try AudioInput(opening: pipe(wave), options) }
        #expect(long.reason == .outsideLimits && long.expected == "at most 100000 bytes from a pipe")
        let text = try #require(throws: AudioFileError.self) {
            try AudioInput(opening: pipe(Array(String(repeating: "a red ball ", count: 100_000).utf8)))
        }
        #expect(text.reason == .notAudio && text.got == "text")
        let nothing = try #require(throws: AudioFileError.self) { try AudioInput(opening: pipe([])) }
        #expect(nothing.reason == .empty)
    }

    @Test func noCopyIsLeft() throws {
        let before = try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter { $0.hasSuffix(".spool") }
        let input = try AudioInput(opening: pipe(wave))
        let after = try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter { $0.hasSuffix(".spool") }
        #expect(before == after)
        withExtendedLifetime(input) {}
    }

    private static let hasFFmpeg = ["/usr/bin", "/usr/local/bin", "/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/ffmpeg")
    }

    @Test(.enabled(if: hasFFmpeg, "ffmpeg is not installed")) func ffmpegDecodesWhenAskedTo() throws {
        let path = GoldenFiles.path("audio/refused/mpeg_layer_iii.mp3")
        #expect(throws: AudioFileError.self) { try Recording(contentsOf: path) }
        let recording = try Recording(contentsOf: path, ReadingOptions(decoder: .ffmpeg))
        #expect(recording.source.container == "MP3" && recording.source.encoding == "decoded by ffmpeg")
        #expect(recording.source.channels == 2 && recording.source.sampleRateHz == 16_000)
        #expect((1_500...4_000).contains(recording.samples.count))
        #expect(recording.samples.map(abs).max()! > 0.3)
    }

    /// Each of them half a file, of which ffmpeg itself decodes what there is and is content.
    @Test(
        .enabled(if: hasFFmpeg, "ffmpeg is not installed"),
        arguments: ["a.mp3", "a.m4a", "-movflags +faststart b.m4a", "a.webm", "a.mka", "a.aac", "a.wma"])
    func halfOfWhatFFmpegDecodesIsRefused(output: String) throws {
        let source = GoldenFiles.root + "/audio-samples/red-ball.flac"
        let words = output.split(separator: " ").map(String.init)
        let path = "\(folder.path)/\(words.last!)"
        let ffmpeg = Process()
        ffmpeg.executableURL = URL(filePath: "/usr/bin/env")
        ffmpeg.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-i", source] + words.dropLast() + [path]
        try ffmpeg.run()
        ffmpeg.waitUntilExit()
        try #require(ffmpeg.terminationStatus == 0)
        let options = ReadingOptions(decoder: .ffmpeg)
        let seconds = try Recording(contentsOf: path, options).duration / .seconds(1)
        #expect(abs(seconds - 1.77) < 0.15, "\(seconds)")
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
        // ADTS and cut ASF say nothing of how long they are; a cut within a frame is found.
        let error = try #require(throws: AudioFileError.self) { try Recording(contentsOf: path, options) }
        #expect([.truncated, .decodingFailed].contains(error.reason), "\(error)")
    }

    @Test(.enabled(if: hasFFmpeg, "ffmpeg is not installed")) func ffmpegReadsNoPlaylist() throws {
        let secret = try folder.write("secret.wav", wave)
        let list = Array("ffconcat version 1.0\nfile '\(secret)'\n".utf8)
        let error = try #require(throws: AudioFileError.self) {
            try AudioInput(bytes: list, name: "list", ReadingOptions(decoder: .ffmpeg))
        }
        #expect(error.reason == .decodingFailed, "\(error)")
        #expect(error.expected == "a file that ffmpeg decodes")
    }
}

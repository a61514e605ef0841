// Whether a file was whole, by what ffmpeg says of it; the lines are ffmpeg 5.1's own.

import Testing

@testable import AudioFeatures

@Suite struct FFmpegReportTests {
    @Test func aPromiseIsRead() {
        let mp3 = FFmpegReport(
            """
            [info] Input #0, mp3, from 'file:/dev/stdin':
            [info]   Metadata:
            [info]     Duration: 99:00:00.00, start: 0
            [info]   Duration: 00:01:01.87, start: 0.069063, bitrate: 24 kb/s
            [info]   Stream #0:0: Video: png, rgb24(pc), 600x600, 90k tbr, 90k tbn (attached pic)
            [info]   Stream #0:1: Audio: mp3, 16000 Hz, mono, fltp, 24 kb/s
            """)
        #expect(mp3.errors.isEmpty && mp3.cut == nil)
        #expect(abs((mp3.promisedSeconds ?? 0) - 61.801) < 0.001)
        let early = FFmpegReport("[info]   Duration: 00:00:01.78, start: -0.002000, bitrate: 89 kb/s\n")
        #expect(early.promisedSeconds == 1.78)
        #expect(FFmpegReport("[info]   Duration: N/A, bitrate: N/A").promisedSeconds == nil)
    }

    @Test func aGuessIsNoPromise() {
        let line = "[info]   Duration: 00:00:01.86, bitrate: 73 kb/s\n"
        #expect(FFmpegReport(line).promisedSeconds == 1.86)
        let estimated = "[aac @ 0x55d4] [warning] Estimating duration from bitrate, this may be inaccurate\n"
        #expect(FFmpegReport(estimated + line).promisedSeconds == nil)
        let film = "[info]   Stream #0:0(und): Video: h264 (High), yuv420p, 640x480, 25 fps\n"
        #expect(FFmpegReport(line + film).promisedSeconds == nil)
    }

    @Test func whatIsMissingIsFound() {
        let report = FFmpegReport(
            """
            [mov,mp4,m4a,3gp,3g2,mj2 @ 0x5627] [warning] Packet corrupt (stream = 0, dts = 12288).
            [aac @ 0x5627] [error] Input buffer exhausted before END element found
            [error] Error while decoding stream #0:0: Invalid data found when processing input
            [mov,mp4,m4a,3gp,3g2,mj2 @ 0x5627] [error] stream 0, offset 0x24b9: partial file
            """)
        #expect(report.cut == "Packet corrupt (stream = 0, dts = 12288).")
        #expect(report.errors.first == "Input buffer exhausted before END element found" && report.errors.count == 3)
        #expect(FFmpegReport("[matroska,webm @ 0x56] [error] File ended prematurely").cut == "File ended prematurely")
        #expect(FFmpegReport("[info]     title           : a truncated song").cut == nil)
        let fatal = FFmpegReport("[fatal] file:/dev/stdin: Invalid\u{1B}[2J data found")
        #expect(fatal.errors == ["Invalid\\u{1B}[2J data found"])
    }
}

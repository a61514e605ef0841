// The page: whole, safe whatever is in it, and the clouds in it are those of the files.

import AudioFeatures
import Foundation
import GoldenFiles
import PointClouds
import Sonoform
import SystemPackage
import Testing

@testable import ContactSheets

struct ContactSheetsTests {
    let scratch: Scratch
    let chair = GoldenFiles.root + "/audio-samples/tall-red-chair.wav"

    init() throws { scratch = try Scratch() }

    private func record(_ json: String) throws -> ConversionRecord {
        try JSONDecoder().decode(ConversionRecord.self, from: Data(json.utf8))
    }

    private func page(_ entries: [ContactSheet.Entry], _ sheet: ContactSheet = ContactSheet(title: "Clouds")) throws
        -> String
    {
        try sheet.write(entries, to: FilePath(scratch.file("sheet.html")))
        return String(decoding: try Data(contentsOf: URL(filePath: scratch.file("sheet.html"))), as: UTF8.self)
    }

    /// A small cloud on disk, and the entry that it belongs to.
    private func made(points: Int = 100) throws -> ContactSheet.Entry {
        let cloud = PointCloud(
            positions: (0..<points).map { SIMD3(Float($0), 2, 0) },
            normals: [SIMD3<Float>](repeating: [0, 0, 1], count: points),
            colours: [SIMD3<UInt8>](repeating: [214, 39, 40], count: points))
        try cloud.writePLY(to: scratch.file("chair.ply"))
        let record = try record(
            """
            {"input": "chair.wav", "heard": "a red chair", "output": "chair.ply",
             "objects": [{"description": "red chair", "center": [0, 0, 0], "scale": 1, "points": \(points)}]}
            """)
        return ContactSheet.Entry(record, recording: chair, outputFolder: scratch.path)
    }

    @Test func `a card has player, spectrogram, words and cloud`() throws {
        let page = try page([try made()])
        let sound = try Data(contentsOf: URL(filePath: chair)).base64EncodedString()
        #expect(page.contains("src=\"data:audio/wav;base64,\(sound)\""))
        #expect(page.contains("src=\"data:image/png;base64,iVBOR"))
        #expect(page.contains("<q>a red chair</q>") && page.contains("100 points"))
        #expect(page.contains("<canvas tabindex=\"0\" role=\"img\" aria-label=\"Point cloud: red chair."))
        #expect(page.contains("1 input, 1 converted."))
        #expect(!page.contains("{{"), "every place is filled")
    }

    @Test func `nothing is loaded from anywhere`() throws {
        let page = try page([try made()])
        for word in ["http:", "https:", "src=\"/", "href=\"/", "@import", "url("] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("default-src 'none'"))
    }

    @Test func `errors are listed, and text cannot become markup`() throws {
        let evil = try record(
            #"{"input": "<script>alert(1)</script>.wav", "error": "<script>alert(1)</script>.wav: expected \"sound\" & got <b>"}"#
        )
        let page = try page([ContactSheet.Entry(evil, recording: nil), try made()])
        #expect(page.contains("2 inputs, 1 converted, <a href=\"#failed\" class=\"error\">1 not</a>."))
        #expect(page.contains("<b>&lt;script&gt;alert(1)&lt;/script&gt;.wav</b>"))
        #expect(page.contains("\"error\">expected &quot;sound&quot; &amp; got &lt;b&gt;</span>"))
        #expect(!page.contains("<script>alert"))
        #expect(escaped("a\u{0}b\u{202E}c'") == "a\u{FFFD}b\u{FFFD}c&#39;")
    }

    @Test func `what is not there any more is told in its place`() throws {
        var entry = try made()
        entry.recording = scratch.file("gone.wav")
        entry.record.output = "gone.ply"
        let page = try page([entry])
        #expect(page.contains("The recording is not there any more."))
        #expect(page.contains("gone.ply: expected a point cloud, got &quot;No such file or directory&quot;"))
    }

    @Test func `limits keep a page small`() throws {
        var sheet = ContactSheet(title: "Small")
        sheet.limits.recordingBytes = 1_000
        sheet.limits.points = 10
        let page = try page([try made(points: 5_000)], sheet)
        #expect(page.contains("is too large for this page") && !page.contains("<audio "))
        #expect(page.utf8.count < 60_000)
        #expect(Rooms(ContactSheet.Limits(), clouds: 1).pointsOfACloud == 4_096)
        #expect(Rooms(ContactSheet.Limits(), clouds: 4_096).pointsOfACloud == 1_024)
    }

    @Test func `every utterance has its own words and cloud`() throws {
        var entry = try made()
        entry.record = try record(
            """
            {"input": "list.wav", "heard": "a, b", "utterances": [
             {"start": 0.2, "end": 1.25, "heard": "a", "objects": [], "output": "chair.ply"},
             {"start": 3, "end": 4, "error": "expected the description of an object, got none"},
             {"start": 5, "end": 6, "heard": "b", "objects": [], "output": "chair.ply"}]}
            """)
        let page = try page([entry])
        #expect(page.components(separatedBy: "<canvas ").count == 3)
        #expect(page.contains("0.2 to 1.3 s") && page.contains("3.0 to 4.0 s: expected the description"))
    }

    @Test func `a packed cloud keeps places, normals and colours`() {
        let cloud = PointCloud(
            positions: [[-1, 0, 2], [1, 0, 3], [0, 0, 2.5]], normals: [[0, 0, 1], [0, 0, -1], [1, 0, 0]],
            colours: [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
        let packed = PackedCloud(cloud, limit: 100)
        #expect(packed.size == "2.0 0.0 1.0" && packed.bytes.count == 33)
        #expect(packed.bytes[..<11] == [0, 0, 0, 128, 0, 0, 128, 128, 1, 2, 3])
        #expect(packed.bytes[11..<17] == [255, 255, 0, 128, 255, 255] && packed.bytes[19..<22] == [4, 5, 6])
        #expect(packed.bytes[28...29] == [255, 128])
        #expect(PackedCloud(cloud, limit: 2).bytes.count == 22 && PackedCloud(PointCloud(), limit: 2).bytes.isEmpty)
    }

    @Test func `AIFF becomes WAV, which every browser plays`() throws {
        let recording = Recording(samples: [0, 1, -1, 0.5], sampleRateHz: 8_000)
        try scratch.write("a.wav", waveBytes(recording))
        let read = try Recording(contentsOf: scratch.file("a.wav"), ReadingOptions(sampleRateHz: nil))
        #expect(read.sampleRateHz == 8_000 && read.samples.count == 4)
        #expect(zip(read.samples, recording.samples).allSatisfy { abs($0 - $1) < 1e-4 })
    }
}

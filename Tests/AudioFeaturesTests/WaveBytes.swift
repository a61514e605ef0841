// WAV files made byte by byte, so that tests can lie in their headers; and a place to put them.

import Foundation

/// A WAV file of float samples under construction.
struct WaveBytes {
    var samples: [Float] = []
    var channels = 1
    var sampleRateHz = 16_000
    /// What the data chunk's header says instead of the truth.
    var claimedDataBytes: UInt32?
    var formatTag: UInt16 = 3

    var bytes: [UInt8] {
        let data = samples.flatMap { $0.bitPattern.littleEndianBytes }
        let claimed = claimedDataBytes ?? UInt32(data.count)
        var bytes: [UInt8] = Array("RIFF".utf8) + (claimed &+ 36).littleEndianBytes + Array("WAVEfmt ".utf8)
        bytes += UInt32(16).littleEndianBytes + formatTag.littleEndianBytes + UInt16(channels).littleEndianBytes
        bytes += UInt32(sampleRateHz).littleEndianBytes
        bytes += UInt32(truncatingIfNeeded: sampleRateHz * channels * 4).littleEndianBytes
        bytes += UInt16(channels * 4).littleEndianBytes + UInt16(32).littleEndianBytes
        return bytes + Array("data".utf8) + claimed.littleEndianBytes + data
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}

/// A folder that is removed with everything in it when the test is over.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file into the folder and gives its path.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}

// WAV files made byte by byte, so that tests can also lie in their headers.

/// A WAV file, its samples `[n · channels]` within -1...1.
public struct WaveFile {
    /// How samples are coded.
    public enum Coding {
        /// 32-bit floats.
        case float
        /// 16-bit integers.
        case pcm16
    }

    private let samples: [Float]
    private let channels: Int
    private let sampleRateHz: Int
    private let coding: Coding
    private let claimedDataBytes: UInt32?

    /// - Parameter claimedDataBytes: what the data chunk's header says instead of the truth.
    public init(
        _ samples: [Float] = [], channels: Int = 1, sampleRateHz: Int = 16_000, coding: Coding = .float,
        claimedDataBytes: UInt32? = nil
    ) {
        (self.samples, self.channels, self.sampleRateHz) = (samples, channels, sampleRateHz)
        (self.coding, self.claimedDataBytes) = (coding, claimedDataBytes)
    }

    /// The whole file.
    public var bytes: [UInt8] {
        let width = coding == .float ? 4 : 2
        let claimed = Int(claimedDataBytes ?? UInt32(width * samples.count))
        var bytes = Array("RIFF".utf8) + little(claimed + 36, bytes: 4) + Array("WAVEfmt ".utf8)
        bytes += little(16, bytes: 4) + little(coding == .float ? 3 : 1, bytes: 2) + little(channels, bytes: 2)
        bytes += little(sampleRateHz, bytes: 4) + little(sampleRateHz * channels * width, bytes: 4)
        bytes += little(channels * width, bytes: 2) + little(8 * width, bytes: 2)
        bytes += Array("data".utf8) + little(claimed, bytes: 4)
        bytes.reserveCapacity(44 + width * samples.count)
        for sample in samples {
            let value = coding == .float ? Int(sample.bitPattern) : Int((max(-1, min(1, sample)) * 32_767).rounded())
            for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
        }
        return bytes
    }
}

private func little(_ value: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

extension FixedWidthInteger {
    /// The number's bytes, the least significant first.
    public var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}

// WAV files that tests make.

/// The bytes of a mono WAV file of 16 bits, its samples `[n]` within -1...1.
public func waveBytes(_ samples: [Float], sampleRateHz: Int = 16_000) -> [UInt8] {
    func little(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var bytes = Array("RIFF".utf8) + little(36 + 2 * samples.count, bytes: 4) + Array("WAVEfmt ".utf8)
    bytes += little(16, bytes: 4) + little(1, bytes: 2) + little(1, bytes: 2) + little(sampleRateHz, bytes: 4)
    bytes += little(2 * sampleRateHz, bytes: 4) + little(2, bytes: 2) + little(16, bytes: 2)
    bytes += Array("data".utf8) + little(2 * samples.count, bytes: 4)
    bytes.reserveCapacity(44 + 2 * samples.count)
    for sample in samples {
        let value = Int((max(-1, min(1, sample)) * 32_767).rounded())
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }
    return bytes
}

// FLAC, which libsndfile takes apart: here is looked at how long it should be, and whether it ends where it should.

/// Looks at FLAC headers.
enum FLACContainer {
    static func layout(of file: ByteView) throws(Refusal) -> AudioLayout {
        let stream = file.part(0..<file.count - ID3.lengthOfTag(atEndOf: file))
        let information = stream.bytes(at: 4, count: 38)
        guard information.count == 38, information[0] & 0x7F == 0 else {
            throw Refusal(
                .truncated, expected: "a FLAC file with its stream's description", "\(file.count) bytes without it")
        }
        // 36 bits, the first four below those of the sample size; 0 where the encoder wrote to a pipe.
        let frames = Int(information[17] & 0x0F) << 32 | information.integer(at: 18, bytes: 4, .big)!
        var warnings: [RecordingWarning] = []
        if frames == 0 {
            guard endsWithWholeFrame(stream) else {
                throw Refusal(
                    .truncated, expected: "a FLAC file that ends with a whole frame",
                    "one that breaks off (the file is truncated)")
            }
            warnings.append(.lengthUnknown)
        }
        let content = AudioLayout.Stream(bytes: stream, promisedFrames: frames == 0 ? nil : frames)
        return AudioLayout(container: "FLAC", content: .streams([content]), warnings: warnings)
    }

    /// Whether the last bytes are the checksum of a frame: without a length, only that tells a cut.
    private static func endsWithWholeFrame(_ stream: ByteView) -> Bool {
        // No encoder makes frames of more: 65,535 samples of 8 channels and 24 bits.
        let tail = stream.bytes(at: max(0, stream.count - 1_600_000), count: 1_600_000)
        guard tail.count > 8 else { return false }
        var looked = 0
        for start in stride(from: tail.count - 8, through: 0, by: -1) {
            guard tail[start] == 0xFF, tail[start + 1] & 0xFE == 0xF8, isFrameHeader(tail[start...]) else { continue }
            if Checksum.flac16(tail[start...]) == 0 { return true }
            // The same bits may stand inside a frame by chance.
            looked += 1
            if looked == 16 { break }
        }
        return false
    }

    /// Whether a frame's header stands here, by its own checksum.
    private static func isFrameHeader(_ bytes: ArraySlice<UInt8>) -> Bool {
        let header = Array(bytes.prefix(16))
        guard header.count > 6 else { return false }
        // A number in UTF-8's manner, of one to seven bytes, then what the sizes' codes put off to the end.
        let number = header[4] < 0x80 ? 1 : (~header[4]).leadingZeroBitCount
        let sizeBytes = [6: 1, 7: 2][header[2] >> 4] ?? 0
        let rateBytes = [12: 1, 13: 2, 14: 2][header[2] & 0x0F] ?? 0
        let length = 4 + number + sizeBytes + rateBytes
        return number <= 7 && length < header.count && Checksum.flac8(header[...length]) == 0
    }
}

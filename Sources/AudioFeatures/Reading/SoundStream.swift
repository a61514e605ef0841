// A recorder's bytes as samples, as they come.

import AtomicFiles
public import SystemPackage

/// Sound that comes through a pipe and may have no end: bytes in, mono samples at one rate out.
///
/// Told by its first bytes: WAV (16, 24 or 32 bits, float), of which several may follow each other; Sun's AU (what
/// `pw-record -` writes); all else is taken for plain samples of 16 bits, little-endian, one channel.
public final class SoundStream {
    /// How samples are written.
    private struct Coding: Equatable {
        var channels = 1
        var rateHz: Int
        var bytes = 2
        var isFloat = false
        var isBigEndian = false

        var frameBytes: Int { channels * bytes }
    }

    /// What the next bytes are.
    private enum Part {
        case beginning
        case chunk
        /// Of a chunk that is none of ours, so many bytes are left.
        case passing(Int)
        /// Samples; nil for as many as come.
        case samples(left: Int?)
    }

    /// The rate of the samples given.
    public let sampleRateHz: Int
    private let name: FilePath
    private var coding: Coding
    private var part = Part.beginning
    private var bytes: [UInt8] = []
    private var conversion: Conversion?

    /// The longest header that is waited for.
    private static let longestHeader = 1 << 20

    /// - Parameters:
    ///   - name: what errors call the sound.
    ///   - sampleRateHz: the rate wanted.
    ///   - plainRateHz: the rate of plain samples.
    public init(name: FilePath, sampleRateHz: Int, plainRateHz: Int = 16_000) {
        (self.name, self.sampleRateHz) = (name, sampleRateHz)
        coding = Coding(rateHz: plainRateHz)
    }

    /// Takes the next bytes, and appends their samples.
    ///
    /// - Throws: ``AudioFileError`` for a header that says what is not read.
    public func append(_ new: some Sequence<UInt8>, to samples: inout [Float]) throws(AudioFileError) {
        bytes += new
        while try step(&samples) {}
        guard bytes.count < Self.longestHeader else {
            throw refusal(.notAudio, "a WAV header of at most \(Self.longestHeader) bytes", "more")
        }
    }

    /// Ends the sound, and appends what is left of it.
    public func finish(into samples: inout [Float]) throws(AudioFileError) {
        // Fewer bytes than a header has are plain samples.
        if case .beginning = part, !bytes.isEmpty {
            part = .samples(left: nil)
            while try step(&samples) {}
        }
        try conversion?.resampler.finish(into: &samples)
        conversion = nil
    }

    /// Goes on as far as one part of the bytes; false where more bytes are needed.
    private func step(_ samples: inout [Float]) throws(AudioFileError) -> Bool {
        switch part {
        case .beginning:
            guard bytes.count >= 12 else { return false }
            if text(0) == "RIFF", text(8) == "WAVE" {
                bytes.removeFirst(12)
                part = .chunk
            } else if text(0) == ".snd" {
                return try readAU()
            } else {
                part = .samples(left: nil)
            }
            return true
        case .chunk: return try readChunk()
        case .passing(let count):
            let passed = min(count, bytes.count)
            bytes.removeFirst(passed)
            part = passed == count ? .chunk : .passing(count - passed)
            return passed == count
        case .samples(let left):
            let frame = coding.frameBytes
            let whole = min(bytes.count, left ?? .max) / frame * frame
            guard whole > 0 else {
                guard let left, left < frame, bytes.count >= left else { return false }
                part = .passing(left)
                return true
            }
            try decode(bytes[..<whole], into: &samples)
            bytes.removeFirst(whole)
            part = .samples(left: left.map { $0 - whole })
            return true
        }
    }

    private func readChunk() throws(AudioFileError) -> Bool {
        guard bytes.count >= 8 else { return false }
        let (name, size) = (text(0), Int(number(4, 4)))
        switch name {
        case "RIFF":
            // Another file follows.
            guard bytes.count >= 12 else { return false }
            bytes.removeFirst(12)
        case "fmt ":
            guard size >= 16, size < Self.longestHeader else {
                throw refusal(.notAudio, "a WAV header", "a format of \(size) bytes")
            }
            guard bytes.count >= 8 + size else { return false }
            // The number of an extensible format stands in its second half.
            let tag = number(8, 2) == 0xFFFE && size >= 26 ? number(32, 2) : number(8, 2)
            try take(
                Coding(
                    channels: Int(number(10, 2)), rateHz: Int(number(12, 4)), bytes: Int(number(22, 2)) / 8,
                    isFloat: tag == 3), isKnown: tag == 1 || tag == 3)
            bytes.removeFirst(8 + size)
        case "data":
            bytes.removeFirst(8)
            // A recorder that cannot know the length writes 0 or the most that there is.
            part = .samples(left: size == 0 || size >= 0x7FFF_0000 ? nil : size)
        default:
            bytes.removeFirst(8)
            part = .passing(size + size % 2)
        }
        return true
    }

    private func readAU() throws(AudioFileError) -> Bool {
        guard bytes.count >= 24 else { return false }
        let (start, kind) = (Int(number(4, 4, isBigEndian: true)), number(12, 4, isBigEndian: true))
        guard (24..<Self.longestHeader).contains(start) else {
            throw refusal(.notAudio, "an AU header", "sound that begins at byte \(start)")
        }
        guard bytes.count >= start else { return false }
        try take(
            Coding(
                channels: Int(number(20, 4, isBigEndian: true)), rateHz: Int(number(16, 4, isBigEndian: true)),
                bytes: kind == 3 ? 2 : 4, isFloat: kind == 6, isBigEndian: true), isKnown: [3, 5, 6].contains(kind))
        bytes.removeFirst(start)
        part = .samples(left: nil)
        return true
    }

    private func take(_ new: Coding, isKnown: Bool) throws(AudioFileError) {
        let depths = new.isFloat ? [4] : [2, 3, 4]
        guard isKnown, depths.contains(new.bytes) else {
            throw refusal(.formatNotAllowed, "PCM of 16, 24 or 32 bits, or floats of 32", "another coding")
        }
        do {
            try AudioLimits().check(channels: new.channels, sampleRateHz: new.rateHz)
        } catch {
            throw refusal(error.reason, error.expected, error.got)
        }
        if new != coding { conversion = nil }
        coding = new
    }

    private func decode(_ bytes: ArraySlice<UInt8>, into samples: inout [Float]) throws(AudioFileError) {
        let frames = bytes.count / coding.frameBytes
        var mono = [Float](repeating: 0, count: frames)
        bytes.withUnsafeBytes { raw in
            for frame in 0..<frames {
                var sum: Float = 0
                for channel in 0..<coding.channels {
                    sum += value(raw, at: frame * coding.frameBytes + channel * coding.bytes)
                }
                mono[frame] = sum / Float(coding.channels)
            }
        }
        guard mono.allSatisfy(\.isFinite) else { throw refusal(.notFinite, "finite samples", "others") }
        if conversion == nil { conversion = try Conversion(coding.rateHz, sampleRateHz, name) }
        try conversion?.resampler.append(mono, into: &samples)
    }

    private func value(_ raw: UnsafeRawBufferPointer, at offset: Int) -> Float {
        var bits: UInt32 = 0
        for place in 0..<coding.bytes {
            let byte = UInt32(raw[offset + (coding.isBigEndian ? coding.bytes - 1 - place : place)])
            bits |= byte << UInt32(8 * (place + 4 - coding.bytes))
        }
        return coding.isFloat ? Float(bitPattern: bits) : Float(Int32(bitPattern: bits)) / 2_147_483_648
    }

    private func text(_ offset: Int) -> String { String(decoding: bytes[offset..<offset + 4], as: UTF8.self) }

    private func number(_ offset: Int, _ count: Int, isBigEndian: Bool = false) -> UInt32 {
        (0..<count).reduce(0) { sum, place in
            sum | UInt32(bytes[offset + place]) << UInt32(8 * (isBigEndian ? count - 1 - place : place))
        }
    }

    private func refusal(_ reason: AudioFileError.Reason, _ expected: String, _ got: String) -> AudioFileError {
        AudioFileError(reason, path: name, expected: expected, got: got)
    }

    /// The resampler of the sound in hand.
    private final class Conversion {
        var resampler: Resampler

        init(_ fromHz: Int, _ toHz: Int, _ name: FilePath) throws(AudioFileError) {
            resampler = try Resampler(fromHz: fromHz, toHz: toHz, quality: .high, path: name)
        }
    }
}

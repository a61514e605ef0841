// AIFF and AIFF-C: big-endian chunks, the coding in "COMM".

import AtomicFiles

/// Reads AIFF headers.
enum AIFFContainer {
    static func layout(of file: ByteView) throws(Refusal) -> AudioLayout {
        var chunks = ChunkWalk(
            file, order: .big,
            known: [
                "COMM", "SSND", "FVER", "MARK", "COMT", "INST", "MIDI", "AESD", "APPL", "NAME", "AUTH", "(c) ", "ANNO",
                "ID3 ",
            ])
        var common: (coding: SampleCoding, frames: Int)?
        var (sound, warnings): (ChunkWalk.Chunk?, [RecordingWarning]) = (nil, [])
        while let chunk = chunks.next() {
            switch chunk.name {
            case "COMM" where common == nil:
                common = try coding(file.bytes(at: chunk.start, count: min(chunk.size, 22)))
            case "SSND" where sound == nil: sound = chunk
            case "SSND": warnings.append(chunks.ignored(chunk))
            default: break
            }
        }
        guard let common, let sound else {
            throw Refusal.missingChunk(of: "an AIFF file", "common", found: common != nil, "sound", bytes: file.count)
        }
        if chunks.lacksPadding { warnings.append(.paddingMissing) }
        let gap = file.bytes(at: sound.start, count: 4).integer(at: 0, bytes: 4, .big) ?? 0
        let start = sound.start + 8 + gap
        let isOpen =
            sound.size == 0 && !chunks.areChunks(from: sound.start)
            || SoundData.isUnknown(sound.size, at: sound.start, in: file)
        let (samples, lengths) = try SoundData(start: start, bytes: isOpen ? nil : max(0, sound.size - 8 - gap))
            .located(in: file, common.coding)
        // The common chunk counts frames, too; a recorder that lost its power has counted none.
        let there = samples.count / max(1, common.coding.bytesPerFrame)
        if !isOpen, lengths.isEmpty, common.frames > there {
            warnings += try SoundData.tolerated(
                missing: common.frames - there, of: common.frames, sampleRateHz: common.coding.sampleRateHz)
        }
        return AudioLayout(
            container: "AIFF", content: .samples(common.coding, samples), warnings: warnings + lengths)
    }

    private static func coding(_ common: [UInt8]) throws(Refusal) -> (SampleCoding, frames: Int) {
        guard let channels = common.integer(at: 0, bytes: 2, .big), let frames = common.integer(at: 2, bytes: 4, .big),
            let bits = common.integer(at: 6, bytes: 2, .big), let rate = extended(common.dropFirst(8))
        else { throw Refusal(.truncated, expected: "a common chunk of 18 bytes", "\(common.count)") }
        let type = common.text(at: 18, count: 4) ?? "NONE"
        let bytes = (bits + 7) / 8
        guard let (kind, size, order) = codings[type] else {
            throw notAllowed("AIFF with compression \"\(type.printable)\"")
        }
        guard
            let coding = SampleCoding(
                kind, bytesPerSample: size ?? bytes, order: order, channels: channels, sampleRateHz: rate)
        else { throw notAllowed("AIFF with samples of \(bits) bits") }
        return (coding, frames)
    }

    /// The rate, a number of 80 bits (IEEE 754 extended), to whole Hz; 0 for what is not a rate.
    private static func extended(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 10 else { return nil }
        let bytes = Array(bytes)
        let power = (bytes.integer(at: 0, bytes: 2, .big) ?? 0) - 16_383
        guard let high = bytes.integer(at: 2, bytes: 4, .big), (0...31).contains(power) else { return 0 }
        // The integer's bits stand at the top; the rest is the fraction.
        return high >> (31 - power) + (power < 31 ? high >> (30 - power) & 1 : 0)
    }

    /// The coding of a compression type; without a size, that of the bits that the chunk tells.
    private static let codings: [String: (SampleCoding.Kind, Int?, ByteOrder)] = [
        "NONE": (.signed, nil, .big), "twos": (.signed, nil, .big), "sowt": (.signed, nil, .little),
        "in24": (.signed, 3, .big), "in32": (.signed, 4, .big), "42ni": (.signed, 3, .little),
        "23ni": (.signed, 4, .little), "raw ": (.unsigned, 1, .big), "fl32": (.float, 4, .big),
        "FL32": (.float, 4, .big), "fl64": (.float, 8, .big), "FL64": (.float, 8, .big),
        "ulaw": (.muLaw, 1, .big), "ULAW": (.muLaw, 1, .big), "alaw": (.aLaw, 1, .big), "ALAW": (.aLaw, 1, .big),
    ]
}

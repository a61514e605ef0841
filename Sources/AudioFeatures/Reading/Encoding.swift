// libsndfile's format codes: which pairs of container and coding are read, and what they are called.

import CSndFile

/// An allowed coding of samples.
struct Encoding {
    let name: String
    /// Bytes of one sample, or 1 where the coding compresses.
    let bytesPerSample: Int

    /// Nil for a pair of container and coding that is not on the list.
    ///
    /// libsndfile's ADPCM and MP3 decoders have known overflows (1.2.0), so that a coding must be named to be read.
    init?(sndfileFormat: Int32) {
        let coding = sndfileFormat & code(SF_FORMAT_SUBMASK)
        let container = sndfileFormat & code(SF_FORMAT_TYPEMASK)
        guard let pair = Self.codings[coding], let allowed = Self.containers[container], allowed.contains(coding)
        else { return nil }
        (name, bytesPerSample) = pair
    }

    private static let codings: [Int32: (String, Int)] = [
        code(SF_FORMAT_PCM_S8): ("8-bit PCM", 1), code(SF_FORMAT_PCM_U8): ("unsigned 8-bit PCM", 1),
        code(SF_FORMAT_PCM_16): ("16-bit PCM", 2), code(SF_FORMAT_PCM_24): ("24-bit PCM", 3),
        code(SF_FORMAT_PCM_32): ("32-bit PCM", 4), code(SF_FORMAT_FLOAT): ("float", 4),
        code(SF_FORMAT_DOUBLE): ("double", 8), code(SF_FORMAT_VORBIS): ("Vorbis", 1),
        code(SF_FORMAT_OPUS): ("Opus", 1),
    ]

    private static let containers: [Int32: Set<Int32>] = [
        code(SF_FORMAT_WAV): linear, code(SF_FORMAT_WAVEX): linear, code(SF_FORMAT_AIFF): linear,
        code(SF_FORMAT_FLAC): [code(SF_FORMAT_PCM_S8), code(SF_FORMAT_PCM_16), code(SF_FORMAT_PCM_24)],
        code(SF_FORMAT_OGG): [code(SF_FORMAT_VORBIS), code(SF_FORMAT_OPUS)],
    ]

    private static let linear: Set<Int32> = [
        code(SF_FORMAT_PCM_S8), code(SF_FORMAT_PCM_U8), code(SF_FORMAT_PCM_16), code(SF_FORMAT_PCM_24),
        code(SF_FORMAT_PCM_32), code(SF_FORMAT_FLOAT), code(SF_FORMAT_DOUBLE),
    ]
}

/// A constant of C's nameless enumeration as the `int` that libsndfile's structs carry.
private func code(_ constant: Int) -> Int32 {
    Int32(truncatingIfNeeded: constant)
}

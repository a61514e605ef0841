// libsndfile's format codes: which pairs of stream and coding are read, and what they are called.

import CSndFile

/// The codings of streams that libsndfile takes apart.
enum StreamEncoding {
    /// A coding's name; nil for a pair of container and coding that is not on the list.
    ///
    /// libsndfile's ADPCM and MP3 decoders have known overflows (1.2.0), so that a coding must be named to be read.
    static func name(sndfileFormat: Int32) -> String? {
        let container = sndfileFormat & code(SF_FORMAT_TYPEMASK)
        return names[container]?[sndfileFormat & code(SF_FORMAT_SUBMASK)]
    }

    private static let names: [Int32: [Int32: String]] = [
        code(SF_FORMAT_FLAC): [
            code(SF_FORMAT_PCM_S8): "8-bit PCM", code(SF_FORMAT_PCM_16): "16-bit PCM",
            code(SF_FORMAT_PCM_24): "24-bit PCM",
        ],
        code(SF_FORMAT_OGG): [code(SF_FORMAT_VORBIS): "Vorbis", code(SF_FORMAT_OPUS): "Opus"],
    ]
}

/// A constant of C's nameless enumeration as the `int` that libsndfile's structs carry.
func code(_ constant: Int) -> Int32 {
    Int32(truncatingIfNeeded: constant)
}

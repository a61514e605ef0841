// How plain samples are coded: everything that is needed to read them but their place.

import CSndFile

/// Interleaved samples of one size, frame after frame.
struct SampleCoding: Equatable {
    enum Kind { case unsigned, signed, float, muLaw, aLaw }

    let kind: Kind
    let bytesPerSample: Int
    let order: ByteOrder
    let channels: Int
    let sampleRateHz: Int

    var bytesPerFrame: Int { bytesPerSample * channels }

    /// Nil for a size that the kind has not.
    init?(_ kind: Kind, bytesPerSample: Int, order: ByteOrder, channels: Int, sampleRateHz: Int) {
        let sizes: ClosedRange<Int> =
            switch kind {
            case .unsigned, .muLaw, .aLaw: 1...1
            case .signed: 1...4
            case .float: 4...8
            }
        guard sizes.contains(bytesPerSample), kind != .float || bytesPerSample % 4 == 0 else { return nil }
        (self.kind, self.bytesPerSample, self.order) = (kind, bytesPerSample, order)
        (self.channels, self.sampleRateHz) = (channels, sampleRateHz)
    }

    /// As users call it.
    var name: String {
        switch kind {
        case .unsigned: "unsigned 8-bit PCM"
        case .signed: "\(8 * bytesPerSample)-bit PCM"
        case .float: bytesPerSample == 4 ? "float" : "double"
        case .muLaw: "mu-law"
        case .aLaw: "A-law"
        }
    }

    /// libsndfile's code for such samples without a header.
    var sndfileFormat: Int32 {
        let signed = [SF_FORMAT_PCM_S8, SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_PCM_32]
        let coding =
            switch kind {
            case .unsigned: SF_FORMAT_PCM_U8
            case .signed: signed[bytesPerSample - 1]
            case .float: bytesPerSample == 4 ? SF_FORMAT_FLOAT : SF_FORMAT_DOUBLE
            case .muLaw: SF_FORMAT_ULAW
            case .aLaw: SF_FORMAT_ALAW
            }
        return code(SF_FORMAT_RAW) | code(coding) | code(order == .little ? SF_ENDIAN_LITTLE : SF_ENDIAN_BIG)
    }
}

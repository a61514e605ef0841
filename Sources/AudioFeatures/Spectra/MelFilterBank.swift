// Triangular mel filters, as librosa builds them (which is what Whisper ships) and as Kaldi does.

/// Which triangles on which scale.
public struct MelFilters: Sendable, Equatable {
    /// The scale, with the shape and the height of the triangles that its users draw on it.
    public enum Scale: Sendable, Equatable {
        /// Slaney's: linear to 1 kHz, logarithmic above; triangles in Hz, of equal area (`librosa.filters.mel`).
        case slaney
        /// HTK's, 1127 ln(1 + f / 700), in double precision; triangles in mel, of height 1
        /// (`transformers.audio_utils.mel_filter_bank`, `mel_scale="kaldi"`, `triangularize_in_mel_space`).
        case htk
        /// The same in single precision, step by step as Kaldi computes it: a tone on the foot of a triangle shows
        /// the difference.
        case kaldi
    }

    /// How many filters.
    public let bands: Int

    /// The scale.
    public let scale: Scale

    /// Where the first triangle begins.
    public let lowHz: Double

    /// Where the last triangle ends; half the sample rate where it is nil.
    public let highHz: Double?

    /// Filters over the whole spectrum unless told.
    public init(bands: Int, scale: Scale, lowHz: Double = 0, highHz: Double? = nil) {
        self.bands = bands
        self.scale = scale
        self.lowHz = lowHz
        self.highHz = highHz
    }
}

/// A bank of mel filters over a power spectrum, kept sparse: a row touches a few neighbouring bins only.
struct MelFilterBank: Sendable {
    /// The first bin that each band reads.
    let firstBin: [Int]
    /// Where each band's weights begin in `weights`; one entry more than there are bands.
    let offsets: [Int]
    /// All rows' weights one after the other.
    let weights: [Float]
    /// Every weight four times over, as a product of vectors wants it.
    let spreadWeights: [SIMD4<Float>]
    /// The frequency at each band's peak.
    let centresHz: [Double]

    /// Filters over `fourierSamples / 2 + 1` bins; computed row by row, rounded once.
    init(_ filters: MelFilters, fourierSamples: Int, sampleRateHz: Int) {
        let bins = fourierSamples / 2 + 1
        let triangles = Triangles(filters, binHz: Double(sampleRateHz) / Double(fourierSamples), rateHz: sampleRateHz)
        centresHz = triangles.centresHz
        var firstBin: [Int] = []
        var offsets = [0]
        var weights: [Float] = []
        for band in 0..<filters.bands {
            let row = (0..<bins).map { triangles.weight(band: band, bin: $0) }
            // A narrow band may fall between two bins; its row is then empty and its energy 0, as in the references.
            let first = row.firstIndex { $0 > 0 } ?? 0
            let last = row.lastIndex { $0 > 0 } ?? -1
            firstBin.append(first)
            if last >= first { weights += row[first...last] }
            offsets.append(weights.count)
        }
        self.firstBin = firstBin
        self.offsets = offsets
        self.weights = weights
        spreadWeights = weights.map { SIMD4(repeating: $0) }
    }
}

// What a kind of features is, from the samples to the rows: five steps, each with its own settings.

/// A kind of features; ``FeatureExtractor`` computes them.
///
/// The named ones (``whisper(melBands:extent:)``, ``kaldiFilterBank(melBands:sampleRateHz:snipsEdges:scale:window:energy:)``,
/// …) say which reference they equal.
public struct FeatureConfiguration: Sendable, Equatable {
    /// What users call it.
    public let name: String

    /// The rate the samples must have.
    public let sampleRateHz: Int

    /// Step 1: frames.
    public let layout: FrameLayout

    /// Step 2: scaling, mean, pre-emphasis, window.
    public let preparation: FramePreparation

    /// Step 3: Fourier transform, filters, logarithm.
    public let spectrum: SpectrumConfiguration

    /// Step 4: what brings the rows into a model's range.
    public let normalisation: Normalisation

    /// Step 5: cepstral coefficients, for MFCCs only.
    public let cepstrum: Cepstrum?

    /// Over which length of the signal.
    public let extent: Extent

    /// How many successive rows are joined into one; a missing last row is zeros.
    public let stackedRows: Int

    /// Whether the reference lays features out as `[features, T]`, not `[T, features]`.
    public let hasFeaturesFirst: Bool

    /// Every step; the named configurations are easier.
    public init(
        name: String, sampleRateHz: Int, layout: FrameLayout, preparation: FramePreparation,
        spectrum: SpectrumConfiguration, normalisation: Normalisation = .none, cepstrum: Cepstrum? = nil,
        extent: Extent = .recording, stackedRows: Int = 1, hasFeaturesFirst: Bool = false
    ) {
        self.name = name
        self.sampleRateHz = sampleRateHz
        self.layout = layout
        self.preparation = preparation
        self.spectrum = spectrum
        self.normalisation = normalisation
        self.cepstrum = cepstrum
        self.extent = extent
        self.stackedRows = stackedRows
        self.hasFeaturesFirst = hasFeaturesFirst
    }
}

/// From a frame's spectrum to a row.
public struct SpectrumConfiguration: Sendable, Equatable {
    /// What is taken of the complex spectrum.
    public enum Magnitude: Sendable, Equatable {
        /// |X|
        case amplitude
        /// |X|²
        case power
    }

    /// What becomes of the energies.
    public enum Compression: Sendable, Equatable {
        /// Nothing.
        case none
        /// ln(max(x, floor))
        case naturalLogarithm(floor: Float)
        /// log10(max(x, floor))
        case decimalLogarithm(floor: Float)
        /// 10 log10(max(x, floor))
        case decibels(floor: Float)
    }

    /// Kaldi's log-energy of a frame, before pre-emphasis and window: a column before the bands, or coefficient 0.
    public struct Energy: Sendable, Equatable {
        /// The least energy; 0 for single precision's epsilon, which is Kaldi's default.
        public let floor: Float

        /// - Parameter floor: on the scale of the scaled samples.
        public init(floor: Float = 0) { self.floor = floor }
    }

    /// In how many bits the transform is computed.
    public let precision: TransformPrecision

    /// Amplitude or power.
    public let magnitude: Magnitude

    /// Mel filters; nil for the spectrum itself.
    public let filters: MelFilters?

    /// The logarithm.
    public let compression: Compression

    /// The energy column; nil for none.
    public let energy: Energy?

    /// A plain power spectrum unless told.
    public init(
        precision: TransformPrecision = .single, magnitude: Magnitude = .power, filters: MelFilters? = nil,
        compression: Compression = .none,
        energy: Energy? = nil
    ) {
        self.precision = precision
        self.magnitude = magnitude
        self.filters = filters
        self.compression = compression
        self.energy = energy
    }
}

/// What brings rows into range.
public enum Normalisation: Sendable, Equatable {
    /// Nothing.
    case none
    /// Not lower than `span` below the loudest value of all rows (librosa's `top_db`).
    case floorBelowLoudest(span: Float)
    /// The same with 8 decades, then (x + 4) / 4 (Whisper).
    case whisper
    /// (x - mean) / divisor, with numbers from a training set (AST, BEATs).
    case fixed(mean: Float, divisor: Float)
    /// Every feature by its mean and its (n - 1) variance over all rows: (x - mean) / √(variance + epsilon)
    /// (SeamlessM4T).
    case perFeature(epsilon: Float)

    /// Whether it needs to have seen the whole recording.
    public var isOverWholeRecording: Bool {
        switch self {
        case .none, .fixed: false
        case .floorBelowLoudest, .whisper, .perFeature: true
        }
    }
}

/// Over which length of a signal features are computed.
public enum Extent: Sendable, Equatable {
    /// Its own.
    case recording
    /// So many samples: silence is appended, what is beyond is cut.
    case padded(samples: Int)
    /// As `padded`, but only the recording's own frames are kept: what differs from `recording` is what the last
    /// frames see, and over what the loudest value is sought.
    case paddedThenCut(samples: Int)
    /// So many rows: rows of zeros are appended before normalisation, what is beyond is cut.
    case rows(Int)
}

// Features of whole recordings.

/// Samples `[N]` to features `[T, F]` of one kind.
///
/// Make one and call it for every recording, from any thread: windows, filters and the Fourier plan are made once.
public struct FeatureExtractor: Sendable {
    /// What is computed.
    public let configuration: FeatureConfiguration

    /// Frames that are computed before their statistics are taken; a multiple of the frames side by side.
    private static let block = 64

    let spectral: SpectralRows
    let finishing: RowFinishing

    /// - Throws: ``SpectrogramError`` for sizes that make no features.
    public init(_ configuration: FeatureConfiguration) throws(SpectrogramError) {
        try configuration.check()
        self.configuration = configuration
        spectral = SpectralRows(configuration)
        finishing = RowFinishing(configuration, width: spectral.width)
    }

    /// The frequency of every band or bin, rising; of the bands behind the coefficients for MFCCs.
    public var centresHz: [Double] { spectral.centresHz }

    /// Features of a row.
    public var features: Int { finishing.features * configuration.stackedRows }

    /// Time from one row to the next.
    public var secondsPerRow: Double {
        Double(configuration.layout.hopSamples * configuration.stackedRows) / Double(configuration.sampleRateHz)
    }

    /// `samples [N] -> [T, F]`.
    ///
    /// - Throws: ``SpectrogramError`` when there are too few samples for a frame (the references fail there, or give
    ///   nothing).
    public func callAsFunction(_ samples: [Float]) throws(SpectrogramError) -> FeatureMatrix {
        let plan = try FramePlan(configuration, samples: samples.count)
        let width = spectral.width
        var statistics = configuration.normalisation.isOverWholeRecording ? finishing.statistics() : nil
        var rows = [Float](unsafeUninitializedCapacity: plan.rows * width) { output, count in
            samples.withUnsafeBufferPointer { buffer in
                // What is beyond the padded window must not be seen, not even by the last frames.
                let seen = UnsafeBufferPointer(rebasing: buffer.prefix(plan.length))
                let signal = SignalView(samples: seen, offset: 0, length: plan.length)
                let workspace = spectral.workspace()
                // Statistics are taken while the rows are still in the cache.
                for first in stride(from: 0, to: plan.active, by: Self.block) {
                    let frames = first..<min(first + Self.block, plan.active)
                    let start = output.baseAddress! + first * width
                    spectral.write(frames: frames, of: signal, using: workspace, into: start)
                    statistics?.add(.init(start: start, count: frames.count * width), features: width)
                }
                let start = output.baseAddress! + plan.active * width
                plan.fill(plan.active..<plan.rows, of: signal, spectral, workspace, into: start)
                statistics?.add(.init(start: start, count: (plan.rows - plan.active) * width), features: width)
            }
            count = plan.rows * width
        }
        rows.removeLast((plan.rows - plan.kept) * width)
        let values = finishing.finished(&rows, statistics)
        return FeatureMatrix(
            values: finishing.stacked(values),
            frames: (plan.kept + configuration.stackedRows - 1) / configuration.stackedRows,
            features: features)
    }
}

/// How many frames a signal has, and how many of them have to be computed.
struct FramePlan {
    /// Samples of the signal, silence appended included.
    let length: Int
    /// Rows that statistics are taken of.
    let rows: Int
    /// Frames that see something of the recording.
    let active: Int
    /// Rows that are given.
    let kept: Int
    /// The row that stands for frames which the recording does not reach.
    private let filling: Filling

    private enum Filling { case silence, zeros }

    init(_ configuration: FeatureConfiguration, samples: Int) throws(SpectrogramError) {
        let layout = configuration.layout
        func frames(of samples: Int) throws(SpectrogramError) -> Int {
            let frames = layout.frames(of: samples)
            guard frames > 0 else {
                throw SpectrogramError(
                    expected: "at least \(layout.leastSamples) samples at \(configuration.sampleRateHz) Hz",
                    got: "\(samples)")
            }
            return frames
        }
        switch configuration.extent {
        case .recording:
            rows = try frames(of: samples)
            (length, active, kept, filling) = (samples, rows, rows, .silence)
        case .padded(let padded), .paddedThenCut(let padded):
            length = padded
            rows = try frames(of: padded)
            guard samples > 0 else {
                throw SpectrogramError(expected: "sound", got: "no samples")
            }
            var reached = 0
            let recorded = min(samples, padded)
            // Frames from this one on see nothing but silence.
            while reached < rows, layout.start(of: reached) < recorded { reached += 1 }
            (active, filling) = (reached, .silence)
            if case .paddedThenCut = configuration.extent {
                kept = min(rows, max(1, recorded / layout.hopSamples))
            } else {
                kept = rows
            }
        case .rows(let wanted):
            (length, rows, kept, filling) = (samples, wanted, wanted, .zeros)
            active = min(wanted, try frames(of: samples))
        }
    }

    /// Writes rows that the recording does not reach.
    func fill(
        _ missing: Range<Int>, of signal: SignalView, _ spectral: SpectralRows, _ workspace: SpectralRows.Workspace,
        into start: UnsafeMutablePointer<Float>
    ) {
        guard !missing.isEmpty else { return }
        let width = spectral.width
        switch filling {
        case .zeros: start.initialize(repeating: 0, count: missing.count * width)
        case .silence:
            spectral.write(
                frames: missing.lowerBound..<missing.lowerBound + 1, of: signal, using: workspace, into: start)
            for row in 1..<max(1, missing.count) { (start + row * width).update(from: start, count: width) }
        }
    }
}

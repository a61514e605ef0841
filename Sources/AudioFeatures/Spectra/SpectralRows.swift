// The engine of all features: frames to rows of (logarithmic, filtered) spectra, eight frames at a time.

/// Steps 1 to 3 of a kind of features; made once, used from any thread.
struct SpectralRows: Sendable {
    let layout: FrameLayout
    let spectrum: SpectrumConfiguration
    private let preparation: FramePreparation
    private let window: [Float]
    private let wideWindow: [Double]
    private let filters: MelFilterBank?
    private let plan: FourierPlan

    init(_ configuration: FeatureConfiguration) {
        layout = configuration.layout
        preparation = configuration.preparation
        spectrum = configuration.spectrum
        let (size, rate) = (layout.fourierSamples, configuration.sampleRateHz)
        filters = spectrum.filters.map { MelFilterBank($0, fourierSamples: size, sampleRateHz: rate) }
        plan = FourierPlan.of(size: size, spectrum.precision)
        // Multiplying by a power of two commutes with every rounding: Kaldi's scale costs nothing here.
        let scale = preparation.scale * plan.inputScale
        window = preparation.window.values(layout.windowSamples).map { $0 * scale }
        let isWide = spectrum.precision == .doubleThroughout
        wideWindow = isWide ? preparation.window.wideValues(layout.windowSamples).map { $0 * Double(scale) } : []
        let bins = (0...size / 2).map { Double($0) * Double(rate) / Double(size) }
        centresHz = filters?.centresHz ?? bins
        width = centresHz.count + (spectrum.energy == nil ? 0 : 1)
    }

    /// The frequency of every band or bin, rising.
    let centresHz: [Double]

    /// Values in a row: the energy if asked for, then bands or bins.
    let width: Int

    /// What a thread needs while it works: allocated once for a recording or a stream, never for a frame.
    final class Workspace {
        fileprivate let fourier: FourierScratch
        /// Frames that reach beyond an end of the signal `[lanes, frameStride]`.
        fileprivate let frames: UnsafeMutablePointer<Float>
        fileprivate let frameStride: Int
        fileprivate let power: UnsafeMutablePointer<SIMD8<Float>>
        fileprivate let bands: UnsafeMutablePointer<SIMD8<Float>>
        fileprivate let bins: Int

        fileprivate init(layout: FrameLayout, bands count: Int, packing: FourierPlan.Packing) {
            fourier = FourierScratch(size: layout.fourierSamples, samples: layout.windowSamples, packing)
            bins = layout.fourierSamples / 2 + 1
            frameStride = layout.windowSamples
            frames = .allocate(capacity: FourierPlan.lanes * frameStride)
            frames.initialize(repeating: 0, count: FourierPlan.lanes * frameStride)
            power = .allocate(capacity: bins)
            power.initialize(repeating: .zero, count: bins)
            bands = .allocate(capacity: count)
            bands.initialize(repeating: .zero, count: count)
        }

        deinit {
            frames.deallocate()
            power.deallocate()
            bands.deallocate()
        }
    }

    func workspace() -> Workspace { Workspace(layout: layout, bands: centresHz.count, packing: plan.packing) }

    /// Writes the rows `[frames, width]` of some frames.
    func write(
        frames: Range<Int>, of signal: SignalView, using workspace: Workspace,
        into output: UnsafeMutablePointer<Float>
    ) {
        let lanes = FourierPlan.lanes
        for first in stride(from: frames.lowerBound, to: frames.upperBound, by: lanes) {
            let count = min(lanes, frames.upperBound - first)
            let rows = output + (first - frames.lowerBound) * width
            if spectrum.precision == .doubleThroughout {
                transformWidely(first..<first + count, of: signal, using: workspace, rows: rows)
            } else {
                load(first..<first + count, of: signal, using: workspace, rows: rows)
                plan.writePower(of: workspace.fourier, lanes: count, into: workspace.power)
            }
            if spectrum.magnitude == .amplitude {
                for bin in 0..<workspace.bins { workspace.power[bin] = workspace.power[bin].squareRoot() }
            }
            var columns = workspace.power
            if let filters {
                columns = workspace.bands
                filters.sum(workspace.power, into: columns)
            }
            let values = UnsafeMutableRawPointer(columns).assumingMemoryBound(to: Float.self)
            spectrum.compression.compress(.init(start: values, count: lanes * centresHz.count))
            write(columns, count: count, into: rows + (width - centresHz.count))
        }
    }

    /// Cuts and prepares up to eight frames; writes their energies where asked for.
    private func load(
        _ frames: Range<Int>, of signal: SignalView, using workspace: Workspace, rows: UnsafeMutablePointer<Float>
    ) {
        let (size, fourier) = (layout.windowSamples, workspace.fourier)
        window.withUnsafeBufferPointer { window in
            let window = window.baseAddress!
            guard preparation.isMoreThanWindow || spectrum.energy != nil else {
                for (lane, frame) in frames.enumerated() {
                    signal.copyWeighed(frame: frame, by: layout, window: window, into: fourier.input(of: lane))
                }
                return
            }
            var sources = FramePreparation.Frames(repeating: workspace.frames)
            for (lane, frame) in frames.enumerated() {
                sources[lane] = signal.frame(
                    frame, by: layout, orCopiedTo: workspace.frames + lane * workspace.frameStride)
            }
            let means = preparation.means(of: sources, size: size)
            for lane in 0..<frames.count {
                let (frame, mean) = (sources[lane], means[lane])
                if spectrum.energy != nil { rows[lane * width] = logEnergy(of: frame, mean: mean) }
                preparation.weigh(frame, mean: mean, window: window, size: size, into: fourier.input(of: lane))
            }
        }
    }

    /// The same in double precision, two frames at a time, up to their power.
    private func transformWidely(
        _ frames: Range<Int>, of signal: SignalView, using workspace: Workspace, rows: UnsafeMutablePointer<Float>
    ) {
        let size = layout.windowSamples
        wideWindow.withUnsafeBufferPointer { window in
            for lane in stride(from: 0, to: frames.count, by: 2) {
                let first = signal.frame(frames.lowerBound + lane, by: layout, orCopiedTo: workspace.frames)
                var second = first
                if lane + 1 < frames.count {
                    second = signal.frame(
                        frames.lowerBound + lane + 1, by: layout, orCopiedTo: workspace.frames + workspace.frameStride)
                }
                if spectrum.energy != nil {
                    let means = preparation.means(of: .init(first, second), size: size)
                    rows[lane * width] = logEnergy(of: first, mean: means[0])
                    if second != first { rows[(lane + 1) * width] = logEnergy(of: second, mean: means[1]) }
                }
                preparation.weigh(first, second, window: window.baseAddress!, size: size, into: workspace.fourier.pair)
                plan.writePower(ofPairIn: workspace.fourier, lane: lane, into: workspace.power)
            }
        }
    }

    /// Kaldi's log-energy of a frame.
    private func logEnergy(of frame: UnsafePointer<Float>, mean: Float) -> Float {
        let scale = preparation.scale
        let energy = preparation.sumOfSquares(frame, mean: mean, size: layout.windowSamples) * scale * scale
        return Logarithm.natural(max(energy, max(spectrum.energy?.floor ?? 0, 0x1p-23)))
    }

    /// Columns `[width, 8]` to `count` rows.
    private func write(_ columns: UnsafePointer<SIMD8<Float>>, count: Int, into rows: UnsafeMutablePointer<Float>) {
        let values = UnsafeRawPointer(columns)
        let target = UnsafeMutableRawPointer(rows)
        let bytes = 4 * width
        var column = 0
        while count == FourierPlan.lanes, column + 4 <= centresHz.count {
            for part in 0..<2 {
                let source = values + 32 * column + 16 * part
                let lines = transposed(
                    source.load(as: SIMD4<Float>.self), source.load(fromByteOffset: 32, as: SIMD4<Float>.self),
                    source.load(fromByteOffset: 64, as: SIMD4<Float>.self),
                    source.load(fromByteOffset: 96, as: SIMD4<Float>.self))
                let place = target + 4 * column + 4 * part * bytes
                place.storeBytes(of: lines.0, as: SIMD4<Float>.self)
                place.storeBytes(of: lines.1, toByteOffset: bytes, as: SIMD4<Float>.self)
                place.storeBytes(of: lines.2, toByteOffset: 2 * bytes, as: SIMD4<Float>.self)
                place.storeBytes(of: lines.3, toByteOffset: 3 * bytes, as: SIMD4<Float>.self)
            }
            column += 4
        }
        while column < centresHz.count {
            for lane in 0..<count { rows[lane * width + column] = columns[column][lane] }
            column += 1
        }
    }
}

extension MelFilterBank {
    /// `power [bins, 8] -> bands [bands, 8]`, eight frames side by side.
    func sum(_ power: UnsafePointer<SIMD8<Float>>, into bands: UnsafeMutablePointer<SIMD8<Float>>) {
        offsets.withUnsafeBufferPointer { offsets in
            spreadWeights.withUnsafeBufferPointer { weights in
                firstBin.withUnsafeBufferPointer { firstBin in
                    for band in firstBin.indices {
                        var low = SIMD4<Float>.zero
                        var high = SIMD4<Float>.zero
                        var bin = power + firstBin[band]
                        for weight in weights[offsets[band]..<offsets[band + 1]] {
                            low += bin.pointee.lowHalf * weight
                            high += bin.pointee.highHalf * weight
                            bin += 1
                        }
                        bands[band] = SIMD8(lowHalf: low, highHalf: high)
                    }
                }
            }
        }
    }
}

extension SpectrumConfiguration.Compression {
    /// In place.
    func compress(_ values: UnsafeMutableBufferPointer<Float>) {
        switch self {
        case .none: return
        case .naturalLogarithm(let floor):
            for i in values.indices { values[i] = Logarithm.natural(values[i] < floor ? floor : values[i]) }
        case .decimalLogarithm(let floor):
            for i in values.indices { values[i] = Logarithm.decimal(values[i] < floor ? floor : values[i]) }
        case .decibels(let floor):
            for i in values.indices { values[i] = 10 * Logarithm.decimal(values[i] < floor ? floor : values[i]) }
        }
    }
}

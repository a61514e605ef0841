// The engine of all features: frames to rows of (logarithmic, filtered) spectra, eight frames at a time.

/// Steps 1 to 3 of a kind of features; made once, used from any thread.
struct SpectralRows: Sendable {
    let layout: FrameLayout
    let spectrum: SpectrumConfiguration
    private let preparation: FramePreparation
    private let window: [Float]
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
        /// Frames as they are cut `[lanes, stride]`.
        fileprivate let frames: UnsafeMutablePointer<Float>
        fileprivate let power: UnsafeMutablePointer<SIMD8<Float>>
        fileprivate let bins: Int

        fileprivate init(layout: FrameLayout, packing: FourierPlan.Packing) {
            fourier = FourierScratch(size: layout.fourierSamples, packing)
            bins = layout.fourierSamples / 2 + 1
            frames = .allocate(capacity: FourierPlan.lanes * fourier.stride)
            frames.initialize(repeating: 0, count: FourierPlan.lanes * fourier.stride)
            power = .allocate(capacity: bins)
            power.initialize(repeating: .zero, count: bins)
        }

        deinit {
            frames.deallocate()
            power.deallocate()
        }
    }

    func workspace() -> Workspace { Workspace(layout: layout, packing: plan.packing) }

    /// Writes the rows `[frames, width]` of some frames.
    func write(
        frames: Range<Int>, of signal: SignalView, using workspace: Workspace,
        into output: UnsafeMutablePointer<Float>
    ) {
        let lanes = FourierPlan.lanes
        for first in stride(from: frames.lowerBound, to: frames.upperBound, by: lanes) {
            let count = min(lanes, frames.upperBound - first)
            let rows = output + (first - frames.lowerBound) * width
            load(first..<first + count, of: signal, using: workspace, rows: rows)
            plan.writePower(of: workspace.fourier, lanes: count, into: workspace.power)
            if spectrum.magnitude == .amplitude {
                for bin in 0..<workspace.bins { workspace.power[bin] = workspace.power[bin].squareRoot() }
            }
            let columns = rows + (width - centresHz.count)
            if let filters {
                writeBands(filters, of: workspace.power, count: count, into: columns)
            } else {
                writeBins(workspace.power, count: count, into: columns)
            }
        }
    }

    /// Cuts and prepares up to eight frames; writes their energies where asked for.
    private func load(
        _ frames: Range<Int>, of signal: SignalView, using workspace: Workspace, rows: UnsafeMutablePointer<Float>
    ) {
        let size = layout.windowSamples
        let stride = workspace.fourier.stride
        window.withUnsafeBufferPointer { window in
            guard preparation.isMoreThanWindow || spectrum.energy != nil else {
                for (lane, frame) in frames.enumerated() {
                    signal.copyWeighed(
                        frame: frame, by: layout, window: window.baseAddress!,
                        into: workspace.fourier.input + lane * stride)
                }
                return
            }
            var sources = FramePreparation.Frames(repeating: workspace.frames)
            for (lane, frame) in frames.enumerated() {
                sources[lane] = signal.frame(frame, by: layout, orCopiedTo: workspace.frames + lane * stride)
            }
            let means = preparation.means(of: sources, size: size)
            for lane in 0..<frames.count {
                let (frame, mean) = (sources[lane], means[lane])
                if let energy = spectrum.energy {
                    let scaled =
                        preparation.sumOfSquares(frame, mean: mean, size: size) * preparation.scale * preparation.scale
                    let raw = max(scaled, max(energy.floor, 0x1p-23))
                    rows[lane * width] = Logarithm.natural(SIMD8(repeating: raw))[0]
                }
                preparation.weigh(
                    frame, mean: mean, window: window.baseAddress!, size: size,
                    into: workspace.fourier.input + lane * stride)
            }
        }
    }

    private func writeBands(
        _ filters: MelFilterBank, of power: UnsafePointer<SIMD8<Float>>, count: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        let bands = filters.firstBin.count
        filters.offsets.withUnsafeBufferPointer { offsets in
            filters.weights.withUnsafeBufferPointer { weights in
                filters.firstBin.withUnsafeBufferPointer { firstBin in
                    @inline(__always)
                    func energy(_ band: Int) -> SIMD8<Float> {
                        var energy = SIMD8<Float>.zero
                        var bin = power + firstBin[band]
                        for weight in weights[offsets[band]..<offsets[band + 1]] {
                            energy += bin.pointee * weight
                            bin += 1
                        }
                        return compressed(energy)
                    }
                    var band = 0
                    if count == FourierPlan.lanes {
                        while band + 4 <= bands {
                            store(
                                energy(band), energy(band + 1), energy(band + 2), energy(band + 3), into: output + band)
                            band += 4
                        }
                    }
                    while band < bands {
                        store(energy(band), count: count, into: output + band)
                        band += 1
                    }
                }
            }
        }
    }

    private func writeBins(
        _ power: UnsafePointer<SIMD8<Float>>, count: Int, into output: UnsafeMutablePointer<Float>
    ) {
        var bin = 0
        if count == FourierPlan.lanes {
            while bin + 4 <= centresHz.count {
                store(
                    compressed(power[bin]), compressed(power[bin + 1]), compressed(power[bin + 2]),
                    compressed(power[bin + 3]), into: output + bin)
                bin += 4
            }
        }
        while bin < centresHz.count {
            store(compressed(power[bin]), count: count, into: output + bin)
            bin += 1
        }
    }

    /// Puts one column's values into up to eight rows.
    @inline(__always)
    private func store(_ values: SIMD8<Float>, count: Int, into column: UnsafeMutablePointer<Float>) {
        for lane in 0..<count { column[lane * width] = values[lane] }
    }

    /// Puts four columns' eight values into eight rows.
    @inline(__always)
    private func store(
        _ a: SIMD8<Float>, _ b: SIMD8<Float>, _ c: SIMD8<Float>, _ d: SIMD8<Float>,
        into columns: UnsafeMutablePointer<Float>
    ) {
        let low = transposed(a.lowHalf, b.lowHalf, c.lowHalf, d.lowHalf)
        let high = transposed(a.highHalf, b.highHalf, c.highHalf, d.highHalf)
        let target = UnsafeMutableRawPointer(columns)
        let row = 4 * width
        target.storeBytes(of: low.0, as: SIMD4<Float>.self)
        target.storeBytes(of: low.1, toByteOffset: row, as: SIMD4<Float>.self)
        target.storeBytes(of: low.2, toByteOffset: 2 * row, as: SIMD4<Float>.self)
        target.storeBytes(of: low.3, toByteOffset: 3 * row, as: SIMD4<Float>.self)
        target.storeBytes(of: high.0, toByteOffset: 4 * row, as: SIMD4<Float>.self)
        target.storeBytes(of: high.1, toByteOffset: 5 * row, as: SIMD4<Float>.self)
        target.storeBytes(of: high.2, toByteOffset: 6 * row, as: SIMD4<Float>.self)
        target.storeBytes(of: high.3, toByteOffset: 7 * row, as: SIMD4<Float>.self)
    }

    @inline(__always)
    private func compressed(_ x: SIMD8<Float>) -> SIMD8<Float> {
        switch spectrum.compression {
        case .none: x
        case .naturalLogarithm(let floor): Logarithm.natural(x.replacing(with: floor, where: x .< floor))
        case .decimalLogarithm(let floor): Logarithm.decimal(x.replacing(with: floor, where: x .< floor))
        case .decibels(let floor): 10 * Logarithm.decimal(x.replacing(with: floor, where: x .< floor))
        }
    }
}

// Settings of which no features can be made.

extension FeatureConfiguration {
    /// - Throws: ``SpectrogramError`` that names the setting.
    func check() throws(SpectrogramError) {
        var sizes: [(String, Int, ClosedRange<Int>)] = [
            ("hop length", layout.hopSamples, 1...65_536),
            ("window", layout.windowSamples, 2...65_536),
            ("Fourier transform", layout.fourierSamples, layout.windowSamples.clamped(to: 2...65_536)...65_536),
            ("sample rate", sampleRateHz, 1...10_000_000),
            ("stack", stackedRows, 1...8),
        ]
        if let filters = spectrum.filters { sizes.append(("number of mel bands", filters.bands, 1...1024)) }
        if let cepstrum {
            let bands = spectrum.filters?.bands ?? layout.fourierSamples / 2 + 1
            sizes.append(("number of coefficients", cepstrum.coefficients, 1...max(1, bands)))
        }
        switch extent {
        case .recording: break
        case .padded(let length), .paddedThenCut(let length):
            sizes.append(("padded length", length, layout.leastSamples...1 << 30))
        case .rows(let rows): sizes.append(("number of rows", rows, 1...1 << 20))
        }
        for (what, value, range) in sizes where !range.contains(value) {
            throw SpectrogramError(
                expected: "a \(what) from \(range.lowerBound) to \(range.upperBound)", got: "\(value)")
        }
        switch layout.placement {
        case .centredMirrored, .centredSilent:
            guard layout.windowSamples % 2 == 0, layout.fourierSamples == layout.windowSamples else {
                throw SpectrogramError(expected: "an even window", got: "\(layout.windowSamples)")
            }
        case .inside, .covering: break
        }
        guard 8 % stackedRows == 0 else {
            throw SpectrogramError(expected: "a stack of 1, 2, 4 or 8 rows", got: "\(stackedRows)")
        }
        if let filters = spectrum.filters {
            let high = filters.highHz ?? Double(sampleRateHz) / 2
            guard filters.lowHz >= 0, filters.lowHz < high else {
                throw SpectrogramError(
                    expected: "mel filters that end above \(filters.lowHz) Hz", got: "\(high) Hz")
            }
        }
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}

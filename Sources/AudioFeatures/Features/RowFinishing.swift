// From spectral rows to features: normalisation, cepstral coefficients, stacking.

/// Steps 4 and 5 of a kind of features.
struct RowFinishing: Sendable {
    private let normalisation: Normalisation
    private let matrix: [Float]?
    private let hasEnergy: Bool
    private let stackedRows: Int
    /// Values in a spectral row.
    private let width: Int
    /// Values in a row of features, before stacking.
    let features: Int

    init(_ configuration: FeatureConfiguration, width: Int) {
        normalisation = configuration.normalisation
        hasEnergy = configuration.spectrum.energy != nil
        stackedRows = configuration.stackedRows
        self.width = width
        let bands = hasEnergy ? width - 1 : width
        matrix = configuration.cepstrum?.matrix(bands: bands)
        features = configuration.cepstrum?.coefficients ?? width
    }

    /// Statistics that have seen nothing yet, of what this normalisation needs.
    func statistics() -> FeatureStatistics {
        var needsMoments = false
        if case .perFeature = normalisation { needsMoments = true }
        return FeatureStatistics(features: width, keepsMoments: needsMoments)
    }

    /// Rows `[n, width]`, which are normalised in place, to `[n, features]`.
    func finished(_ rows: inout [Float], _ statistics: FeatureStatistics?) -> [Float] {
        rows.withUnsafeMutableBufferPointer { normalisation.apply(to: $0, features: width, statistics) }
        guard let matrix else { return rows }
        let count = rows.count / width
        return [Float](unsafeUninitializedCapacity: count * features) { output, filled in
            let first = hasEnergy ? 1 : 0
            rows.withUnsafeBufferPointer { rows in
                matrix.withUnsafeBufferPointer { matrix in
                    cepstra(
                        of: rows.baseAddress!, count: count, stride: width, first: first, bands: width - first,
                        by: matrix, into: output.baseAddress!)
                }
                // Kaldi's coefficient 0 is the energy, where there is one.
                if hasEnergy { for row in 0..<count { output[row * features] = rows[row * width] } }
            }
            filled = count * features
        }
    }

    /// Appends the zeros that the last stack of rows lacks.
    func stacked(_ values: [Float]) -> [Float] {
        let missing = values.count % (features * stackedRows)
        return missing == 0 ? values : values + [Float](repeating: 0, count: features * stackedRows - missing)
    }
}

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

    /// Room for coefficients, for those who finish a few rows at a time.
    struct Scratch {
        fileprivate var coefficients: [Float]
    }

    func scratch(rows: Int) -> Scratch {
        Scratch(coefficients: [Float](repeating: 0, count: matrix == nil ? 0 : rows * features))
    }

    /// Rows `[n, width]`, which are normalised in place, to `[n, features]` at the end of `output`.
    func finish(
        _ rows: UnsafeMutableBufferPointer<Float>, _ statistics: FeatureStatistics?, _ scratch: inout Scratch,
        into output: inout [Float]
    ) {
        normalisation.apply(to: rows, features: width, statistics)
        guard matrix != nil else { return output += rows }
        let count = rows.count / width * features
        scratch.coefficients.withUnsafeMutableBufferPointer { coefficients in
            writeCoefficients(of: UnsafeBufferPointer(rows), into: coefficients.baseAddress!)
            output += UnsafeMutableBufferPointer(rebasing: coefficients[..<count])
        }
    }

    /// Rows `[n, width]`, which are normalised in place, to `[n, features]`.
    func finished(_ rows: inout [Float], _ statistics: FeatureStatistics?) -> [Float] {
        rows.withUnsafeMutableBufferPointer { normalisation.apply(to: $0, features: width, statistics) }
        guard matrix != nil else { return rows }
        let count = rows.count / width * features
        return [Float](unsafeUninitializedCapacity: count) { output, filled in
            rows.withUnsafeBufferPointer { writeCoefficients(of: $0, into: output.baseAddress!) }
            filled = count
        }
    }

    private func writeCoefficients(of rows: UnsafeBufferPointer<Float>, into output: UnsafeMutablePointer<Float>) {
        guard let matrix, let start = rows.baseAddress else { return }
        let (count, first) = (rows.count / width, hasEnergy ? 1 : 0)
        matrix.withUnsafeBufferPointer { matrix in
            cepstra(
                of: start, count: count, stride: width, first: first, bands: width - first, by: matrix, into: output)
        }
        // Kaldi's coefficient 0 is the energy, where there is one.
        if hasEnergy { for row in 0..<count { output[row * features] = start[row * width] } }
    }

    /// Appends the zeros that the last stack of rows lacks.
    func stacked(_ values: [Float]) -> [Float] {
        let missing = values.count % (features * stackedRows)
        return missing == 0 ? values : values + [Float](repeating: 0, count: features * stackedRows - missing)
    }
}

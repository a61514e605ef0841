// What some normalisations need to know of a whole recording.

/// The loudest value, and every feature's mean and variance, over all rows of a recording.
///
/// Rows are taken one by one in double precision, so that a recording in one piece and the same in chunks agree to
/// the last bit.
public struct FeatureStatistics: Sendable, Equatable {
    /// The largest value of all.
    public private(set) var loudest = -Float.infinity

    /// Rows seen.
    public private(set) var rows = 0

    /// The mean of every feature.
    public private(set) var means: [Double]

    /// The sum of every feature's squared distances from its mean.
    private var squares: [Double]

    private let keepsMoments: Bool

    init(features: Int, keepsMoments: Bool) {
        self.keepsMoments = keepsMoments
        means = [Double](repeating: 0, count: keepsMoments ? features : 0)
        squares = means
    }

    /// The variance of feature `index`, by n - 1.
    public func variance(of index: Int) -> Double {
        rows > 1 ? squares[index] / Double(rows - 1) : .nan
    }

    mutating func add(_ values: UnsafeBufferPointer<Float>, features: Int) {
        rows += values.count / features
        guard keepsMoments else {
            loudest = max(loudest, largest(values))
            return
        }
        var seen = rows - values.count / features
        for row in stride(from: 0, to: values.count, by: features) {
            seen += 1
            for feature in 0..<features {
                let value = values[row + feature]
                loudest = max(loudest, value)
                let distance = Double(value) - means[feature]
                means[feature] += distance / Double(seen)
                squares[feature] += distance * (Double(value) - means[feature])
            }
        }
    }
}

/// The largest of some values, eight at a time.
private func largest(_ values: UnsafeBufferPointer<Float>) -> Float {
    var lanes = SIMD8<Float>(repeating: -.infinity)
    let raw = UnsafeRawBufferPointer(values)
    for i in stride(from: 0, to: values.count - 7, by: 8) {
        let part = raw.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self)
        lanes.replace(with: part, where: part .> lanes)
    }
    var result = lanes.max()
    for i in (values.count & ~7)..<values.count { result = max(result, values[i]) }
    return result
}

extension Normalisation {
    /// Applies it in place to rows `[n, features]`; one over the whole recording needs its statistics.
    func apply(to values: UnsafeMutableBufferPointer<Float>, features: Int, _ statistics: FeatureStatistics?) {
        switch self {
        case .none: return
        case .fixed(let mean, let divisor):
            for i in values.indices { values[i] = (values[i] - mean) / divisor }
        case .floorBelowLoudest(let span):
            guard let statistics else { return }
            let floor = statistics.loudest - span
            for i in values.indices { values[i] = max(values[i], floor) }
        case .whisper:
            // Without the loudest value a stream gets what is not clamped: the clamp can be made up for later.
            let floor = statistics.map { $0.loudest - 8 } ?? -.infinity
            for i in values.indices { values[i] = (max(values[i], floor) + 4) / 4 }
        case .perFeature(let epsilon):
            guard let statistics else { return }
            for feature in 0..<features {
                let mean = Float(statistics.means[feature])
                let deviation = (Float(statistics.variance(of: feature)) + epsilon).squareRoot()
                for i in stride(from: feature, to: values.count, by: features) {
                    values[i] = (values[i] - mean) / deviation
                }
            }
        }
    }
}

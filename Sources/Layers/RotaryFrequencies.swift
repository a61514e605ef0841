// How fast the pairs of a head's elements turn, and how that is stretched for longer sequences.

#if canImport(Glibc)
    import Glibc
#endif

/// The frequencies of a rotary embedding, a pair of elements each, in radians a position.
///
/// The stretched ones are transformers' (`modeling_rope_utils`), in double precision.
public enum RotaryFrequencies: Sendable {
    /// The same for every sequence.
    case fixed([Double])
    /// Those of a base that grows once a sequence is longer than `limit` ("dynamic", NTK-aware scaling).
    case dynamic(theta: Double, factor: Double, limit: Int, dimensions: Int)
    /// Others for sequences longer than `limit` (LongRoPE).
    case long(short: [Double], long: [Double], limit: Int)

    /// The frequencies for a sequence of this length.
    func values(length: Int) -> [Double] {
        switch self {
        case .fixed(let frequencies): return frequencies
        case .dynamic(let theta, let factor, let limit, let dimensions):
            let stretch = factor * Double(max(length, limit)) / Double(limit) - (factor - 1)
            let base = theta * pow(stretch, Double(dimensions) / Double(dimensions - 2))
            return rotaryFrequencies(theta: base, dimensions: dimensions)
        case .long(let short, let long, let limit): return length > limit ? long : short
        }
    }
}

/// θ^(−2i/D) for i in 0 ..< D/2, divided by a factor each where there are any.
public func rotaryFrequencies(theta: Double, dimensions: Int, dividedBy factors: [Double]? = nil) -> [Double] {
    (0..<dimensions / 2).map { pow(theta, -2 * Double($0) / Double(dimensions)) / (factors?[$0] ?? 1) }
}

extension RotaryFrequencies {
    /// Llama 3.1's: waves longer than `length / low` are stretched by the factor, those shorter than `length / high` are
    /// left, and between them it goes over smoothly; `length` is that of the sequences in training.
    public static func llama3(
        theta: Double, dimensions: Int, factor: Double, low: Double, high: Double, length: Double
    ) -> RotaryFrequencies {
        .fixed(
            rotaryFrequencies(theta: theta, dimensions: dimensions).map { frequency in
                let wave = 2 * Double.pi / frequency
                if wave < length / high { return frequency }
                if wave > length / low { return frequency / factor }
                let share = (length / wave - low) / (high - low)
                return (1 - share) * frequency / factor + share * frequency
            })
    }

    /// YaRN's (Peng et al. 2023): pairs that turn more than `fast` times in `length` tokens are left, those that turn
    /// less than `slow` times are stretched by the factor, on a ramp between them; its ends are whole numbers where
    /// `truncates`.
    public static func yarn(
        theta: Double, dimensions: Int, factor: Double, fast: Double, slow: Double, length: Double, truncates: Bool
    ) -> RotaryFrequencies {
        func pair(turns: Double) -> Double {
            Double(dimensions) * log(length / (turns * 2 * Double.pi)) / (2 * log(theta))
        }
        var (first, last) = (pair(turns: fast), pair(turns: slow))
        if truncates { (first, last) = (floor(first), ceil(last)) }
        (first, last) = (max(first, 0), min(last, Double(dimensions - 1)))
        if first == last { last += 0.001 }
        let plain = rotaryFrequencies(theta: theta, dimensions: dimensions)
        return .fixed(
            plain.indices.map { index in
                let ramp = min(max((Double(index) - first) / (last - first), 0), 1)
                return plain[index] / factor * ramp + plain[index] * (1 - ramp)
            })
    }
}

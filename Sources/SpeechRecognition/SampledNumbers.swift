// Numbers by chance, the same ones for the same seed.

#if canImport(Glibc)
    import Glibc
#endif

/// SplitMix64 (Steele, Lea and Flood 2014).
struct SampledNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// An index by the probabilities softmax(scores / temperature) has for it; nil where none of the scores is a number
    /// above −∞.
    mutating func index(of scores: UnsafeBufferPointer<Float>, temperature: Float) -> Int? {
        guard let best = largest(of: scores), scores[best] > -.infinity else { return nil }
        let peak = Double(scores[best])
        func weight(_ score: Float) -> Double {
            score > -.infinity ? exp((Double(score) - peak) / Double(temperature)) : 0
        }
        var rest = Double.random(in: 0..<1, using: &self) * scores.reduce(0) { $0 + weight($1) }
        for index in scores.indices {
            let weight = weight(scores[index])
            rest -= weight
            if rest < 0, weight > 0 { return index }
        }
        return best
    }
}

// Normally distributed noise that a seed determines.

internal import Tensors

#if canImport(Glibc)
    internal import Glibc
#endif

/// Standard normal numbers by the Box-Muller transform of xoshiro256++'s uniform ones.
///
/// The generator's state is filled from the seed by SplitMix64, as its authors advise (Blackman and Vigna 2021,
/// https://prng.di.unimi.it). Two uniform numbers u = (top 53 bits + ½)·2⁻⁵³ make two normal ones,
/// √(−2 ln u₁)·cos 2πu₂ and √(−2 ln u₁)·sin 2πu₂, computed in `Double` and rounded to `Float` in this order.
struct SeededNormals {
    private var state: (UInt64, UInt64, UInt64, UInt64)
    private var spare: Float?

    init(seed: UInt64) {
        var counter = seed
        func split() -> UInt64 {
            counter &+= 0x9e37_79b9_7f4a_7c15
            var z = counter
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
        state = (split(), split(), split(), split())
    }

    /// The next 64 bits of xoshiro256++.
    mutating func bits() -> UInt64 {
        func rotated(_ x: UInt64, by count: UInt64) -> UInt64 { x &<< count | x &>> (64 - count) }
        let result = rotated(state.0 &+ state.3, by: 23) &+ state.0
        let shifted = state.1 &<< 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotated(state.3, by: 45)
        return result
    }

    /// A number between 0 and 1, never either.
    private mutating func uniform() -> Double { (Double(bits() >> 11) + 0.5) * 0x1p-53 }

    /// The next normal number.
    mutating func next() -> Float {
        if let number = spare {
            spare = nil
            return number
        }
        let radius = (-2 * log(uniform())).squareRoot()
        let angle = 2 * Double.pi * uniform()
        spare = Float(radius * sin(angle))
        return Float(radius * cos(angle))
    }

    /// A tensor of normal numbers in row-major order.
    mutating func tensor(_ shape: Int...) -> Tensor {
        Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in next() })
    }
}

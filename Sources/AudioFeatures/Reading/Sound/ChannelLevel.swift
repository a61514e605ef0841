// How loud a channel is, measured while it is read.

/// The loudness of one channel so far.
struct ChannelLevel {
    /// The largest magnitude; full scale is 1.
    private(set) var peak: Float = 0
    /// Samples at full scale that equal their neighbour: what a converter makes of what is too loud for it.
    private(set) var clippedSamples = 0
    /// The sum of all squares.
    private(set) var energy = 0.0

    /// Where full scale begins for every coding: the largest number of eight bits is 0.992.
    private static let fullScale: Float = 0.99

    /// Takes a block's peak and energy, as measured, and its samples, every `stride`-th from the first.
    mutating func append(
        peak blockPeak: Float, energy blockEnergy: Float, _ samples: UnsafeBufferPointer<Float>, stride: Int
    ) {
        peak = max(peak, blockPeak)
        energy += Double(blockEnergy)
        // Only few recordings come this far, so that this may be slow.
        guard blockPeak >= Self.fullScale else { return }
        for index in Swift.stride(from: stride, to: samples.count, by: stride)
        where samples[index] == samples[index - stride] && samples[index].magnitude >= Self.fullScale {
            clippedSamples += 1
        }
    }
}

/// Peak and energy of a block: `[n]` samples, each next to the other.
///
/// A NaN counts as nothing in the peak, and shows in the energy.
func peakAndEnergy(_ samples: UnsafeBufferPointer<Float>) -> (peak: Float, energy: Float) {
    let bytes = UnsafeRawBufferPointer(samples)
    var (highest, lowest, energies) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
    var index = 0
    while index + 8 <= samples.count {
        let values = bytes.loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
        highest.replace(with: values, where: values .> highest)
        lowest.replace(with: values, where: values .< lowest)
        // No fused product: without the processor's instruction, that is a call for every lane.
        energies += values * values
        index += 8
    }
    var (peak, energy) = (max(highest.max(), -lowest.min()), energies.sum())
    for sample in samples[index...] {
        peak = max(peak, sample.magnitude)
        energy += sample * sample
    }
    return (peak, energy)
}

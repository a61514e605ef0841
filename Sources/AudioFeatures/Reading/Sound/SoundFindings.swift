// What the levels of a recording say about it.

/// Warnings about sound that has been read to its end.
enum SoundFindings {
    /// Quieter than this against the loudest channel (-45 dB), and than -50 dB of full scale, is a cable without a
    /// microphone.
    private static let deadShare = 3e-5
    private static let deadPeak: Float = 3e-3
    /// A peak below this (-40 dB) leaves little above a room's noise.
    private static let softPeak: Float = 0.01
    /// Below this (-90 dB) lies what a converter of 16 bits makes of nothing.
    private static let silentPeak: Float = 3.1e-5
    /// Decoders of coded sound overshoot what was put in by this much.
    private static let codedOvershoot: Float = 1.41
    /// So many clipped samples, and such a share of all, are no accident of one loud word.
    private static let fewestClipped = 10
    private static let clippedShare = 2e-4

    static func warnings(_ mixing: ChannelMixing, frames: Int, isCoded: Bool) -> [RecordingWarning] {
        var warnings: [RecordingWarning] = []
        let levels = mixing.levels
        let peak = levels.reduce(0) { max($0, $1.peak) }
        guard peak >= silentPeak else { return [.silent] }
        if let heard = mixing.heard { warnings.append(.oppositePhase(heard: heard + 1)) }
        let loudest = levels.reduce(0) { max($0, $1.energy) }
        let dead = levels.indices.filter { levels[$0].peak < deadPeak && levels[$0].energy < deadShare * loudest }
        if !dead.isEmpty { warnings.append(.deadChannels(dead.map { $0 + 1 })) }
        if peak > (isCoded ? codedOvershoot : 1) { warnings.append(.beyondFullScale(peak: peak)) }
        let clipped = levels.reduce(0) { max($0, $1.clippedSamples) }
        if clipped >= fewestClipped, Double(clipped) >= clippedShare * Double(frames) {
            warnings.append(.clipped(samples: clipped))
        }
        if peak < softPeak { warnings.append(.soft(peakDecibels: 20 * log10f(peak))) }
        return warnings
    }
}

#if canImport(Glibc)
    import Glibc
#endif

// Triangular mel filters as librosa builds them by default, which is what Whisper ships as mel_filters.npz.

import Glibc

/// A bank of mel filters over a power spectrum, kept sparse: a row touches a few neighbouring bins only.
struct MelFilterBank: Sendable {
    /// The first bin that each band reads.
    let firstBin: [Int]
    /// Where each band's weights begin in `weights`; one entry more than there are bands.
    let offsets: [Int]
    /// All rows' weights one after the other.
    let weights: [Float]
    /// The frequency at each band's peak.
    let centresHz: [Double]

    /// `bands` filters from 0 Hz to half the sample rate over `windowSamples / 2 + 1` bins.
    ///
    /// Slaney's scale and Slaney's area normalisation; computed in double precision and rounded once
    /// (librosa.filters.mel).
    init(bands: Int, windowSamples: Int, sampleRateHz: Int) {
        let bins = windowSamples / 2 + 1
        let nyquist = Double(sampleRateHz) / 2
        let top = mel(ofHz: nyquist)
        let edgesHz = (0..<bands + 2).map { hz(ofMel: top * Double($0) / Double(bands + 1)) }

        centresHz = Array(edgesHz[1...bands])
        var firstBin: [Int] = []
        var offsets = [0]
        var weights: [Float] = []
        for band in 0..<bands {
            let (low, centre, high) = (edgesHz[band], edgesHz[band + 1], edgesHz[band + 2])
            let scale = 2 / (high - low)
            let row = (0..<bins).map { bin -> Float in
                let frequency = Double(bin) * Double(sampleRateHz) / Double(windowSamples)
                let rising = (frequency - low) / (centre - low)
                let falling = (high - frequency) / (high - centre)
                return Float(max(0, min(rising, falling)) * scale)
            }
            // A narrow band may fall between two bins; its row is then empty and its energy 0, as in librosa.
            let first = row.firstIndex { $0 > 0 } ?? 0
            let last = row.lastIndex { $0 > 0 } ?? -1
            firstBin.append(first)
            if last >= first { weights += row[first...last] }
            offsets.append(weights.count)
        }
        self.firstBin = firstBin
        self.offsets = offsets
        self.weights = weights
    }
}

/// Slaney's mel scale: linear to 1 kHz, logarithmic above.
private func mel(ofHz frequency: Double) -> Double {
    frequency < breakHz ? frequency / hzPerMel : breakHz / hzPerMel + log(frequency / breakHz) / logStep
}

private func hz(ofMel mel: Double) -> Double {
    let breakMel = breakHz / hzPerMel
    return mel < breakMel ? mel * hzPerMel : breakHz * exp(logStep * (mel - breakMel))
}

private let breakHz = 1000.0
private let hzPerMel = 200.0 / 3
private let logStep = log(6.4) / 27

// The triangles of a mel filter bank: where each begins, peaks and ends, on its own scale.

import Glibc

/// Triangles whose corners are evenly spaced in mel.
struct Triangles {
    private let scale: MelFilters.Scale
    private let binHz: Double
    /// Corners in mel, two more than there are bands.
    private let corners: [Double]
    /// What Kaldi has instead of the corners.
    private let lowMel: Float
    private let stepMel: Float

    init(_ filters: MelFilters, binHz: Double, rateHz: Int) {
        let high = filters.highHz ?? Double(rateHz) / 2
        let steps = filters.bands + 1
        scale = filters.scale
        self.binHz = binHz
        let (bottom, top) = (filters.scale.mel(filters.lowHz), filters.scale.mel(high))
        corners = (0...steps).map { bottom + (top - bottom) * Double($0) / Double(steps) }
        lowMel = kaldiMel(Float(filters.lowHz))
        stepMel = (kaldiMel(Float(high)) - lowMel) / Float(steps)
    }

    /// The frequency at each band's peak `[bands]`.
    var centresHz: [Double] { corners[1..<corners.count - 1].map(scale.hz) }

    /// How much of a bin's energy a band takes.
    func weight(band: Int, bin: Int) -> Float {
        switch scale {
        case .slaney:
            // Every triangle has the same area; its sides are straight in Hz.
            let (low, centre, high) = (
                scale.hz(corners[band]), scale.hz(corners[band + 1]), scale.hz(corners[band + 2])
            )
            return Float(triangle(binHz * Double(bin), low, centre, high) * (2 / (high - low)))
        case .htk:
            return Float(triangle(scale.mel(binHz * Double(bin)), corners[band], corners[band + 1], corners[band + 2]))
        case .kaldi:
            let left = lowMel + Float(band) * stepMel
            let centre = lowMel + Float(band + 1) * stepMel
            let right = lowMel + Float(band + 2) * stepMel
            let mel = kaldiMel(Float(binHz) * Float(bin))
            guard mel > left, mel < right else { return 0 }
            return mel <= centre ? (mel - left) / (centre - left) : (right - mel) / (right - centre)
        }
    }
}

private func triangle(_ x: Double, _ low: Double, _ centre: Double, _ high: Double) -> Double {
    max(0, min((x - low) / (centre - low), (high - x) / (high - centre)))
}

/// kaldi-native-fbank, `MelBanks::MelScale`.
private func kaldiMel(_ frequency: Float) -> Float { 1127 * logf(1 + frequency / 700) }

extension MelFilters.Scale {
    /// The place of a frequency on the scale.
    func mel(_ frequency: Double) -> Double {
        switch self {
        case .slaney:
            frequency < breakHz ? frequency / hzPerMel : breakHz / hzPerMel + log(frequency / breakHz) / logStep
        case .htk, .kaldi: 1127 * log(1 + frequency / 700)
        }
    }

    /// The frequency at a place on the scale.
    func hz(_ mel: Double) -> Double {
        switch self {
        case .slaney:
            mel < breakHz / hzPerMel ? mel * hzPerMel : breakHz * exp(logStep * (mel - breakHz / hzPerMel))
        case .htk, .kaldi: 700 * (exp(mel / 1127) - 1)
        }
    }
}

/// Where Slaney's scale bends, and its two slopes.
private let breakHz = 1000.0
private let hzPerMel = 200.0 / 3
private let logStep = log(6.4) / 27

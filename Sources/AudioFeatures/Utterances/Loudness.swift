// How loud a stream of samples is, frame by frame.

import Glibc

/// The loudness of a stream in frames of 10 ms, in dB of full scale, each the mean power of the 50 ms around it.
///
/// A slow drift and rumble are taken out first (a one-pole filter at about 76 Hz for 16 kHz): they carry no speech.
struct Loudness {
    /// Samples of a frame.
    let frameSamples: Int
    /// Nothing is quieter: digital silence.
    static let silence: Float = -100

    private var powers: [Float] = []
    private var sum: Float = 0
    private var samplesInFrame = 0
    private var lastInput: Float = 0
    private var lastOutput: Float = 0

    init(sampleRateHz: Int) { frameSamples = max(1, sampleRateHz / 100) }

    /// Takes the next samples `[n]`.
    mutating func append(_ samples: ArraySlice<Float>) {
        for sample in samples {
            let output = sample - lastInput + 0.97 * lastOutput
            (lastInput, lastOutput) = (sample, output)
            sum += output * output
            samplesInFrame += 1
            if samplesInFrame == frameSamples { endFrame() }
        }
    }

    private mutating func endFrame() {
        powers.append(sum / Float(samplesInFrame))
        (sum, samplesInFrame) = (0, 0)
    }

    /// The mean powers of the frames since the last call, which are then forgotten.
    mutating func takePowers() -> [Float] {
        defer { powers.removeAll(keepingCapacity: true) }
        return powers
    }

    /// The loudness of all frames so far `[T]`.
    func decibels() -> [Float] {
        let reach = 2
        return powers.indices.map { frame in
            let around = powers[max(0, frame - reach)...min(powers.count - 1, frame + reach)]
            return Self.decibels(around)
        }
    }

    /// The loudness of frames' mean powers together.
    static func decibels(_ powers: ArraySlice<Float>) -> Float {
        let power = powers.reduce(0, +) / Float(max(1, powers.count))
        return power > 1e-10 ? 10 * log10f(power) : silence
    }
}

// Whisper's log-mel spectrogram, over a recording's own length instead of a padded half minute.

import Glibc

/// Samples `[N]` to log-mel features `[T, mels]`, T = N / hop; equal to `whisper.log_mel_spectrogram` on the same array.
///
/// Make one and call it for every recording, from any thread: the Fourier plan and the filters are made once.
///
/// Source: openai/whisper, `whisper/audio.py`. Frames are centred (reflected half a window at both ends), the window is
/// a periodic Hann, the last frame is dropped, and the dynamic range is 8 decades below the loudest value *of the array
/// passed* (transformers pads to 30 s first, which can change the loudest value's neighbours but not the value).
public struct LogMelSpectrogram: Sendable {
    /// What the features are made by.
    public let configuration: SpectrogramConfiguration

    private let window: [Float]
    private let filters: MelFilterBank
    private let plan: FourierPlan

    /// - Throws: ``SpectrogramError`` for sizes that make no spectrogram.
    public init(_ configuration: SpectrogramConfiguration = SpectrogramConfiguration()) throws(SpectrogramError) {
        let sizes: [(String, Int, ClosedRange<Int>)] = [
            ("feature_size", configuration.melBands, 1...1024),
            ("hop_length", configuration.hopSamples, 1...65_536),
            ("n_fft", configuration.windowSamples, 2...65_536),
            ("sampling_rate", configuration.sampleRateHz, 1...10_000_000),
        ]
        for (key, value, range) in sizes where !range.contains(value) {
            throw SpectrogramError(
                expected: "\(key) from \(range.lowerBound) to \(range.upperBound)", got: "\(value)")
        }
        guard configuration.windowSamples % 2 == 0 else {
            throw SpectrogramError(expected: "an even n_fft", got: "\(configuration.windowSamples)")
        }
        self.configuration = configuration
        window = hannWindow(configuration.windowSamples)
        filters = MelFilterBank(
            bands: configuration.melBands, windowSamples: configuration.windowSamples,
            sampleRateHz: configuration.sampleRateHz)
        plan = FourierPlan(size: configuration.windowSamples)
    }

    /// The frequency at each band's peak `[mels]`, rising.
    public var centresHz: [Double] { filters.centresHz }

    /// `samples [N] -> [N / hop, mels]`, values about -1...1.5.
    ///
    /// - Throws: ``SpectrogramError`` when there are not more than `n_fft / 2` samples: a reflection needs that many
    ///   (the reference fails there too).
    public func callAsFunction(_ samples: [Float]) throws(SpectrogramError) -> FeatureMatrix {
        let half = configuration.windowSamples / 2
        guard samples.count > half, samples.count >= configuration.hopSamples else {
            let least = max(half + 1, configuration.hopSamples)
            throw SpectrogramError(
                expected: "at least \(least) samples at \(configuration.sampleRateHz) Hz", got: "\(samples.count)")
        }
        let frames = samples.count / configuration.hopSamples
        let bands = configuration.melBands
        let values = [Float](unsafeUninitializedCapacity: frames * bands) { output, count in
            let loudest = samples.withUnsafeBufferPointer { samples in
                logarithms(of: samples, frames: frames, into: output)
            }
            compress(UnsafeMutableBufferPointer(rebasing: output[..<(frames * bands)]), loudest: loudest)
            count = frames * bands
        }
        return FeatureMatrix(values: values, frames: frames, features: bands)
    }

    /// Writes log10 of the mel energies `[frames, bands]` and gives the largest.
    ///
    /// Frames go eight at a time: their power spectra are stored bin by bin with the eight frames side by side, so that
    /// filters and logarithms work on whole vectors.
    private func logarithms(
        of samples: UnsafeBufferPointer<Float>, frames: Int, into output: UnsafeMutableBufferPointer<Float>
    ) -> Float {
        let bands = configuration.melBands
        let size = configuration.windowSamples
        let bins = size / 2 + 1
        let scratch = FourierScratch(size: size)
        var loudest = SIMD8<Float>(repeating: -.infinity)
        withUnsafeTemporaryAllocation(of: SIMD8<Float>.self, capacity: bins) { power in
            power.initialize(repeating: .zero)
            for first in stride(from: 0, to: frames, by: 8) {
                let group = min(8, frames - first)
                for lane in 0..<group {
                    load(frame: first + lane, of: samples, into: scratch.input)
                    plan.execute(on: scratch)
                    let lanes = UnsafeMutableRawPointer(power.baseAddress!).assumingMemoryBound(to: Float.self)
                    for bin in 0..<bins {
                        let (re, im) = (scratch.output[2 * bin], scratch.output[2 * bin + 1])
                        lanes[8 * bin + lane] = re * re + im * im
                    }
                }
                filters.offsets.withUnsafeBufferPointer { offsets in
                    filters.weights.withUnsafeBufferPointer { weights in
                        for band in 0..<bands {
                            var energy = SIMD8<Float>.zero
                            var bin = filters.firstBin[band]
                            for weight in weights[offsets[band]..<offsets[band + 1]] {
                                energy += power[bin] * weight
                                bin += 1
                            }
                            let value = CommonLogarithm.of(energy.replacing(with: 1e-10, where: energy .< 1e-10))
                            loudest = group == 8 ? pointwiseMax(loudest, value) : loudest
                            for lane in 0..<group {
                                (output.baseAddress! + (first + lane) * bands + band).initialize(to: value[lane])
                                if group < 8 { loudest[lane] = max(loudest[lane], value[lane]) }
                            }
                        }
                    }
                }
            }
        }
        return loudest.max()
    }

    /// Cuts one frame out of the samples, mirrored at both ends without repeating the edge, and weighs it.
    private func load(frame: Int, of samples: UnsafeBufferPointer<Float>, into input: UnsafeMutablePointer<Float>) {
        let size = configuration.windowSamples
        let start = frame * configuration.hopSamples - size / 2
        window.withUnsafeBufferPointer { window in
            if start >= 0, start + size <= samples.count {
                let source = samples.baseAddress! + start
                for i in 0..<size { input[i] = source[i] * window[i] }
            } else {
                let last = samples.count - 1
                for i in 0..<size {
                    let mirrored = abs(start + i)
                    input[i] = samples[mirrored <= last ? mirrored : 2 * last - mirrored] * window[i]
                }
            }
        }
    }

    /// Clamps to 8 decades below the loudest value, then shifts and scales to about -1...1.
    private func compress(_ values: UnsafeMutableBufferPointer<Float>, loudest: Float) {
        let floor = loudest - 8
        for i in values.indices {
            values[i] = (max(values[i], floor) + 4) / 4
        }
    }
}

/// A periodic Hann window `[size]`.
private func hannWindow(_ size: Int) -> [Float] {
    (0..<size).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size))) }
}

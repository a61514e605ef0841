// What must hold of any log-mel spectrogram, whoever computed the reference.

import Foundation
import Testing

@testable import AudioFeatures

/// Noise that is the same everywhere: a linear congruential generator.
func noise(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
    }
}

@Suite struct SpectrogramPropertyTests {
    private static let packings: [FourierPlan.Packing] = [.none, .halves, .pairs]

    /// The power spectra of some frames by way of one packing, side by side `[n / 2 + 1]`.
    private func power(_ frames: [[Float]], _ packing: FourierPlan.Packing) -> [SIMD8<Float>] {
        let size = frames[0].count
        let plan = FourierPlan.of(size: size, packing)
        let scratch = FourierScratch(size: size, samples: size, packing)
        var power = [SIMD8<Float>](repeating: .zero, count: size / 2 + 1)
        power.withUnsafeMutableBufferPointer { power in
            for (lane, frame) in frames.enumerated() {
                for (i, sample) in frame.enumerated() { scratch.input(of: lane)[i] = plan.inputScale * sample }
            }
            plan.writePower(of: scratch, lanes: frames.count, into: power.baseAddress!)
        }
        return power
    }

    @Test(arguments: packings) func energyIsKept(packing: FourierPlan.Packing) {
        // Parseval: for a real signal, the bins between 0 and the middle count twice.
        let samples = noise(400)
        let silence = [Float](repeating: 0, count: 400)
        let power = power([silence, silence, samples], packing)
        let time = samples.reduce(0.0) { $0 + Double($1) * Double($1) }
        let spectrum = (0...200).reduce(0.0) { $0 + ($1 == 0 || $1 == 200 ? 1 : 2) * Double(power[$1][2]) }
        #expect(abs(spectrum / 400 / time - 1) < 1e-6)
        #expect(power.allSatisfy { $0[0] == 0 && $0[1] == 0 })
    }

    @Test(arguments: [16, 18, 20, 22, 24, 30, 400, 402, 512, 2_048]) func packedTransformsEqualPlainOnes(size: Int) {
        // One to eight frames, some of them 60 dB below their neighbours.
        for count in 1...8 {
            let frames = (0..<count).map { frame in
                noise(size, seed: UInt64(frame + 1)).map { frame % 3 == 1 ? $0 * 1e-3 : $0 }
            }
            let plain = power(frames, .none)
            for packing in [FourierPlan.Packing.halves, .pairs] {
                for (got, expected) in zip(power(frames, packing), plain) {
                    for lane in 0..<count {
                        let loudest = Float(size) * (lane % 3 == 1 ? 1e-6 : 1)
                        #expect(abs(got[lane] - expected[lane]) <= 1e-6 * loudest)
                    }
                }
            }
        }
    }

    @Test(arguments: packings) func framesDoNotShowInTheirNeighbours(packing: FourierPlan.Packing) {
        let quiet = noise(400, seed: 3)
        let alone = power([quiet], packing)
        let loud = noise(400, seed: 4).map { $0 * 1e4 }
        for (got, expected) in zip(power([loud, loud, quiet, loud], packing), alone) {
            #expect(abs(got[2] - expected[0]) <= 1e-5 * max(1e-3, expected[0]))
        }
    }

    @Test func aHopMovesOneFrame() throws {
        let samples = noise(8_000)
        let logMel = try LogMelSpectrogram()
        let whole = try logMel(samples)
        let later = try logMel(Array(samples[160...]))
        // The frames at the edges see reflections; the loudest value must be inside for the clamps to be equal.
        for t in 2..<later.frames - 2 {
            for f in 0..<80 { #expect(abs(later[t, f] - whole[t + 1, f]) < 1e-5) }
        }
    }

    @Test(arguments: [0.5, 0.125, 0.01] as [Float]) func loudnessIsAnOffset(gain: Float) throws {
        let samples = noise(3_200)
        let logMel = try LogMelSpectrogram()
        let (loud, quiet) = (try logMel(samples), try logMel(samples.map { gain * $0 }))
        let offset = 2 * log10(gain) / 4
        for (a, b) in zip(loud.values, quiet.values) { #expect(abs(a + offset - b) < 1e-5) }
    }

    @Test func rangeIsEightDecades() throws {
        var samples = noise(16_000)
        for i in 0..<8_000 { samples[i] *= 1e-6 }
        let values = try LogMelSpectrogram()(samples).values
        #expect(values.max()! - values.min()! <= 2.000001)
    }

    @Test func logarithmIsExact() {
        for exponent in stride(from: -37.0 as Float, through: 38, by: 0.00137) {
            let x = exp(exponent * 2.302585)
            let (exact, got) = (Foundation.log10(Double(x)), Logarithm.decimal(x))
            #expect(abs(Double(got) - exact) <= 2e-7 * max(1, abs(exact)), "log10(\(x))")
            let (natural, gotNatural) = (Foundation.log(Double(x)), Logarithm.natural(x))
            #expect(abs(Double(gotNatural) - natural) <= 2e-7 * max(1, abs(natural)), "ln(\(x))")
        }
        #expect(Logarithm.decimal(1) == 0 && Logarithm.natural(1) == 0)
    }

    @Test func filtersCoverTheBand() {
        let bank = MelFilterBank(
            MelFilters(bands: 80, scale: .slaney), fourierSamples: 400, sampleRateHz: 16_000)
        #expect(bank.offsets.count == 81)
        // Slaney's normalisation: every triangle has about the same area, 2 / 2 over its width in Hz.
        let rows = (0..<80).map { bank.weights[bank.offsets[$0]..<bank.offsets[$0 + 1]].reduce(0, +) }
        #expect(rows.allSatisfy { $0 > 0.01 && $0 < 0.04 })
    }

    @Test func framesAreWholeHops() throws {
        let logMel = try LogMelSpectrogram()
        for count in [201, 319, 320, 321, 1_279, 1_280, 1_281, 16_000] {
            #expect(try logMel(noise(count)).frames == count / 160)
        }
    }

    @Test(arguments: [0, 1, 159, 200]) func tooShortIsAnError(count: Int) throws {
        let logMel = try LogMelSpectrogram()
        let error = try #require(throws: SpectrogramError.self) { try logMel(noise(count)) }
        #expect(error.description == "spectrogram: expected at least 201 samples at 16000 Hz, got \(count)")
    }

    @Test func absurdSettingsAreErrors() {
        let cases = [
            (SpectrogramConfiguration(melBands: 0), "a number of mel bands from 1 to 1024", "0"),
            (SpectrogramConfiguration(windowSamples: 401), "an even window", "401"),
            (SpectrogramConfiguration(hopSamples: -1), "a hop length from 1 to 65536", "-1"),
        ]
        for (configuration, expected, got) in cases {
            let error = #expect(throws: SpectrogramError.self) { try LogMelSpectrogram(configuration) }
            #expect(error == SpectrogramError(expected: expected, got: got))
        }
    }

    @Test func readsTransformersConfiguration() throws {
        let json = """
            {"chunk_length": 30, "feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 128,
             "hop_length": 160, "n_fft": 400, "n_samples": 480000, "padding_value": 0.0, "sampling_rate": 16000}
            """
        let configuration = try JSONDecoder().decode(SpectrogramConfiguration.self, from: Data(json.utf8))
        #expect(configuration == SpectrogramConfiguration(melBands: 128))
    }

    @Test func transposes() {
        let matrix = FeatureMatrix(values: [1, 2, 3, 4, 5, 6], frames: 2, features: 3)
        #expect(matrix.transposedValues() == [1, 4, 2, 5, 3, 6])
        #expect(matrix[1, 2] == 6)
    }
}

// What must hold of features whoever computed the reference.

import AudioFeatures
import Foundation
import Testing

@Suite struct FeaturePropertyTests {
    @Test func energyIsKept() throws {
        // Parseval, through the whole of a power spectrogram: bins between 0 and the middle count twice.
        let samples = noise(16_000)
        let size = 512
        let power = try FeatureExtractor(
            .linear(.power, sampleRateHz: 16_000, windowSamples: size, hopSamples: 160))(samples)
        let window = WindowFunction.periodicHann.values(size)
        for frame in [5, 40, 90] {
            let start = frame * 160 - size / 2
            let energy = (0..<size).reduce(0.0) { $0 + pow(Double(samples[start + $1] * window[$1]), 2) }
            let row = (0...size / 2).reduce(0.0) { sum, bin in
                sum + (bin == 0 || bin == size / 2 ? 1 : 2) * Double(power[frame, bin])
            }
            #expect(abs(row / Double(size) / energy - 1) < 1e-6)
        }
    }

    @Test func amplitudeIsTheRootOfPower() throws {
        let samples = noise(3_000)
        let power = try FeatureExtractor(.linear(.power, sampleRateHz: 8_000))(samples)
        let amplitude = try FeatureExtractor(.linear(.amplitude, sampleRateHz: 8_000))(samples)
        for (a, p) in zip(amplitude.values, power.values) { #expect(abs(a * a - p) <= 1e-6 * max(1, p)) }
    }

    @Test(arguments: [
        FeatureConfiguration.kaldiFilterBank(), .kaldiFilterBank(snipsEdges: false), .kaldiMFCC(), .beats(),
        .librosaMFCC(sampleRateHz: 16_000, decibelSpan: nil),
    ])
    func aHopMovesOneFrame(configuration: FeatureConfiguration) throws {
        let samples = noise(16_000)
        let extractor = try FeatureExtractor(configuration)
        let whole = try extractor(samples)
        let later = try extractor(Array(samples[configuration.layout.hopSamples...]))
        for t in 4..<later.frames - 4 {
            for f in 0..<later.features { #expect(abs(later[t, f] - whole[t + 1, f]) < 2e-3) }
        }
    }

    @Test(arguments: [0.5, 0.125] as [Float]) func loudnessIsAnOffset(gain: Float) throws {
        let samples = noise(3_200)
        let extractor = try FeatureExtractor(.kaldiFilterBank())
        let (loud, quiet) = (try extractor(samples), try extractor(samples.map { gain * $0 }))
        let offset = 2 * log(gain)
        for (a, b) in zip(loud.values, quiet.values) { #expect(abs(a + offset - b) < 1e-4) }
    }

    @Test func aConstantIsSilenceToKaldi() throws {
        let values = try FeatureExtractor(.kaldiFilterBank(scale: 1))([Float](repeating: 0.25, count: 800)).values
        #expect(values.allSatisfy { abs($0 - log(Float(0x1p-23))) < 1e-5 })
    }

    @Test func seamlessIsNormalised() throws {
        let features = try FeatureExtractor(.seamless())(noise(16_000))
        #expect(features.features == 160 && features.frames == 49)
        for band in 0..<80 {
            // Both halves of a stacked row are the same band, one frame apart.
            let values = (0..<features.frames).flatMap { [features[$0, band], features[$0, band + 80]] }
            #expect(abs(values.reduce(0, +) / Float(values.count)) < 1e-4)
        }
    }

    @Test func paddedWindowsEndInSilence() throws {
        let samples = noise(8_000)
        let padded = try FeatureExtractor(.whisper(extent: .padded(samples: 480_000)))(samples)
        #expect(padded.frames == 3_000)
        let floor = padded.values.max()! - 2
        for f in 0..<80 { #expect(padded[2_999, f] == padded[100, f] && abs(padded[100, f] - floor) < 1e-6) }
        let cut = try FeatureExtractor(.whisper(extent: .paddedThenCut(samples: 480_000)))(samples)
        #expect(cut.frames == 50)
        #expect(cut.values == Array(padded.values[..<(50 * 80)]))
    }

    @Test func longRecordingsAreCutToTheWindow() throws {
        let samples = noise(20_000)
        let cut = try FeatureExtractor(.whisper(extent: .padded(samples: 16_000)))(samples)
        #expect(cut == (try FeatureExtractor(.whisper())(Array(samples[..<16_000]))))
    }

    @Test(arguments: [
        (FeatureConfiguration.kaldiFilterBank(), 399), (.whisper(), 200), (.librosaMFCC(sampleRateHz: 16_000), 0),
        (.kaldiFilterBank(snipsEdges: false), 79), (.whisper(extent: .padded(samples: 16_000)), 0),
    ])
    func tooShortIsAnError(configuration: FeatureConfiguration, count: Int) throws {
        let extractor = try FeatureExtractor(configuration)
        let error = #expect(throws: SpectrogramError.self) { try extractor(noise(count)) }
        let errors = [
            SpectrogramError(expected: "at least \(count + 1) samples at 16000 Hz", got: "\(count)"),
            SpectrogramError(expected: "sound", got: "no samples"),
        ]
        #expect(error.map(errors.contains) == true, "\(String(describing: error))")
        #expect(throws: Never.self) { try extractor(noise(count + 1)) }
    }

    @Test func absurdSettingsAreErrors() {
        let cases: [(FeatureConfiguration, expected: String, got: String)] = [
            (.kaldiFilterBank(melBands: 0), "a number of mel bands from 1 to 1024", "0"),
            (.kaldiFilterBank(sampleRateHz: 30), "a hop length from 1 to 65536", "0"),
            (.linear(.power, sampleRateHz: 16_000, windowSamples: 401), "an even window", "401"),
            (.kaldiMFCC(coefficients: 24), "a number of coefficients from 1 to 23", "24"),
            (.whisper(extent: .padded(samples: 100)), "a padded length from 201 to 1073741824", "100"),
            (.ast(extent: .rows(0)), "a number of rows from 1 to 1048576", "0"),
            (.librosaMFCC(sampleRateHz: 16_000, hopSamples: 0), "a hop length from 1 to 65536", "0"),
        ]
        for (configuration, expected, got) in cases {
            let error = #expect(throws: SpectrogramError.self) { try FeatureExtractor(configuration) }
            #expect(error == SpectrogramError(expected: expected, got: got))
        }
    }
}

// Features against openai-whisper's, signal by signal.

import AudioFeatures
import GoldenFiles
import Tensors
import Testing

/// Where two feature matrices differ most.
struct Difference: CustomStringConvertible {
    var largest: Float = 0
    var frame = 0
    var feature = 0

    init(_ got: FeatureMatrix, _ expected: Tensor, features: Range<Int>? = nil) {
        precondition(expected.shape == [got.frames, got.features], "\(expected.shape), got \(got.frames)")
        for t in 0..<got.frames {
            for f in features ?? 0..<got.features {
                let difference = abs(got[t, f] - expected.values[t * got.features + f])
                // A NaN must not hide behind a comparison that is false.
                if !(difference <= largest) { (largest, frame, feature) = (difference, t, f) }
            }
        }
    }

    var description: String { "largest difference \(largest) at frame \(frame), feature \(feature)" }
}

@Suite struct GoldenSpectrogramTests {
    /// Single-precision transforms differ in the last bits, which shows where a band is 80 dB below the loudest.
    @Test(
        arguments: [
            ("speech", 2e-5), ("chirp", 1e-4), ("impulse", 1e-5), ("silence", 0), ("noise", 1e-5), ("noise128", 1e-5),
            ("short", 1e-5),
        ] as [(String, Float)])
    func equalsWhisper(name: String, tolerance: Float) throws {
        let samples = try Tensor(npy: GoldenFiles.path("features/\(name).samples.npy")).values
        let expected = try Tensor(npy: GoldenFiles.path("features/\(name).logmel.npy"))
        let logMel = try LogMelSpectrogram(SpectrogramConfiguration(melBands: expected.shape[1]))
        let difference = Difference(try logMel(samples), expected)
        #expect(difference.largest <= tolerance, "\(name): \(difference)")
    }

    /// 44.1 kHz stereo through libsoxr against SciPy; near 8 kHz the two filters may differ.
    @Test func equalsWhisperAfterResampling() throws {
        let recording = try Recording(contentsOf: GoldenFiles.path("features/resampled.wav"))
        let expected = try Tensor(npy: GoldenFiles.path("features/resampled.logmel.npy"))
        let features = try LogMelSpectrogram()(recording.samples)
        #expect(features.frames == expected.shape[0])
        let difference = Difference(features, expected, features: 0..<74)
        #expect(difference.largest <= 1e-3, "\(difference)")
    }

    @Test func sameBytesEveryTime() throws {
        let samples = try Tensor(npy: GoldenFiles.path("features/speech.samples.npy")).values
        let first = try LogMelSpectrogram()(samples)
        let second = try LogMelSpectrogram()(samples)
        #expect(first == second)
    }

    @Test func manyThreadsShareOne() async throws {
        let samples = try Tensor(npy: GoldenFiles.path("features/speech.samples.npy")).values
        let logMel = try LogMelSpectrogram()
        let alone = try logMel(samples)
        try await withThrowingTaskGroup(of: FeatureMatrix.self) { group in
            for _ in 0..<8 { group.addTask { try logMel(samples) } }
            for try await features in group { #expect(features == alone) }
        }
    }
}

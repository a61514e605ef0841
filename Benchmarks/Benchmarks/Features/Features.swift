// Half a minute of sound to features, on one thread; `Benchmarks/peers/features.py` times the references likewise.

import AudioFeatures
import Benchmark

/// 30 s of noise at 16 kHz, the same for the peers in length and loudness.
private let samples: [Float] = {
    var state: UInt64 = 7
    return (0..<480_000).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return 0.1 * Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
    }
}()

private let kinds: [(name: String, configuration: FeatureConfiguration)] = [
    ("whisper", .whisper()),
    ("whisper, 128 bands", .whisper(melBands: 128)),
    ("mfcc, 22.05 kHz", .librosaMFCC(sampleRateHz: 22_050)),
    ("kaldi-fbank", .kaldiFilterBank()),
    ("kaldi-mfcc", .kaldiMFCC()),
    ("power, 400 and 160", .linear(.power, sampleRateHz: 16_000, windowSamples: 400, hopSamples: 160)),
]

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .mallocCountTotal], warmupIterations: 5, scalingFactor: .one,
        maxDuration: .seconds(3), maxIterations: 300)

    for kind in kinds {
        Benchmark("\(kind.name), 30 s") { benchmark in
            let extractor = try FeatureExtractor(kind.configuration)
            _ = samples.count
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(try extractor(samples)) }
        }

        Benchmark("\(kind.name), 30 s, streamed by 100 ms") { benchmark in
            let extractor = try FeatureExtractor(kind.configuration)
            _ = samples.count
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations {
                var stream = extractor.stream()
                var rows: [Float] = []
                samples.withUnsafeBufferPointer { samples in
                    for start in stride(from: 0, to: samples.count, by: 1_600) {
                        // Rows are handed on as they come: memory stays constant.
                        rows.removeAll(keepingCapacity: true)
                        stream.append(.init(rebasing: samples[start..<start + 1_600]), into: &rows)
                    }
                }
                try stream.finish(into: &rows)
                blackHole(rows)
            }
        }
    }
}

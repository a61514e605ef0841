// Half a minute of sound to features, on one thread; `peers/features.py` sets these against the references' times.

import AudioFeatures
import Benchmark
import FeatureWork

private let work = FeatureWork()

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuUser], warmupIterations: 5, scalingFactor: .one,
        maxDuration: .seconds(3), maxIterations: 300)

    Benchmark("bare transforms, 3,000 of 400 samples") { benchmark in
        let bare = BareTransforms(work.samples, size: 400, hop: 160, count: 3_000)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { bare.run(3_000, distinct: true) }
    }

    for kind in FeatureWork.kinds {
        Benchmark("\(kind.name), 30 s") { benchmark in
            let extractor = try FeatureExtractor(kind.configuration)
            _ = work.samples.count
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(try work.whole(extractor)) }
        }

        Benchmark("\(kind.name), 30 s, streamed by 100 ms") { benchmark in
            let extractor = try FeatureExtractor(kind.configuration)
            var rows: [Float] = []
            _ = work.samples.count
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { try work.streamed(extractor, rows: &rows) }
            blackHole(rows)
        }
    }
}

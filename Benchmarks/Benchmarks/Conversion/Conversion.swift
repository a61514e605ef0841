// A three-second recording through the built-in pipeline: every stage by itself, and the whole.

import AudioFeatures
import Benchmark
import Sonoform

/// Files are found from this one: Benchmarks/Benchmarks/Conversion/Conversion.swift.
private let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    .joined(separator: "/")
/// "i would like a yellow lamp with a black shade", 2.94 s.
private let recordingPath = root + "/audio-samples/yellow-lamp.flac"
private let pipelinePath = root + "/Sources/Sonoform/Resources/built-in"

/// The stages whose seconds the pipeline itself measures.
private let stages: [(name: String, seconds: @Sendable (StageSeconds) -> Double)] = [
    ("features", { $0.features }), ("encode", { $0.encode }), ("project", { $0.project }),
    ("language", { $0.language }), ("generate", { $0.generate }),
]

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .peakMemoryResident], warmupIterations: 3, scalingFactor: .one,
        maxDuration: .seconds(5), maxIterations: 200)

    Benchmark("load the pipeline") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try Pipeline(directory: pipelinePath)) }
    }

    Benchmark("convert a 3 s recording, pipeline loaded") { benchmark in
        let pipeline = try Pipeline(directory: pipelinePath)
        let recording = try Recording(contentsOf: recordingPath)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            blackHole(try pipeline.convert(recording, source: recordingPath))
        }
    }

    for stage in stages {
        Benchmark(
            "stage \(stage.name)", configuration: .init(metrics: [.custom("microseconds", polarity: .prefersSmaller)])
        ) {
            benchmark in
            let pipeline = try Pipeline(directory: pipelinePath)
            let recording = try Recording(contentsOf: recordingPath)
            for _ in benchmark.scaledIterations {
                let seconds = try pipeline.convert(recording, source: recordingPath).seconds
                benchmark.measurement(
                    .custom("microseconds", polarity: .prefersSmaller), Int(stage.seconds(seconds) * 1e6))
            }
        }
    }
}

// The memory that conversions and features take: what Thresholds/ holds them to.

import AudioFeatures
import Benchmark
import FeatureWork
import Sonoform

/// Files are found from this one: Benchmarks/Benchmarks/Memory/Memory.swift.
private let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    .joined(separator: "/")
private let recordingPath = root + "/audio-samples/yellow-lamp.flac"

let benchmarks: @Sendable () -> Void = {
    // The most that the process ever held. A quarter either way is the machine's: its pages, its processor's kernels.
    Benchmark.defaultConfiguration = .init(
        metrics: [.peakMemoryResident], warmupIterations: 0, scalingFactor: .one, maxDuration: .seconds(5),
        maxIterations: 3, thresholds: [.peakMemoryResident: .init(relative: [.p90: 25])])

    // No spaces in names: the files of Thresholds/ are written under names without any, and looked for under these.
    Benchmark("convert-a-3-s-recording") { benchmark in
        var pipeline = try Pipeline(directory: root + "/Sources/Sonoform/Resources/built-in", precision: .f32)
        // What a product works on is a thread's own: on more cores it would be more.
        pipeline.threads = 1
        let recording = try Recording(contentsOf: recordingPath)
        for _ in benchmark.scaledIterations { blackHole(try pipeline.convert(recording, source: recordingPath)) }
    }

    Benchmark("stream-features-of-10-minutes") { benchmark in
        let (work, extractor) = (FeatureWork(seconds: 600), try FeatureExtractor(.whisper()))
        var rows: [Float] = []
        for _ in benchmark.scaledIterations { try work.streamed(extractor, rows: &rows) }
        blackHole(rows)
    }
}
